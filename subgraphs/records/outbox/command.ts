/**
 * Which effects failed, and what happens to them?
 *
 *   npm run outbox -- list [--status FAILED]    effects of a status, newest first; FAILED by default. RETRYING are those
 *                                               that wait for an upstream or for an operator, with why and until when
 *   npm run outbox -- retry ID                  retries a failed effect as soon as a worker is free
 *   npm run outbox -- retry --upstream NAME     retries those that an upstream failed, such as spotify-web
 *   npm run outbox -- retry --all               retries all failed effects
 *   npm run outbox -- drop ID                   deletes a failed effect and unblocks the later ones on its subject
 */
import { parseArgs } from "node:util";
import { pino } from "pino";
import { effectId } from "../../../schema/id.ts";
import type { Database } from "../database/database.ts";
import { EffectStatus, effectById, effectRecords } from "./effect-records.ts";
import type { EffectRecord } from "./effect-records.ts";
import { openOutbox } from "./outbox.ts";
import { hasOutbox } from "./queues.ts";

const USAGE =
  "Usage: npm run outbox -- list [--status FAILED] | retry ID | retry --upstream NAME | retry --all | drop ID";
const MAX_LISTED = 100;

export type OutboxRequest =
  | { readonly verb: "list"; readonly status: EffectStatus }
  | { readonly verb: "retry" | "drop"; readonly id: string }
  /** undefined: of all upstreams, and of none. */
  | { readonly verb: "retryAll"; readonly upstream: string | undefined };

/** Gives the text to print. Rejects with an Error whose message is for the operator. `upstreams`: the names of all. */
export async function outboxCommand(
  database: Database,
  args: readonly string[],
  upstreams: readonly string[],
): Promise<string> {
  const request = outboxRequest(args, upstreams);
  if (!(await hasOutbox(database))) {
    throw new Error("Cannot read the outbox: Decibel has not started on this database yet");
  }
  if (request.verb === "list") return list(database, request.status);
  if (request.verb === "retryAll") return retryAll(database, request.upstream);
  return resolve(database, request.verb, request.id);
}

/** Throws an Error for wrong arguments. */
export function outboxRequest(args: readonly string[], upstreams: readonly string[]): OutboxRequest {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { status: { type: "string" }, upstream: { type: "string" }, all: { type: "boolean" } },
    allowPositionals: true,
  });
  const [verb, id, ...rest] = positionals;
  const { status, upstream, all } = values;
  if (upstream !== undefined || all === true) {
    const isOne = (upstream === undefined) === (all === true) && status === undefined;
    if (verb !== "retry" || id !== undefined || !isOne) throw new Error(USAGE);
    if (upstream !== undefined && !upstreams.includes(upstream)) {
      throw new Error(`--upstream is one of ${upstreams.join(", ")}, but got ${upstream}`);
    }
    return { verb: "retryAll", upstream };
  }
  if (verb === "list" && id === undefined) return { verb, status: statusOf(status ?? EffectStatus.FAILED) };
  const hasOneId = id !== undefined && rest.length === 0 && status === undefined;
  if ((verb === "retry" || verb === "drop") && hasOneId) {
    effectId.check(id);
    return { verb, id };
  }
  throw new Error(USAGE);
}

function statusOf(text: string): EffectStatus {
  const status = Object.values(EffectStatus).find((each) => each === text);
  if (status) return status;
  throw new Error(`--status is one of ${Object.values(EffectStatus).join(", ")}, but got ${text}`);
}

async function list(database: Database, status: EffectStatus): Promise<string> {
  const effects = effectRecords(database);
  const [listed, total] = await Promise.all([
    effects.list({ status }, { limit: MAX_LISTED, after: undefined }),
    effects.count({ status }),
  ]);
  const rest = total > listed.length ? [`… and ${total - listed.length} more`] : [];
  return [`${total} ${status}`, ...listed.map(lineOf), ...rest].join("\n");
}

async function retryAll(database: Database, upstream: string | undefined): Promise<string> {
  const failed = await effectRecords(database).failed(upstream);
  const outbox = await openOutbox({ database, log: pino({ enabled: false }), isSupervising: false });
  try {
    for (const effect of failed) await database.transaction((tx) => outbox.retry(tx, effect));
  } finally {
    await outbox.close();
  }
  return `${failed.length} effect${failed.length === 1 ? "" : "s"} will be retried`;
}

async function resolve(database: Database, verb: "retry" | "drop", id: string): Promise<string> {
  const effect = await effectById(database.db, effectId.decode(id)[0]);
  if (!effect) throw new Error(`Cannot ${verb} ${id}: it does not exist`);
  if (effect.status !== EffectStatus.FAILED) throw new Error(`Cannot ${verb} ${id}: it is ${effect.status}`);
  const outbox = await openOutbox({ database, log: pino({ enabled: false }), isSupervising: false });
  try {
    await database.transaction((tx) => outbox[verb](tx, effect));
  } finally {
    await outbox.close();
  }
  return verb === "retry" ? `${id} will be retried` : `${id} is dropped`;
}

function lineOf({ id, kind, subject, attempts, error, detail, createdAt, nextAt }: EffectRecord): string {
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const next = nextAt && `next ${nextAt.toISOString()}`;
  return [effectId.encode(id), createdAt.toISOString(), kind, subject, tries, error, detail, next]
    .filter((part) => part !== null && part !== "")
    .join("  ");
}
