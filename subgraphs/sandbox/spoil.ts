/**
 * How does an answer get a field that the real upstream has never been seen to have?
 *
 * A path of names and places in lists leads to it: `campaigns.1.name`; `*` stands for all of them. With a value the field
 * gets that value, also null; without one it is taken away. Where an answer has no such field it stays as it is.
 */
import { z } from "zod";

export const SpoilSchema = z.strictObject({ path: z.string().min(1), value: z.json().optional() });
export type Spoil = z.infer<typeof SpoilSchema>;

/** A changed copy; unchanged parts are shared with the original. */
export function spoiled(body: unknown, { path, value }: Spoil): unknown {
  return changed(body, path.split("."), value);
}

function changed(body: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined || typeof body !== "object" || body === null) return body;
  const isAt = (name: string | number): boolean => step === "*" || step === String(name);
  const inside = (inner: unknown): unknown => (rest.length === 0 ? value : changed(inner, rest, value));
  if (Array.isArray(body)) {
    const items = body.map((inner: unknown, index) => (isAt(index) ? inside(inner) : inner));
    return rest.length === 0 && value === undefined ? items.filter((_inner, index) => !isAt(index)) : items;
  }
  const fields = Object.entries(body).map(([name, inner]) => [name, isAt(name) ? inside(inner) : inner] as const);
  return Object.fromEntries(fields.filter(([, inner]) => inner !== undefined));
}
