/** How is any text stored? PostgreSQL refuses NUL and lone surrogates, so they are replaced by U+FFFD. */

export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{FFFD}");
}
