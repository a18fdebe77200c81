/** How is a text taken along that is too long to read? It is copied by a button, and there to be selected. */
import { useState } from "preact/hooks";

export function Copyable({ label, text }: { readonly label: string; readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div class="copyable">
      <input readOnly aria-label={label} value={text} onFocus={({ currentTarget }) => currentTarget.select()} />
      <button type="button" onClick={() => void copy()}>
        {isCopied ? "Copied" : "Copy"}
      </button>
      <span class="unseen" role="status">
        {isCopied ? "Copied" : ""}
      </span>
    </div>
  );
}
