/**
 * The CRM: signatures, leads, and its sandbox. Over 200 lines, because client and sandbox are tested with the same
 * webhooks.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { SANDBOX_SECRET, createCrmSandbox } from "../../../subgraphs/sandbox/crm/server.ts";
import type { CrmSandboxOptions } from "../../../subgraphs/sandbox/crm/server.ts";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createCrm } from "../../../subgraphs/sources/crm/client.ts";
import type { CrmOptions } from "../../../subgraphs/sources/crm/client.ts";
import { isSigned, isWebhookSecret, signatureOf } from "../../../subgraphs/platform/webhook.ts";
import { LOST, calls, failure, misbehave, behave } from "../../support/sandbox-control.ts";

const NOW = Date.parse("2026-03-10T12:00:00Z");
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function start(options: CrmSandboxOptions = {}, client: Partial<CrmOptions> = {}) {
  const sandbox = createCrmSandbox({ now: () => NOW, ...options });
  const url = `${await sandbox.listen()}/leads`;
  const leads = createCrm({ url, secret: SANDBOX_SECRET, now: () => NOW, ...client });
  open.push(sandbox, leads);
  const accepted = async () => (await sandbox.app.inject("/sandbox/leads")).json<{ leads: unknown[] }>().leads;
  return { sandbox, leads, accepted };
}

const event = {
  id: "effect_1",
  type: "lead.routed",
  data: { listener: "listener_1", queue: "sales-é" },
  at: new Date(NOW - 9000),
};
const lead = {
  id: "effect_1",
  type: "lead.routed",
  timestamp: "2026-03-10T11:59:51.000Z",
  data: { listener: "listener_1", queue: "sales-é" },
  receivedAt: "2026-03-10T12:00:00.000Z",
  duplicates: 0,
};

describe("a webhook's signature", () => {
  /** The example that the scheme's own libraries are tested with. */
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const webhook = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
  const signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

  it("is that of the Standard Webhooks specification", () => {
    expect(signatureOf(secret, webhook)).toBe(signature);
    expect(isSigned(secret, webhook, `v1,bm9uZQ== ${signature}`)).toBe(true);
  });

  it.each([
    ["another id", { ...webhook, id: "msg_2" }, signature],
    ["another time", { ...webhook, timestamp: 1_614_265_331 }, signature],
    ["another body", { ...webhook, body: '{"test": 2432232315}' }, signature],
    ["no signature", webhook, ""],
    ["a signature of another version", webhook, signature.replace("v1", "v2")],
  ])("is invalid for %s", (_what, other, given) => {
    expect(isSigned(secret, other, given)).toBe(false);
  });

  it.each([
    [SANDBOX_SECRET, true],
    [secret, true],
    ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false],
    ["whsec_c2hvcnQ=", false],
    ["whsec_not base64 at all, but long enough", false],
    [`whsec_${Buffer.alloc(65).toString("base64")}`, false],
  ])("is made with a secret like %s: %s", (candidate, expected) => {
    expect(isWebhookSecret(candidate)).toBe(expected);
  });
});

describe("a lead", () => {
  it("is sent in one signed request", async () => {
    const { sandbox, leads, accepted } = await start();
    await leads.send(event);
    expect(await calls(sandbox, "/")).toEqual(["POST leads 200"]);
    expect(await accepted()).toEqual([lead]);
  });

  it("counts once if it is sent again, also after a lost response", async () => {
    const { sandbox, leads, accepted } = await start({}, { timeoutMs: 1500 });
    await misbehave(sandbox, { latencyMs: 2500, only: "write" });
    expect(await failure(leads.send(event))).toMatchObject({ upstream: "crm", retryable: true, final: false });
    await behave(sandbox);
    // The request arrives after its sender has given up.
    await expect.poll(accepted, { timeout: 30_000 }).toEqual([lead]);
    await leads.send(event);
    await leads.send({ ...event, id: "effect_2" });
    expect(await accepted()).toEqual([
      { ...lead, duplicates: 1 },
      { ...lead, id: "effect_2" },
    ]);
  });

  it("counts as delivered on 2xx even if the body is cut", async () => {
    const { sandbox, leads, accepted } = await start();
    await misbehave(sandbox, LOST);
    await leads.send(event);
    expect(await accepted()).toEqual([lead]);
  });

  it("is not retried by the client itself", async () => {
    const { sandbox, leads } = await start();
    await misbehave(sandbox, { status: 503 });
    expect(await failure(leads.send(event))).toMatchObject({ status: 503, retryable: true });
    expect(await calls(sandbox, "/")).toEqual(["POST leads 503"]);
  });

  it.each(["/", "/hooks/abc/", "/hooks/abc"])("goes to the configured URL unchanged: %s", async (path) => {
    const paths: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url);
      response.end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const root = path === "/" ? "" : path;
    const leads = createCrm({ url: `http://127.0.0.1:${port}${root}`, secret: SANDBOX_SECRET });
    await leads.send(event);
    expect(paths).toEqual([path]);
    await leads.close();
    server.close();
  });

  it("is rejected with a wrong secret, and accepted after it is corrected", async () => {
    const secret = `whsec_${Buffer.alloc(24).toString("base64")}`;
    const { leads, accepted } = await start({}, { secret });
    expect(await failure(leads.send(event))).toMatchObject({ status: 401, final: false });
    expect(await accepted()).toEqual([]);
  });

  it.each([
    ["the new secret", (_old: string, fresh: string) => fresh],
    ["the old one", (old: string) => old],
  ])("is accepted while the secret changes by a receiver that has %s", async (_what, has) => {
    const [old, fresh] = [1, 2].map((byte) => `whsec_${Buffer.alloc(24, byte).toString("base64")}`) as [string, string];
    const { leads, accepted } = await start({ secret: has(old, fresh) }, { secret: fresh, oldSecret: old });
    await leads.send(event);
    expect(await accepted()).toEqual([lead]);
  });

  it.each([
    ["old", -301_000],
    ["of the future", 301_000],
  ])("is refused if it is %s", async (_what, offset) => {
    const { leads, accepted } = await start({}, { now: () => NOW + offset });
    expect(await failure(leads.send(event))).toMatchObject({ status: 400, final: true });
    expect(await accepted()).toEqual([]);
  });

  it("is accepted up to five minutes later", async () => {
    const { leads, accepted } = await start({}, { now: () => NOW - 300_000 });
    await leads.send(event);
    expect(await accepted()).toHaveLength(1);
  });

  it("keeps the query of the URL, and accepts any 2xx with any body", async () => {
    const paths: string[] = [];
    const crm = createSandbox({
      name: "crm",
      problem: () => ({}),
      routes: (app) =>
        void app.post("/hook", ({ url }, reply) => {
          paths.push(url);
          return reply.code(202).type("text/plain").send("thanks");
        }),
    });
    const leads = createCrm({ url: `${await crm.listen()}/hook?team=7&tag=a&tag=b`, secret: SANDBOX_SECRET });
    open.push(crm, leads);
    await leads.send(event);
    expect(paths).toEqual(["/hook?team=7&tag=a&tag=b"]);
  });

  it("is rejected without a request for a malformed id or secret", async () => {
    const { sandbox, leads } = await start();
    await expect(leads.send({ ...event, id: "a.b" })).rejects.toThrow(
      new RangeError('id is up to 200 letters, digits and _:- but got "a.b"'),
    );
    expect(await calls(sandbox, "/")).toEqual([]);
    expect(() => createCrm({ url: "http://127.0.0.1", secret: "secret" })).toThrow(TypeError);
  });
});

describe("the sandbox of the CRM", () => {
  it.each([
    [{}, "{}", 400, "Missing required headers"],
    [
      { "webhook-id": "a", "webhook-timestamp": "x", "webhook-signature": "v1,x" },
      "{}",
      400,
      "Missing required headers",
    ],
    [
      { "webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v1,x" },
      "{}",
      401,
      "No matching signature found",
    ],
  ])("refuses %j", async (headers, payload, status, error) => {
    const { sandbox } = await start();
    const answer = await sandbox.app.inject({
      method: "POST",
      url: "/leads",
      headers: { ...headers, "content-type": "application/json" },
      payload,
    });
    expect([answer.statusCode, answer.json()]).toEqual([status, { error }]);
  });
});
