/**
 * What does OpenText say of a request it turns down?
 *
 * Three speakers, three spellings: the service says `{message, exception}`, the Apigee gateway in front of it
 * `{fault: {faultstring, detail: {errorcode}}}`, a token endpoint by RFC 6749 `{error, error_description}`. Whatever is
 * in front of them all answers text or a page.
 */
import { z } from "zod";

/**
 * The words of an error's body (parsed JSON, or text) without what was sent; undefined where it has none. A value is cut
 * out where it stands by itself, so that `4` leaves `campaign_4` alone; one that the service respells (a date in another
 * zone, say) is not recognised.
 */
export function readErrorWords(body: unknown, sent: readonly unknown[] = []): string | undefined {
  const words = typeof body === "string" ? wordsOfPage(body) : wordsOfJson(body);
  const values = sent.map(String).filter((value) => value !== "");
  // The longest first: cut short, it would leave a rest that nothing matches.
  return (
    values
      .toSorted((left, right) => right.length - left.length)
      .reduce(cutOut, words ?? "")
      .slice(0, MAX_WORDS) || undefined
  );
}

/** What the inputs of evaluations sent. */
export function valuesOf(inputs: readonly { readonly value: unknown }[]): readonly unknown[] {
  return inputs.flatMap(({ value }) => value);
}

/** More than this explains nothing more. */
const MAX_WORDS = 300;

const text = z.string().optional().catch(undefined);
const Said = z.object({
  fault: z
    .object({ faultstring: z.string(), detail: z.object({ errorcode: text }).catch({}) })
    .optional()
    .catch(undefined),
  message: text,
  exception: text,
  error: text,
  error_description: text,
});

function wordsOfJson(body: unknown): string | undefined {
  const said = Said.safeParse(body).data;
  if (said?.fault) return withCode(said.fault.faultstring, said.fault.detail.errorcode);
  if (said?.exception) return said.message ? `${said.message}: ${said.exception}` : said.exception;
  return said?.message ?? (said?.error_description ? withCode(said.error_description, said.error) : said?.error);
}

function withCode(words: string, code: string | undefined): string {
  return code === undefined ? words : `${words} (${code})`;
}

/** The title of a page, the first line of a text. */
function wordsOfPage(page: string): string | undefined {
  const trimmed = page.trim();
  return (trimmed.startsWith("<") ? /<title[^>]*>([^<]*)/i.exec(trimmed)?.[1] : trimmed.split("\n")[0])?.trim();
}

function cutOut(words: string, value: string): string {
  return words.replaceAll(value, (found, at: number, whole: string) => {
    const goesOnBefore = isWord(found.charAt(0)) && isWord(whole.charAt(at - 1));
    const goesOnAfter = isWord(found.charAt(found.length - 1)) && isWord(whole.charAt(at + found.length));
    return goesOnBefore || goesOnAfter ? found : "…";
  });
}

function isWord(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}
