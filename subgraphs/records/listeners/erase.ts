/** `npm run erase -- --listener ID`: erases a listener and prints how many rows of each kind that changed. */
import { parseArgs } from "node:util";
import { listenerId } from "../../../schema/id.ts";
import { command } from "../command.ts";
import type { Database } from "../database/database.ts";
import { eraseListener } from "./erasure.ts";

const USAGE = "Usage: npm run erase -- --listener ID";

/** Gives the text to print. Rejects with an Error whose message is for the operator. */
export async function eraseCommand(database: Database, args: readonly string[]): Promise<string> {
  const listener = listenerOf(args);
  const erased = await eraseListener(database, listener);
  const changed = Object.entries(erased).filter(([, rows]) => rows > 0);
  if (changed.length === 0) throw new Error(`Cannot erase ${listener}: nothing is recorded of it`);
  return [`${listener} is erased`, ...changed.map(([name, rows]) => `  ${name} ${rows}`)].join("\n");
}

function listenerOf(args: readonly string[]): string {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { listener: { type: "string" } },
    allowPositionals: true,
  });
  if (values.listener === undefined || positionals.length > 0) throw new Error(USAGE);
  listenerId.check(values.listener, "--listener");
  return values.listener;
}

if (import.meta.main) await command({ assertUsage: listenerOf, run: eraseCommand });
