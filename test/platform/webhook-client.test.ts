/** The client of webhooks: signed, to one URL, and nothing of the answer but its status. */
import { afterEach, describe, expect, it } from "vitest";
import { createWebhookClient } from "../../subgraphs/platform/webhook-client.ts";
import type { WebhookClientOptions } from "../../subgraphs/platform/webhook-client.ts";
import { secretOf, startReceiver } from "../support/receiver.ts";
import { failure } from "../support/sandbox-control.ts";

const NOW = Date.parse("2026-03-10T12:00:00Z");
const [SECRET, OLD] = [secretOf(1), secretOf(2)];
const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

const EVENT = { id: "effect_1", type: "case.routed", data: { queue: "billing-é" }, at: new Date(NOW - 9000) };

async function start(secret = SECRET, options: Partial<WebhookClientOptions> = {}) {
  const receiver = await startReceiver(secret);
  const settings = { secret: "the secret", url: "the URL" };
  const target = { name: "webhook-desk", url: receiver.url, secret: SECRET, settings };
  const client = createWebhookClient({ ...target, now: () => NOW, ...options });
  open.push(receiver, client);
  return { receiver, client };
}

describe("a webhook", () => {
  it("has an id, the time of its attempt, and a signature that a receiver verifies by itself", async () => {
    const { receiver, client } = await start();
    await client.send(EVENT);
    expect(receiver.deliveries).toEqual([
      {
        id: "effect_1",
        sentAt: NOW / 1000,
        type: "case.routed",
        timestamp: "2026-03-10T11:59:51.000Z",
        data: { queue: "billing-é" },
        status: 204,
        url: "/hooks?team=7",
      },
    ]);
  });

  it.each([
    ["the new secret", SECRET],
    ["the old one", OLD],
  ])("is accepted while the secret changes by a receiver that has %s", async (_what, secret) => {
    const { receiver, client } = await start(secret, { oldSecret: OLD });
    await client.send(EVENT);
    expect(receiver.accepted()).toHaveLength(1);
  });

  it("follows no redirection", async () => {
    const other = await startReceiver(SECRET);
    open.push(other);
    const { receiver, client } = await start();
    receiver.behave({ status: 307, headers: { location: other.url } });
    expect(await failure(client.send(EVENT))).toMatchObject({ failure: "STATUS", status: 307 });
    expect(other.deliveries).toEqual([]);
  });

  it.each([400, 404, 410, 422, 500, 503])("keeps nothing of an answer of %i but its status", async (status) => {
    const { receiver, client } = await start();
    receiver.behave({ status, body: '{"error":"planted"}', headers: { "content-type": "application/json" } });
    const error = await failure(client.send(EVENT));
    expect(error).toMatchObject({ status });
    expect(error).not.toHaveProperty("detail", expect.anything());
    expect(error.message).not.toContain("planted");
    expect(receiver.deliveries).toHaveLength(1);
  });

  it.each([401, 403])("that is answered with %i asks for the secret to be renewed", async (status) => {
    const { receiver, client } = await start();
    receiver.behave({ status });
    expect(await failure(client.send(EVENT))).toMatchObject({ status, renew: ["the secret"] });
  });

  it("is given up where the receiver is too slow", async () => {
    const { receiver, client } = await start(SECRET, { timeoutMs: 50 });
    receiver.behave({ latencyMs: 1000 });
    expect(await failure(client.send(EVENT))).toMatchObject({ failure: "TIMEOUT" });
  });
});
