/** Which texts does PostgreSQL not take? Those with NUL, or with half of a pair of surrogates. */

/** With something else in the place of what cannot be stored. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{FFFD}");
}
