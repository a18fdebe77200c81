/** `npm run ledger`: see ledger-command.ts. */
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import process from "node:process";
import { readLedgerKeys, variables } from "../../platform/environment.ts";
import { withDatabase } from "../command.ts";
import { ledgerCommand } from "./ledger-command.ts";
import { endWithReader } from "../../platform/stdout.ts";

endWithReader();
try {
  process.exitCode = await ledgerCommand(process.argv.slice(2), {
    ownKeys: () => readLedgerKeys(variables),
    readFile: (path) => readFile(path, "utf8"),
    withDatabase,
    write: async (text) => {
      if (!process.stdout.write(text)) await once(process.stdout, "drain");
    },
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
