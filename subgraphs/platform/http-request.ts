/** How are the path, the query and the body of a request encoded? */

/** A list is a repeated parameter; `undefined` is omitted. */
export type Query = Readonly<Record<string, QueryValue>>;
type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;

export interface Content {
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

/** One percent-encoded path segment, so that an id never changes the path. */
export function segment(id: string): string {
  // encodeURIComponent keeps "." and "..", which would address a parent.
  return /^\.+$/.test(id) ? id.replaceAll(".", "%2E") : encodeURIComponent(id);
}

/** What nobody may see of a call: the words of its `authorization`, without the scheme, and secrets in its form. */
export function secretsOf({ form = {} }: Content, authorization: string | undefined): readonly string[] {
  const [, ...words] = authorization?.split(" ") ?? [];
  const fields = Object.entries(form).filter(([name]) => /secret|token|password|code/.test(name));
  return [...words, ...fields.map(([, value]) => value)];
}

/** `content` is its media type. */
export function bodyOf(call: Content): { readonly content?: string; readonly body?: string } {
  if (call.form) {
    return { content: "application/x-www-form-urlencoded", body: new URLSearchParams(call.form).toString() };
  }
  if (call.json !== undefined) return { content: "application/json", body: JSON.stringify(call.json) };
  return {};
}

/** With its question mark; empty without parameters. */
export function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of typeof value === "object" ? value : [value]) parameters.append(name, String(one));
  }
  return parameters.size === 0 ? "" : `?${parameters.toString()}`;
}
