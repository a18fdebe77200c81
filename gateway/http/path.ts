/** Which path does the target of a request name, and what is behind it? A client may send the whole URL. */

export function pathOf(target: string): string {
  return target.replace(/^[a-z]+:\/\/[^/?]*/i, "").replace(/\?.*$/s, "");
}

/** Without the question mark. */
export function searchOf(target: string): string {
  const start = target.indexOf("?");
  return start < 0 ? "" : target.slice(start + 1);
}
