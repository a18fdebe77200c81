/** How is an id shown? By its kind and its first characters; the whole of it on hover, and in the clipboard on a click. */
import { OfferedLink } from "./offered-link.tsx";
import { useCopy } from "./use-copy.ts";

export interface IdProps {
  readonly value: string;
  /** Where it leads. Default: nowhere. */
  readonly href?: string | undefined;
}

const SHOWN = 8;

export function Id({ value, href }: IdProps) {
  const [isCopied, copy] = useCopy();
  const short = shortened(value);
  return (
    <span class="id" title={value}>
      <OfferedLink href={href} otherwise={<code>{short}</code>}>
        {short}
      </OfferedLink>
      <button type="button" class="plain" aria-label={`Copy ${short}`} onClick={() => copy(value)}>
        <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" aria-hidden="true">
          {isCopied ? <path d="m3 8.5 3.2 3.2L13 5" /> : <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />}
        </svg>
      </button>
      <span class="unseen" role="status">
        {isCopied ? "Copied" : ""}
      </span>
    </span>
  );
}

/** `campaign_45b09d9d-5b33-…` as `campaign 45b09d9d`. */
export function shortened(id: string): string {
  const [kind = "", ...parts] = id.split("_");
  if (parts.length === 0) return id;
  return `${kind} ${parts.map(shortenedPart).join("·")}`;
}

function shortenedPart(part: string): string {
  const own = ownIn(part) ?? part;
  return own.length > SHOWN + 2 && own === part ? part.slice(0, SHOWN) : own;
}

/** Of an id of Soundtrack, `Location,,30anv96c44i/Account,,…/` in Base64, what tells it apart: all begin and end alike. */
function ownIn(part: string): string | undefined {
  try {
    return /^[A-Za-z]+,,([^/]+)\//.exec(atob(part.replaceAll("~3d", "=")))?.[1];
  } catch {
    return undefined;
  }
}
