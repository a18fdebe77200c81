/** How is a change asked for that has several parts? By a dialog with a field for each. */
import { useId, useState } from "preact/hooks";
import type { ChangeInput } from "../graph/use-change.ts";
import { ChangeDialog } from "./change-dialog.tsx";
import type { ChangeDialogProps } from "./change-dialog.tsx";
import { LAST_DAY } from "./day.ts";
import { EpisodeField } from "./episode-field.tsx";
import { inSmallLetters } from "./text.ts";

export interface FormField {
  readonly name: string;
  readonly label: string;
  /** Default: a line of text. */
  readonly kind?: "text" | "lines" | "date" | "episode";
  /** One of these; the first if nothing is chosen. */
  readonly choices?: readonly string[];
  readonly isOptional?: boolean;
  readonly placeholder?: string;
}

/** By the names of the fields; empty where nothing was said. */
export type FormValues = Readonly<Record<string, string>>;

export interface FormDialogProps<Data, Input extends ChangeInput> extends Pick<
  ChangeDialogProps<Data, Input>,
  "title" | "action" | "change" | "onDone" | "onClose"
> {
  readonly fields: readonly FormField[];
  readonly inputOf: (values: FormValues) => Input;
}

export function FormDialog<Data, Input extends ChangeInput>(props: FormDialogProps<Data, Input>) {
  const { fields, inputOf, ...dialog } = props;
  const [values, setValues] = useState<FormValues>(
    Object.fromEntries(fields.map(({ name, choices }) => [name, choices?.[0] ?? ""])),
  );
  return (
    <ChangeDialog
      {...dialog}
      input={() => inputOf(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()])))}
    >
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name] ?? ""}
          onValue={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
        />
      ))}
    </ChangeDialog>
  );
}

interface FieldProps {
  readonly field: FormField;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function Field({
  field: { label, kind = "text", choices, isOptional = false, placeholder },
  value,
  onValue,
}: FieldProps) {
  const id = useId();
  if (kind === "episode") return <EpisodeField label={label} value={value} onValue={onValue} />;
  return (
    <div class="field">
      <label for={id}>
        {label}
        {isOptional && ", if there is one"}
      </label>
      {choices && (
        <select id={id} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {inSmallLetters(choice)}
            </option>
          ))}
        </select>
      )}
      {!choices && kind === "lines" && (
        <textarea
          id={id}
          rows={3}
          required={!isOptional}
          placeholder={placeholder}
          value={value}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
        />
      )}
      {!choices && kind !== "lines" && (
        <input
          id={id}
          type={kind}
          max={kind === "date" ? LAST_DAY : undefined}
          required={!isOptional}
          placeholder={placeholder}
          value={value}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
        />
      )}
    </div>
  );
}

/** Of a text with commas or lines between them. */
export function itemsOf(text: string): readonly string[] {
  return text
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
