/**
 * How does a text come into the clipboard?
 *
 * By the browser's interface, which only pages have that came over TLS or from this machine; elsewhere as if somebody had marked
 * and copied it.
 */
import { useState } from "preact/hooks";

const SAID_MS = 1500;

/** Copies, and says for a while that it has. */
export function useCopy(): readonly [isCopied: boolean, copy: (text: string) => void] {
  const [isCopied, setCopied] = useState(false);
  const copy = async (text: string): Promise<void> => {
    if (!(await write(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  return [isCopied, (text) => void copy(text)];
}

async function write(text: string): Promise<boolean> {
  if (isSecureContext)
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  const give = (event: ClipboardEvent): void => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", give);
  // oxlint-disable-next-line typescript/no-deprecated -- there is nothing else without TLS
  const isDone = document.execCommand("copy");
  document.removeEventListener("copy", give);
  return isDone;
}
