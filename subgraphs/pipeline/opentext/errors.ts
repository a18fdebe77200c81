/**
 * Which message is in the body of an error that OpenText answers?
 *
 * Each layer has a format: the service `{message, exception}`, the Apigee gateway in front of it
 * `{fault: {faultstring, detail: {errorcode}}}`, a token endpoint `{error, error_description}` (RFC 6749), a proxy text or
 * an HTML page.
 */
import { z } from "zod";

/**
 * The message in a body (parsed JSON, or text), with all sent values removed; undefined where there is none. A value is
 * removed only as a word of its own, so `4` does not change `42`. A message that repeats a value in another form
 * (escaped, encoded, cut, in other letters or as another number) is replaced as a whole. A value that the service
 * reformats, such as a date in another time zone, is not recognised.
 */
export function readErrorMessage(body: unknown, sent: readonly unknown[] = []): string | undefined {
  const message = typeof body === "string" ? messageOfPage(body) : messageOfJson(body);
  const values = sent.map(String).filter((value) => value !== "");
  // The longest first: removing a shorter value inside a longer one would leave a rest that nothing matches.
  const rest = values.toSorted((left, right) => right.length - left.length).reduce(removeValue, message ?? "");
  return (values.some((value) => repeats(rest, value)) ? REPEATS : rest.slice(0, MAX_LENGTH)) || undefined;
}

const REPEATS = "its message repeats what was sent";
/** A longer value is recognised by so many of its characters: the message may have cut it. */
const RECOGNISED = 8;
/** Shorter ones are in every text. */
const MIN_RECOGNISED = 3;

function repeats(message: string, value: string): boolean {
  const [text, sent] = [plain(message), plain(value)];
  const number = Number(sent);
  if (Math.abs(number) >= 100 && numbersIn(text).includes(number)) return true;
  if (sent.length < MIN_RECOGNISED) return false;
  if (sent.length > RECOGNISED) return text.includes(sent.slice(0, RECOGNISED));
  return removeValue(text, sent) !== text;
}

function numbersIn(text: string): readonly number[] {
  return Array.from(text.matchAll(/-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?/g), ([found]) =>
    Number(found.replaceAll(",", "")),
  );
}

/** Without escapes, encodings, and differences of letters and blanks. */
function plain(text: string): string {
  return text
    .replaceAll(/(?:%[\da-f]{2})+/gi, (encoded) => Buffer.from(encoded.replaceAll("%", ""), "hex").toString())
    .replaceAll(/\\u([\da-f]{4})/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/&#x([\da-f]{1,6});/gi, (_all, code: string) => characterOf(Number.parseInt(code, 16)))
    .replaceAll(/&#(\d{1,7});/g, (_all, code: string) => characterOf(Number(code)))
    .replaceAll(/&(?:quot|apos|amp|lt|gt);/g, (entity) => ENTITIES[entity] ?? entity)
    .replaceAll(/\\(?=["'\\/])/g, "")
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s+]+/g, " ");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
};

function characterOf(code: number): string {
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : "";
}

/** The values that were sent as inputs; collections are flattened. */
export function valuesOf(inputs: readonly { readonly value: unknown }[]): readonly unknown[] {
  return inputs.flatMap(({ value }) => value);
}

const MAX_LENGTH = 300;

const text = z.string().optional().catch(undefined);
const ErrorReply = z.object({
  fault: z
    .object({ faultstring: z.string(), detail: z.object({ errorcode: text }).catch({}) })
    .optional()
    .catch(undefined),
  message: text,
  exception: text,
  error: text,
  error_description: text,
});

function messageOfJson(body: unknown): string | undefined {
  const reply = ErrorReply.safeParse(body).data;
  if (reply?.fault) return withCode(reply.fault.faultstring, reply.fault.detail.errorcode);
  if (reply?.exception) return reply.message ? `${reply.message}: ${reply.exception}` : reply.exception;
  return reply?.message ?? (reply?.error_description ? withCode(reply.error_description, reply.error) : reply?.error);
}

function withCode(message: string, code: string | undefined): string {
  return code === undefined ? message : `${message} (${code})`;
}

/** The title of a page, or the first line of a text. */
function messageOfPage(page: string): string | undefined {
  const trimmed = page.trim();
  return (trimmed.startsWith("<") ? /<title[^>]*>([^<]*)/i.exec(trimmed)?.[1] : trimmed.split("\n")[0])?.trim();
}

function removeValue(message: string, value: string): string {
  return message.replaceAll(value, (match, at: number, whole: string) => {
    const continuesBefore = isWord(match.charAt(0)) && isWord(whole.charAt(at - 1));
    const continuesAfter = isWord(match.charAt(match.length - 1)) && isWord(whole.charAt(at + match.length));
    return continuesBefore || continuesAfter ? match : "…";
  });
}

function isWord(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}
