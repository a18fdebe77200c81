/**
 * Who is told of events, and what were they not told?
 *
 *   npm run webhooks -- list         the endpoints of WEBHOOKS_FILE, and what waits or failed for each
 *   npm run webhooks -- test NAME    sends an event to an endpoint, signed as all others; needs no database
 *   npm run webhooks -- retry NAME   retries what an endpoint could not be told, also one that was gone
 */
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import type { WebhookClient } from "../../platform/webhook-client.ts";
import type { Endpoint } from "../../platform/webhooks-file.ts";
import type { Database } from "../database/database.ts";
import { openOutbox } from "../outbox/outbox.ts";
import { hasOutbox } from "../outbox/queues.ts";
import { backlogs, failedOf } from "./backlog.ts";
import type { Backlog } from "./backlog.ts";
import { goneEndpointRecords } from "./gone.ts";
import { queueOfEndpoint } from "./tell.ts";

const USAGE = "Usage: npm run webhooks -- list | test NAME | retry NAME";
/** Of no event that happened. */
export const TEST_TYPE = "webhook.test";

export interface WebhooksTools {
  /** Those of the file. */
  readonly endpoints: readonly Endpoint[];
  readonly withDatabase: (work: (database: Database) => Promise<string>) => Promise<string>;
  readonly connect: (endpoint: Endpoint) => WebhookClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Gives the text to print. Rejects with an Error whose message is for the operator. */
export async function webhooksCommand(args: readonly string[], tools: WebhooksTools): Promise<string> {
  const [verb, name, ...rest] = args;
  const { endpoints, withDatabase } = tools;
  if (verb === "list" && name === undefined) return withDatabase((database) => list(database, endpoints));
  if (name === undefined || rest.length > 0) throw new Error(USAGE);
  if (verb === "test") return test(endpointNamed(name, endpoints), tools);
  if (verb === "retry") return withDatabase((database) => retry(database, name, endpoints));
  throw new Error(USAGE);
}

async function test(endpoint: Endpoint, { connect, now }: WebhooksTools): Promise<string> {
  const client = connect(endpoint);
  const id = `test_${randomUUID()}`;
  try {
    await client.send({ id, type: TEST_TYPE, data: { endpoint: endpoint.name }, at: new Date(now()) });
  } finally {
    await client.close();
  }
  return `${endpoint.name} has accepted ${id}`;
}

async function list(database: Database, endpoints: readonly Endpoint[]): Promise<string> {
  const gone = goneEndpointRecords(database.db);
  const left = new Map((await backlogsOf(database)).map((backlog) => [backlog.endpoint, backlog]));
  const named = await Promise.all(
    endpoints.map(async (endpoint) => {
      const { name, url, events, fulfils } = endpoint;
      const since = await gone.since(endpoint);
      // Its path and its query may be secret.
      const parts = [name, new URL(url).origin, events.join(","), fulfils ? "fulfils" : "", goneText(since)];
      return linesOf(parts, left.get(name));
    }),
  );
  const others = [...left.values()].filter(({ endpoint }) => !endpoints.some(({ name }) => name === endpoint));
  return [
    `${endpoints.length} endpoint${endpoints.length === 1 ? "" : "s"}`,
    ...named.flat(),
    ...others.flatMap((backlog) => linesOf([backlog.endpoint, "not in WEBHOOKS_FILE"], backlog)),
  ].join("\n");
}

function goneText(since: Date | undefined): string {
  return since === undefined ? "" : `gone since ${since.toISOString()}`;
}

function linesOf(parts: readonly string[], backlog: Backlog | undefined): readonly string[] {
  const line = parts.filter((part) => part !== "").join("  ");
  if (!backlog) return [`${line}  nothing waits`];
  const { waiting, retrying, failed, since, error } = backlog;
  const counts = `${waiting} WAITING, ${retrying} RETRYING, ${failed} FAILED since ${since.toISOString()}`;
  return [line, `  ${counts}${error === null ? "" : `: ${error}`}`];
}

/** Also of one that the file does not name any more: it is told if it is named again. */
async function retry(database: Database, name: string, endpoints: readonly Endpoint[]): Promise<string> {
  const left = await backlogsOf(database);
  if (!left.some(({ endpoint }) => endpoint === name)) endpointNamed(name, endpoints);
  const failed = left.length === 0 ? [] : await failedOf(database, name);
  const outbox = await openOutbox({ database, log: pino({ enabled: false }), isSupervising: false });
  try {
    await database.transaction(async (tx) => {
      await goneEndpointRecords(tx).forget(name);
      for (const id of failed) await outbox.retry(tx, { queue: queueOfEndpoint(name), id });
    });
  } finally {
    await outbox.close();
  }
  return `${failed.length} event${failed.length === 1 ? "" : "s"} will be told to ${name} again`;
}

async function backlogsOf(database: Database): Promise<readonly Backlog[]> {
  return (await hasOutbox(database)) ? backlogs(database) : [];
}

function endpointNamed(name: string, endpoints: readonly Endpoint[]): Endpoint {
  const endpoint = endpoints.find((one) => one.name === name);
  if (endpoint) return endpoint;
  const names = endpoints.map((one) => one.name).join(", ");
  throw new Error(`There is no endpoint ${name} in WEBHOOKS_FILE, ${names === "" ? "nor any other" : `only ${names}`}`);
}
