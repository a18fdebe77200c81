/** Do two processes have the same table? A digest of what decides its answers: not of its name, version or place. */
import { hash } from "node:crypto";
import type { Table } from "./table/table.ts";

/** Equal for tables of the same inputs, outputs and rules. */
export function digestOfTable({ hitPolicy, aggregator, inputs, outputs, rules }: Table): string {
  const columns = [inputs, outputs].map((side) => side.map(({ name, type, entries }) => [name, type, entries]));
  return hash("sha256", JSON.stringify([hitPolicy, aggregator, columns, rules]), "base64url").slice(0, 16);
}
