/** How is something asked for that has several parts? By a dialog with a field for each; what is wrong with them is said there. */
import { useId, useState } from "preact/hooks";
import type { GraphError } from "../graph/client.ts";
import { Dialog, DialogFoot } from "./dialog.tsx";
import { Refusal } from "./refusal.tsx";

export interface FormField {
  readonly name: string;
  readonly label: string;
  /** Default: a line of text. */
  readonly kind?: "text" | "lines" | "date";
  /** One of these; the first if nothing is chosen. */
  readonly choices?: readonly string[];
  readonly isOptional?: boolean;
  readonly placeholder?: string;
}

export interface FormDialogProps {
  readonly title: string;
  readonly action: string;
  readonly fields: readonly FormField[];
  readonly isRunning: boolean;
  readonly errors: readonly GraphError[];
  /** By the names of the fields; empty where nothing was said. */
  readonly onSend: (values: Readonly<Record<string, string>>) => void;
  readonly onClose: () => void;
}

export function FormDialog({ title, action, fields, isRunning, errors, onSend, onClose }: FormDialogProps) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>(
    Object.fromEntries(fields.map(({ name, choices }) => [name, choices?.[0] ?? ""])),
  );
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          onSend(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()])));
        }}
      >
        {fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            onValue={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
          />
        ))}
        <Refusal errors={errors} />
        <DialogFoot action={action} isRunning={isRunning} onClose={onClose} />
      </form>
    </Dialog>
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
              {choice.toLowerCase().replaceAll("_", " ")}
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
