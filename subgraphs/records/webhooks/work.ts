/**
 * Who carries out the deliveries?
 *
 * Every process, as it does with other effects: each endpoint is a queue. So is one that the file named once, as long as there
 * is something to be told to it: that fails, where an operator sees it, instead of waiting for nobody.
 */
import { createWebhookClient } from "../../platform/webhook-client.ts";
import type { WebhookClient } from "../../platform/webhook-client.ts";
import type { Endpoint } from "../../platform/webhooks-file.ts";
import type { Database } from "../database/database.ts";
import type { Transact } from "../mutations/transact.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { backlogs } from "./backlog.ts";
import { deliveries, deliveriesToNobody } from "./delivery.ts";
import type { DeliveryHandler } from "./delivery.ts";
import { goneEndpointRecords } from "./gone.ts";
import { queueOfEndpoint } from "./tell.ts";

export interface DeliveryWork {
  readonly receivers: readonly Receiver[];
  readonly database: Pick<Database, "db">;
  readonly outbox: Pick<Outbox, "work">;
  readonly transact: Transact;
  readonly deliveryHandlers: readonly DeliveryHandler[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Receiver {
  readonly endpoint: Endpoint;
  readonly client: Pick<WebhookClient, "send">;
}

/** As the specification recommends: 15 to 30 seconds. */
const TIMEOUT_MS = 20_000;

export function createEndpointClient(endpoint: Endpoint, now: () => number): WebhookClient {
  const { name, url, secret, oldSecret } = endpoint;
  const field = `endpoints.${name}`;
  const settings = { secret: `${field}.secret`, url: `${field}.url` };
  return createWebhookClient({
    name: queueOfEndpoint(name),
    url,
    secret,
    oldSecret,
    settings,
    now,
    timeoutMs: TIMEOUT_MS,
  });
}

export async function workOnDeliveries(work: DeliveryWork): Promise<void> {
  const { receivers, database, outbox, transact, deliveryHandlers, now } = work;
  const gone = goneEndpointRecords(database.db);
  for (const { endpoint, client } of receivers) {
    const handlers = deliveries(endpoint, client, { gone, transact, deliveryHandlers, now });
    await outbox.work(queueOfEndpoint(endpoint.name), handlers);
  }
  const named = new Set(receivers.map(({ endpoint }) => endpoint.name));
  for (const { endpoint: name } of await backlogs(database)) {
    if (named.has(name)) continue;
    await outbox.work(queueOfEndpoint(name), deliveriesToNobody(name, { transact, deliveryHandlers }));
  }
}
