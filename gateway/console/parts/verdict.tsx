/** What was decided? Each verdict has a colour, a shape and its word, so that no one of them has to be seen. */
import type { Verdict as Value } from "../generated/operations.ts";

const SHAPES: Readonly<Record<Value, string>> = {
  ALLOW: "M5 0a5 5 0 1 0 0 10A5 5 0 0 0 5 0Z",
  REVIEW: "M5 -0.4 10.4 5 5 10.4 -0.4 5Z",
  DENY: "M0.4 0.4h9.2v9.2h-9.2Z",
};

/** Where there is no room for the word. */
export function VerdictShape({ value }: { readonly value: Value | null }) {
  if (value === null) return null;
  return (
    <svg class={`shape ${value.toLowerCase()}`} viewBox="0 0 10 10" role="img" aria-label={value}>
      <path d={SHAPES[value]} />
    </svg>
  );
}

export function Verdict({ value, isLarge = false }: { readonly value: Value | null; readonly isLarge?: boolean }) {
  const size = isLarge ? " large" : "";
  if (value === null) return <span class={`verdict neutral${size}`}>UNDECIDED</span>;
  return (
    <span class={`verdict ${value.toLowerCase()}${size}`}>
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <path d={SHAPES[value]} />
      </svg>
      {value}
    </span>
  );
}
