/**
 * Webhooks: what is told, to whom, when it is told again, and when it is given up. To real receivers. Over 200 lines, because
 * all tests share the receivers and the database.
 */
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EventType } from "../../schema/event-type.ts";
import type { Endpoint } from "../../subgraphs/platform/webhooks-file.ts";
import {
  acceptSponsorship,
  addSponsorship,
  failSponsorship,
  sponsorshipRecords,
} from "../../subgraphs/records/campaigns/store.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { createTransact } from "../../subgraphs/records/mutations/transact.ts";
import { effectRecords } from "../../subgraphs/records/outbox/effect-records.ts";
import { openOutbox } from "../../subgraphs/records/outbox/outbox.ts";
import type { Outbox } from "../../subgraphs/records/outbox/outbox.ts";
import { backlogs } from "../../subgraphs/records/webhooks/backlog.ts";
import { webhooksCommand } from "../../subgraphs/records/webhooks/command.ts";
import type { WebhooksTools } from "../../subgraphs/records/webhooks/command.ts";
import { createTell, queueOfEndpoint } from "../../subgraphs/records/webhooks/tell.ts";
import type { Tell } from "../../subgraphs/records/webhooks/tell.ts";
import { createEndpointClient, workOnDeliveries } from "../../subgraphs/records/webhooks/work.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { eventually } from "../support/mutations.ts";
import { NOW } from "../support/now.ts";
import { wakeOutbox } from "../support/outbox-clock.ts";
import { secretOf, startReceiver } from "../support/receiver.ts";
import type { Receiver } from "../support/receiver.ts";

const log = pino({ enabled: false });
const NAMES = ["desk", "audit", "leaver"] as const;
const EVENTS: Readonly<Record<(typeof NAMES)[number], readonly EventType[]>> = {
  desk: ["review.opened", "case.routed"],
  audit: ["review.opened"],
  leaver: ["licence.escalated"],
};

describe.each(DATABASES)("webhooks (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  let outbox: Outbox;
  let tell: Tell;
  let sleep: () => Promise<void>;
  const receivers = {} as Record<(typeof NAMES)[number], Receiver>;
  const endpoints: Endpoint[] = [];
  const clients: ReturnType<typeof createEndpointClient>[] = [];
  /** What the records learned: `accepted desk subject`. */
  const learned: string[] = [];

  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    for (const [index, name] of NAMES.entries()) {
      receivers[name] = await startReceiver(secretOf(index));
      const { url } = receivers[name];
      endpoints.push({ name, url, secret: secretOf(index), events: EVENTS[name], fulfils: name === "desk" });
    }
    const former = queueOfEndpoint("former");
    const queues = [...endpoints.map(({ name }) => queueOfEndpoint(name)), former];
    outbox = await openOutbox({ database, log, queues, retries: { limit: 2, delaySeconds: 0 } });
    // Of a file that named another endpoint.
    const [audit] = endpoints.slice(1);
    await database.transaction(async (tx) => {
      await createTell([{ ...(audit as Endpoint), name: "former" }], outbox)(tx, "review.opened", () => opening("old"));
    });
    tell = createTell(endpoints, outbox);
    await workOnDeliveries({
      receivers: endpoints.map((endpoint) => {
        const client = createEndpointClient(endpoint, Date.now);
        clients.push(client);
        return { endpoint, client };
      }),
      database,
      outbox,
      transact: createTransact(database),
      deliveryHandlers: [
        {
          type: "review.opened",
          accepted: async (_tx, { endpoint, subject }) => void learned.push(`accepted ${endpoint} ${subject}`),
          failed: async (_tx, { endpoint, subject }) => void learned.push(`failed ${endpoint} ${subject}`),
        },
      ],
      now: () => NOW,
    });
    sleep = wakeOutbox(database);
  });
  afterEach(() => {
    for (const name of NAMES) receivers[name].behave({});
  });
  afterAll(async () => {
    await sleep();
    await outbox.close();
    for (const client of clients) await client.close();
    for (const name of NAMES) await receivers[name].close();
    await opened.close();
  });

  const opening = (subject: string) => ({
    subject,
    at: new Date(NOW),
    data: { reviewId: "review_1", subject, queue: "legal", decision: null },
  });
  const openReview = (subject: string) =>
    database.transaction((tx) => tell(tx, "review.opened", () => opening(subject)));
  const escalate = (subject: string) =>
    database.transaction((tx) =>
      tell(tx, "licence.escalated", () => ({
        subject,
        at: new Date(NOW),
        data: {
          locationId: subject,
          licence: null,
          action: "ESCALATE",
          priority: 1,
          decision: { evaluationId: "e", verdict: "DENY", reasons: ["NONE"] },
        },
      })),
    );
  const told = (name: (typeof NAMES)[number], subject: string) =>
    receivers[name].deliveries.filter(({ data }) => Object.values(data).includes(subject));
  const statuses = (name: (typeof NAMES)[number], subject: string) => told(name, subject).map(({ status }) => status);
  const command = (...args: readonly string[]) => {
    const tools: WebhooksTools = {
      endpoints,
      withDatabase: (work) => work(database),
      connect: (endpoint) => createEndpointClient(endpoint, Date.now),
      now: () => NOW,
    };
    return webhooksCommand(args, tools);
  };

  it("tell each endpoint of such events once, with an id of its own, and no other endpoint", async () => {
    const subject = randomUUID();
    expect(await openReview(subject)).toEqual(["desk"]);
    await eventually(() => [statuses("desk", subject), statuses("audit", subject)]).toEqual([[204], [204]]);
    const [desk] = told("desk", subject);
    const [audit] = told("audit", subject);
    expect(desk).toMatchObject({
      type: "review.opened",
      timestamp: new Date(NOW).toISOString(),
      data: opening(subject).data,
    });
    expect(desk?.id).not.toBe(audit?.id);
    expect(told("leaver", subject)).toEqual([]);
    await eventually(() => learned.filter((line) => line.endsWith(subject)).toSorted()).toEqual([
      `accepted audit ${subject}`,
      `accepted desk ${subject}`,
    ]);
  });

  it("tell nothing of what was rolled back, and ask for no event that nobody is told of", async () => {
    const subject = randomUUID();
    await database
      .transaction(async (tx) => {
        await tell(tx, "review.opened", () => opening(subject));
        throw new Error("rolled back");
      })
      .catch(() => {});
    await database.transaction(async (tx) => {
      expect(await tell(tx, "lead.routed", () => expect.fail("nobody is told"))).toEqual([]);
    });
    const later = randomUUID();
    await openReview(later);
    await eventually(() => statuses("desk", later)).toEqual([204]);
    expect(told("desk", subject)).toEqual([]);
  });

  it("tell an endpoint again, with the same id, and the others meanwhile", async () => {
    const subject = randomUUID();
    receivers.desk.behave(() => ({ status: told("desk", subject).length === 0 ? 503 : 200 }));
    await openReview(subject);
    await eventually(() => statuses("audit", subject)).toEqual([204]);
    await eventually(() => statuses("desk", subject)).toEqual([503, 200]);
    expect(new Set(told("desk", subject).map(({ id }) => id)).size).toBe(1);
    expect(statuses("audit", subject)).toEqual([204]);
  });

  it("give up when the attempts are used up, say so, and are told after a retry, with the same id", async () => {
    const subject = randomUUID();
    receivers.desk.behave({ status: 422, body: "planted" });
    await openReview(subject);
    await eventually(() => learned).toContain(`failed desk ${subject}`);
    expect(statuses("desk", subject)).toEqual([422, 422, 422]);
    await eventually(() => command("list")).toMatch(
      /^desk {2}http:\/\/127\.0\.0\.1:\d+ {2}review\.opened,case\.routed {2}fulfils\n {2}0 WAITING, 0 RETRYING, 1 FAILED since \S+Z: Cannot ask webhook-desk: it answered 422$/m,
    );
    expect(await command("list")).not.toContain("planted");
    const [effect] = await effectRecords(database).list({ status: "FAILED" }, { limit: 1, after: undefined });
    expect(effect).toMatchObject({ kind: "webhook-desk.review.opened", subject });

    receivers.desk.behave({});
    expect(await command("retry", "desk")).toBe("1 event will be told to desk again");
    await eventually(() => statuses("desk", subject)).toEqual([422, 422, 422, 204]);
    expect(new Set(told("desk", subject).map(({ id }) => id))).toEqual(new Set([effect?.id]));
    await eventually(() => learned).toContain(`accepted desk ${subject}`);
    await eventually(() => command("list")).toMatch(/^audit {2}http:\S+ {2}review\.opened {2}nothing waits$/m);
  });

  it("of another type about the same subject do not wait for one that has failed", async () => {
    const subject = randomUUID();
    receivers.desk.behave(({ type }) => ({ status: type === "review.opened" ? 422 : 204 }));
    await openReview(subject);
    await eventually(() => learned).toContain(`failed desk ${subject}`);
    await database.transaction((tx) =>
      tell(tx, "case.routed", () => ({
        subject,
        at: new Date(NOW),
        data: {
          caseId: subject,
          campaignId: null,
          queue: "billing",
          priority: 1,
          compensation: null,
          decision: { evaluationId: "e", verdict: "ALLOW", reasons: ["CLEAR"] },
        },
      })),
    );
    await eventually(() => receivers.desk.accepted("case.routed").map(({ data }) => data["caseId"])).toContain(subject);
    receivers.desk.behave({});
    expect(await command("retry", "desk")).toBe("1 event will be told to desk again");
    await eventually(() => learned).toContain(`accepted desk ${subject}`);
  });

  it("end at 410: an endpoint that is gone is not called again before an operator says so", async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    receivers.leaver.behave({ status: 410 });
    await escalate(first);
    const failed = async () => (await backlogs(database)).find(({ endpoint }) => endpoint === "leaver")?.failed;
    await eventually(failed).toBe(1);
    await escalate(second);
    await eventually(failed).toBe(2);
    expect([statuses("leaver", first), statuses("leaver", second)]).toEqual([[410], []]);
    expect(await command("list")).toMatch(
      /^leaver .* gone since 2026-\S+\n.* 2 FAILED .*: Cannot tell leaver: it is gone/m,
    );

    receivers.leaver.behave({});
    expect(await command("retry", "leaver")).toBe("2 events will be told to leaver again");
    await eventually(() => statuses("leaver", second)).toEqual([204]);
    await eventually(() => statuses("leaver", first)).toEqual([410, 204]);
    await eventually(() => command("list")).not.toContain("gone since");
  });

  it("fail for an endpoint that the file does not name any more", async () => {
    await eventually(() => learned).toContain("failed former old");
    expect(await command("list")).toMatch(/^former {2}not in WEBHOOKS_FILE\n {2}0 WAITING, 0 RETRYING, 1 FAILED /m);
  });

  it.each([
    ["APPROVED", ["desk", "other"], ["accept desk"], "APPROVED", ["other"]],
    ["APPROVED", ["desk", "other"], ["accept desk", "accept other"], "FULFILLED", []],
    ["APPROVED", ["desk"], ["accept desk", "accept desk", "fail desk"], "FULFILLED", []],
    ["APPROVED", ["desk", "other"], ["fail other", "accept desk"], "FAILED", ["other"]],
    ["APPROVED", ["desk", "other"], ["accept desk", "fail other", "accept other"], "FULFILLED", []],
    ["APPROVED", [], ["accept desk", "fail desk"], "APPROVED", []],
    ["REJECTED", ["desk"], ["fail desk"], "REJECTED", ["desk"]],
    ["REJECTED", ["desk"], ["accept desk"], "REJECTED", []],
  ] as const)("fulfil a sponsorship that is %s and awaits %j by %j", async (before, awaits, steps, after, left) => {
    const id = randomUUID();
    const sponsorship = {
      id,
      campaignId: "c",
      episodeId: { podcastId: "p", episodeId: "e" },
      brand: "Northwind",
      productCategory: "apparel",
      competitors: [],
      requestedBy: "anonymous",
      requestedAt: new Date(NOW),
    };
    await addSponsorship(database.db, { ...sponsorship, status: before, awaits });
    for (const step of steps) {
      const [verb, endpoint = ""] = step.split(" ");
      await (verb === "accept" ? acceptSponsorship : failSponsorship)(database.db, id, endpoint);
    }
    const [record] = await sponsorshipRecords(database.db).byIds([id]);
    expect(record).toMatchObject({ status: after, awaits: left });
  });

  it("are tested by one that is signed as all others", async () => {
    const answer = await command("test", "audit");
    const [test] = receivers.audit.accepted("webhook.test");
    expect(answer).toBe(`audit has accepted ${test?.id}`);
    expect(test).toMatchObject({ data: { endpoint: "audit" }, timestamp: new Date(NOW).toISOString() });
    receivers.audit.behave({ status: 500 });
    await expect(command("test", "audit")).rejects.toThrow("Cannot ask webhook-audit: it answered 500");
  });

  it.each([
    [[], "Usage: npm run webhooks -- list | test NAME | retry NAME"],
    [["list", "desk"], "Usage: "],
    [["send", "desk"], "Usage: "],
    [["test", "desk", "audit"], "Usage: "],
    [["test", "nobody"], "There is no endpoint nobody in WEBHOOKS_FILE, only desk, audit, leaver"],
    [["retry", "nobody"], "There is no endpoint nobody in WEBHOOKS_FILE, only desk, audit, leaver"],
  ])("have a command that refuses %j", async (args, message) => {
    await expect(command(...args)).rejects.toThrow(message);
  });
});

describe("npm run webhooks", () => {
  it.each(DATABASES)("lists endpoints before Decibel has started (%s)", async (_kind, open) => {
    const opened = await open();
    const endpoint = { name: "desk", url: "https://desk.example/secret", secret: secretOf(1), fulfils: false };
    const tools: WebhooksTools = {
      endpoints: [{ ...endpoint, events: ["case.routed"] }],
      withDatabase: (work) => work(opened.database),
      connect: () => expect.fail("it is not called"),
      now: () => NOW,
    };
    const listed = "1 endpoint\ndesk  https://desk.example  case.routed  nothing waits";
    expect(await webhooksCommand(["list"], tools)).toBe(listed);
    await opened.close();
  });
});
