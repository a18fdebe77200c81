/**
 * How is an event delivered to an endpoint?
 *
 * By the outbox: 2xx is delivered, and what every other answer means is in outbox/failure.ts. Only 410 is final: the
 * endpoint is gone, and not called again before an operator says so. It gets an event twice where nobody knows whether it
 * has accepted it; both have the same id.
 */
import type { Logger } from "pino";
import { EVENT_TYPES } from "../../../schema/event-type.ts";
import type { EventType } from "../../../schema/event-type.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { GONE } from "../../platform/webhook-client.ts";
import type { WebhookClient } from "../../platform/webhook-client.ts";
import type { Endpoint } from "../../platform/webhooks-file.ts";
import type { Tx } from "../database/database.ts";
import type { Transact } from "../mutations/transact.ts";
import { FinalError, handler } from "../outbox/effect.ts";
import type { Attempt, Handler } from "../outbox/effect.ts";
import type { GoneEndpoints } from "./gone.ts";
import { deliveryKind, queueOfEndpoint } from "./tell.ts";
import type { StoredEvent } from "./tell.ts";

/** What the deliveries of one type of event change in the records. Idempotent. */
export interface DeliveryHandler {
  readonly type: EventType;
  accepted(tx: Tx, delivery: Delivery): Promise<void>;
  /** It could not be told, unless an operator retries it. */
  failed(tx: Tx, delivery: Delivery): Promise<void>;
}

export interface Delivery {
  /** The id in the graph of what the event is about. */
  readonly subject: string;
  /** The endpoint's name. */
  readonly endpoint: string;
}

export interface DeliveryTools {
  readonly gone: GoneEndpoints;
  readonly transact: Transact;
  readonly deliveryHandlers: readonly DeliveryHandler[];
  readonly now: () => number;
}

/** For the queue of an endpoint: one for each type of event. */
export function deliveries(
  endpoint: Pick<Endpoint, "name" | "url">,
  client: Pick<WebhookClient, "send">,
  tools: DeliveryTools,
): readonly Handler<never>[] {
  const { gone, now } = tools;
  const { name } = endpoint;
  return handlersOf(name, tools, async (type, { id, data, log }) => {
    const since = await gone.since(endpoint);
    if (since) throw new FinalError(`Cannot tell ${name}: it is gone since ${since.toISOString()}`);
    try {
      await client.send({ id, type, data: data.data, at: new Date(data.at) });
    } catch (error) {
      if (isGone(error)) await noteGone(log);
      throw error;
    }
  });

  async function noteGone(log: Logger): Promise<void> {
    await gone.note(endpoint, new Date(now()));
    log.error(
      { endpoint: name },
      `${queueOfEndpoint(name)} answered ${GONE}: it is gone, and is not told of any event until it has another URL or an operator retries it (npm run webhooks -- retry ${name})`,
    );
  }
}

/** For the queue of an endpoint that the file does not name any more: what it was to be told fails. */
export function deliveriesToNobody(
  name: string,
  tools: Pick<DeliveryTools, "transact" | "deliveryHandlers">,
): readonly Handler<never>[] {
  return handlersOf(name, tools, () => {
    throw new FinalError(`Cannot tell ${name}: the file of WEBHOOKS_FILE does not name it`);
  });
}

function handlersOf(
  name: string,
  { transact, deliveryHandlers }: Pick<DeliveryTools, "transact" | "deliveryHandlers">,
  deliver: (type: EventType, attempt: Attempt<StoredEvent>) => Promise<void>,
): readonly Handler<never>[] {
  return EVENT_TYPES.map((type) => {
    const changing = deliveryHandlers.filter((each) => each.type === type);
    const record = async (outcome: "accepted" | "failed", subject: string): Promise<void> => {
      if (changing.length === 0) return;
      await transact(async (tx) => {
        for (const each of changing) await each[outcome](tx, { subject, endpoint: name });
      });
    };
    return handler({
      kind: deliveryKind(name, type),
      isFinal: ({ status }) => status === GONE,
      async perform(attempt) {
        await deliver(type, attempt);
        await record("accepted", attempt.subject);
      },
      failed: ({ subject }) => record("failed", subject),
    });
  });
}

function isGone(error: unknown): boolean {
  return error instanceof UpstreamError && error.status === GONE;
}
