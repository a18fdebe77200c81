/** How is a fact edited? By what fits its type; nothing means that it is not known, which is a value of its own to rules. */
import { useState } from "preact/hooks";
import type { Fact, Table, Variable } from "../../../subgraphs/pipeline/table/table.ts";

export interface FactFieldProps {
  readonly input: Variable;
  readonly value: Fact;
  /** What is wrong with it. */
  readonly problem: string | undefined;
  /** Values of its cells. */
  readonly listId: string;
  readonly onValue: (value: Fact) => void;
}

export function FactField({ input: { label, type }, value, problem, listId, onValue }: FactFieldProps) {
  const common = {
    "aria-label": label,
    "aria-invalid": problem === undefined ? undefined : ("true" as const),
    title: problem ?? label,
  };
  if (type === "boolean") {
    return (
      <select
        {...common}
        value={value === null ? "" : String(value)}
        onChange={({ currentTarget: { value: text } }) => onValue(text === "" ? null : text === "true")}
      >
        <option value="">not known</option>
        <option value="true">yes</option>
        <option value="false">no</option>
      </select>
    );
  }
  if (type === "collection") return <CollectionField {...common} listId={listId} value={value} onValue={onValue} />;
  return (
    <input
      {...common}
      type={type === "number" ? "number" : type === "date" ? "date" : "text"}
      step="any"
      list={type === "string" ? listId : undefined}
      placeholder="not known"
      value={value === null ? "" : String(value)}
      onInput={({ currentTarget: { value: text } }) =>
        onValue(text === "" ? null : type === "number" ? Number(text) : text)
      }
    />
  );
}

interface CollectionFieldProps extends Pick<FactFieldProps, "listId" | "value" | "onValue"> {
  readonly "aria-label": string;
}

/** The text stays as it is typed: a comma may be followed by more. */
function CollectionField({ listId, value, onValue, ...common }: CollectionFieldProps) {
  const [text, setText] = useState<string>();
  const written = Array.isArray(value) ? value.join(", ") : "";
  return (
    <input
      {...common}
      type="text"
      list={listId}
      placeholder={value === null ? "not known" : "none"}
      value={text ?? written}
      onInput={({ currentTarget: { value: typed } }) => {
        setText(typed);
        const items = typed.split(",").map((item) => item.trim());
        onValue(typed.trim() === "" ? null : items.filter((item) => item !== ""));
      }}
      onBlur={() => setText(undefined)}
    />
  );
}

/** Of an input: the values that its author listed, and those of its cells. */
export function suggestions({ rules, inputs }: Table, column: number): readonly string[] {
  const ofCells = rules.flatMap(({ conditions }) => conditions[column]?.test.values ?? []);
  return [...new Set([...(inputs[column]?.entries ?? []), ...ofCells.map(String)])].toSorted();
}
