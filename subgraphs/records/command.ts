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
import { endWithReader } from "../platform/stdout.ts";

export interface Command {
  /** Throws an Error for wrong arguments; called before the database is opened. */
  readonly assertUsage: (args: readonly string[]) => void;
  /** Gives the text to print. Rejects with an Error whose message is for the operator. */
  readonly run: (database: Database, args: readonly string[]) => Promise<string>;
}

export function command({ assertUsage, run }: Command): Promise<void> {
  return runCommand((args) => {
    assertUsage(args);
    return withDatabase((database) => run(database, args));
  });
}

/** For a command that does not always need the database. `run` as in Command; it may throw too. */
export async function runCommand(run: (args: readonly string[]) => Promise<string>): Promise<void> {
  endWithReader();
  try {
    process.stdout.write(`${await run(process.argv.slice(2))}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const { databaseUrl, directory } = readRecordSettings(variables);
  const database = await openDatabase({ url: databaseUrl, directory, log: pino({ enabled: false }) });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
