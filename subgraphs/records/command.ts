/**
 * How does a command-line program over the records run?
 *
 * It checks its arguments, opens the database that the environment names, prints its result and closes the database. An
 * error goes to stderr as one message, with exit code 1.
 */
import { pino } from "pino";
import { readRecordSettings, variables } from "../platform/environment.ts";
import type { Database } from "./database/database.ts";
import { openDatabase } from "./database/open.ts";

export interface Command {
  /** Throws an Error for wrong arguments; called before the database is opened. */
  readonly assertUsage: (args: readonly string[]) => void;
  /** Gives the text to print. Rejects with an Error whose message is for the operator. */
  readonly run: (database: Database, args: readonly string[]) => Promise<string>;
}

export async function command({ assertUsage, run }: Command): Promise<void> {
  const args = process.argv.slice(2);
  try {
    assertUsage(args);
    const { databaseUrl, directory } = readRecordSettings(variables);
    const database = await openDatabase({ url: databaseUrl, directory, log: pino({ enabled: false }) });
    try {
      process.stdout.write(`${await run(database, args)}\n`);
    } finally {
      await database.close();
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
