/**
 * Which of many have a name that somebody searches for?
 *
 * Those whose name contains the words as they are written, whatever their case and accents: `casino` finds `Casinò`. The
 * upstreams have no such search, so the list is read to its end, as for every other filter of it.
 */
import { badUserInput } from "../../schema/errors.ts";

/** In characters. */
const LONGEST = 200;

export const SEARCH = "those whose name contains this, whatever its case and its accents";

/** One without a name is not named. */
export type IsNamed = (name: string | null) => boolean;

/** Undefined where nothing is searched. Throws BAD_USER_INPUT for a text of more than 200 characters. */
export function searchFor(search: string | null): IsNamed | undefined {
  const words = folded(search ?? "");
  if (words === "") return undefined;
  if (words.length > LONGEST) throw badUserInput(`Cannot list: search has at most ${LONGEST} characters`, "search");
  return (name) => name !== null && folded(name).includes(words);
}

function folded(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().trim();
}
