/** How is a text taken along that is too long to read? It is copied by a button, and there to be selected. */
import { useCopy } from "./use-copy.ts";

export function Copyable({ label, text }: { readonly label: string; readonly text: string }) {
  const [isCopied, copy] = useCopy();
  return (
    <div class="copyable">
      <input readOnly aria-label={label} value={text} onFocus={({ currentTarget }) => currentTarget.select()} />
      <button type="button" onClick={() => copy(text)}>
        {isCopied ? "Copied" : "Copy"}
      </button>
      <span class="unseen" role="status">
        {isCopied ? "Copied" : ""}
      </span>
    </div>
  );
}
