/**
 * `npm run outbox`: what upstreams were not told, and what shall become of it?
 *
 *   npm run outbox -- list [--status FAILED]    what there is, the newest first; failed ones where no status is named
 *   npm run outbox -- retry ID                  tries again what failed, as soon as somebody works on it
 *   npm run outbox -- drop ID                   forgets what failed: the later effects on its subject go on without it
 */
import { parseArgs } from "node:util";
import { pino } from "pino";
import { effectId } from "../../../schema/id.ts";
import { readRecordSettings, variables } from "../../platform/environment.ts";
import { openDatabase } from "../database/open.ts";
import type { Database } from "../database/database.ts";
import { EffectStatus, effectById, effectRecords } from "./effect-records.ts";
import type { EffectRecord } from "./effect-records.ts";
import { openOutbox } from "./outbox.ts";

const USAGE = "Usage: npm run outbox -- list [--status FAILED] | retry ID | drop ID";
const MOST_SHOWN = 100;

/** Gives what is to be printed. Throws an Error in words for whoever typed it. */
export async function outboxCommand(database: Database, given: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...given],
    options: { status: { type: "string" } },
    allowPositionals: true,
  });
  const [verb = "", id, ...others] = positionals;
  if (others.length > 0) throw new Error(USAGE);
  if (verb === "list" && id === undefined) return list(database, values.status ?? EffectStatus.FAILED);
  if (id === undefined || values.status !== undefined) throw new Error(USAGE);
  if (verb === "retry") return resolveEffect(database, id, "retry", "is tried again");
  if (verb === "drop") return resolveEffect(database, id, "drop", "is dropped");
  throw new Error(USAGE);
}

async function list(database: Database, wanted: string): Promise<string> {
  const status = Object.values(EffectStatus).find((known) => known === wanted);
  if (!status) throw new Error(`--status is one of ${Object.values(EffectStatus).join(", ")}, but got ${wanted}`);
  const effects = effectRecords(database);
  const [shown, total] = await Promise.all([
    effects.list(status, { limit: MOST_SHOWN, after: undefined }),
    effects.count(status),
  ]);
  const rest = total > shown.length ? [`… and ${total - shown.length} more`] : [];
  return [`${total} ${status}`, ...shown.map(lineOf), ...rest].join("\n");
}

async function resolveEffect(database: Database, given: string, verb: "retry" | "drop", done: string): Promise<string> {
  const [id] = effectId.decode(given);
  const effect = await effectById(database.db, id);
  if (!effect) throw new Error(`there is no effect ${given}`);
  if (effect.status !== EffectStatus.FAILED) throw new Error(`${given} has not failed: it is ${effect.status}`);
  const outbox = await openOutbox({ database, log: pino({ enabled: false }), isSupervising: false });
  try {
    await outbox[verb](effect.queue, id);
  } finally {
    await outbox.close();
  }
  return `${given} ${done}`;
}

function lineOf({ id, kind, subject, attempts, error, detail, createdAt }: EffectRecord): string {
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return [effectId.encode(id), createdAt.toISOString(), kind, subject, tries, error ?? "", detail ?? ""]
    .join("  ")
    .trimEnd();
}

async function main(): Promise<void> {
  const { databaseUrl, directory } = readRecordSettings(variables);
  const log = pino({ enabled: false });
  const database = await openDatabase({ url: databaseUrl, directory, log });
  try {
    process.stdout.write(`${await outboxCommand(database, process.argv.slice(2))}\n`);
  } finally {
    await database.close();
  }
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
