/** Which filters are set? They are in the URL, so that a link, a bookmark and the way back have them too. */
import { useId, useState } from "preact/hooks";
import { useSearchParams } from "wouter-preact";

export type Filters = Readonly<Record<string, string>>;

export interface UsedFilters {
  readonly filters: Filters;
  readonly set: (name: string, value: string) => void;
  readonly clear: () => void;
}

/** The page that is left stays the one before: typing is no way to go back. */
export function useFilters(): UsedFilters {
  const [search, setSearch] = useSearchParams();
  return {
    filters: Object.fromEntries([...search].filter(([, value]) => value !== "")),
    set: (name, value) =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      ),
    clear: () => setSearch(new URLSearchParams(), { replace: true }),
  };
}

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export function TextField({
  label,
  value,
  onValue,
  placeholder,
  isSearch = false,
}: FieldProps & { readonly placeholder?: string; readonly isSearch?: boolean }) {
  const id = useId();
  // A blank at the end is the beginning of another word.
  const [text, setText] = useState(value);
  return (
    <div class="field grow">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="search"
        value={text.trim() === value ? text : value}
        placeholder={placeholder}
        data-search={isSearch ? "" : undefined}
        autoComplete="off"
        // It is in the URL, and servers take so much of one.
        maxLength={200}
        spellcheck={false}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          onValue(currentTarget.value.trim());
        }}
      />
    </div>
  );
}

export interface SelectFieldProps extends FieldProps {
  readonly choices: readonly string[];
  /** Default: the choice itself. */
  readonly textOf?: (choice: string) => string;
}

export function SelectField({ label, value, onValue, choices, textOf = (choice) => choice }: SelectFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {textOf(choice)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** One of the choices, or none of them, which reads as `none`. */
export function FilterField(props: SelectFieldProps & { readonly none?: string }) {
  const { choices, textOf = (choice) => choice, none = "all", ...field } = props;
  return (
    <SelectField {...field} choices={["", ...choices]} textOf={(choice) => (choice === "" ? none : textOf(choice))} />
  );
}
