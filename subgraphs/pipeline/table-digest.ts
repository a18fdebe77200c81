/** Is it the same table? Of two digests, one is of what decides its answers, the other of everything that its file says. */
import { hash } from "node:crypto";
import { canonicalJson } from "../platform/canonical-json.ts";
import type { Table } from "./table/table.ts";

/** Equal for tables of the same inputs, outputs and rules, whatever their names, versions or places. */
export function digestOfTable({ hitPolicy, aggregator, inputs, outputs, rules }: Table): string {
  const columns = [inputs, outputs].map((side) => side.map(({ name, type, entries }) => [name, type, entries]));
  return hash("sha256", JSON.stringify([hitPolicy, aggregator, columns, rules]), "base64url").slice(0, 16);
}

/** Equal for files that say the same, whatever their formatting: SHA-256, hexadecimal. `text` is JSON. */
export function digestOfContent(text: string): string {
  return hash("sha256", canonicalJson(JSON.parse(text)));
}
