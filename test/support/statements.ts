/** Which SQL statements does this process send to a PostgreSQL server? For tests that bound their number. */
import { Client } from "pg";
import { vi } from "vitest";

/** The texts of the statements that match, sent while `work` runs. Empty with an embedded database. */
export async function statementsOf(pattern: RegExp, work: () => Promise<unknown>): Promise<readonly string[]> {
  const query = vi.spyOn(Client.prototype, "query");
  try {
    await work();
    return query.mock.calls.map(([config]) => textOf(config)).filter((text) => pattern.test(text));
  } finally {
    query.mockRestore();
  }
}

function textOf(config: unknown): string {
  if (typeof config === "string") return config;
  return typeof config === "object" && config !== null && "text" in config ? String(config.text) : "";
}
