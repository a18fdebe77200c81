import "reflect-metadata";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { audienceSegment, segmentFacts } from "../../../subgraphs/listeners/decisions/audience-segment.ts";
import { leadFacts, leadRouting } from "../../../subgraphs/listeners/decisions/lead-routing.ts";
import { toListener } from "../../../subgraphs/listeners/services.ts";
import { UndecidedError } from "../../../subgraphs/pipeline/decision.ts";
import type { Facts, Row } from "../../../subgraphs/pipeline/table/table.ts";
import { judge } from "../../../subgraphs/pipeline/verdict.ts";
import type { ListenerRecord } from "../../../subgraphs/records/listeners/types.ts";
import { expectFew } from "../../support/asks.ts";
import { startAudience } from "../../support/audience.ts";
import type { Audience } from "../../support/audience.ts";
import { NOW } from "../../support/decibel.ts";
import { byId, idOf, recordsWith, world } from "../../support/listener-world.ts";

interface ShownDecision {
  readonly verdict: string;
  readonly reasons: readonly { readonly code: string }[];
}
interface Node {
  readonly id: string;
  readonly country: string;
  readonly segments: (ShownDecision & { readonly segments: readonly string[] }) | null;
  readonly lead:
    | (ShownDecision & { readonly score: number; readonly route: string; readonly queue: string | null })
    | null;
}
interface Page {
  readonly listeners: { readonly nodes: readonly Node[] };
}

/** Records that replace those of the world. */
const changed = new Map<string, ListenerRecord>();
const records = recordsWith(changed);

let audience: Audience;
beforeAll(async () => {
  audience = await startAudience({ records });
});
beforeEach(async () => {
  await audience.calls("opentext");
  audience.batches();
});
afterAll(() => audience.stop());

async function list(args: string, selection: string): Promise<Page["listeners"]> {
  const { data, errors } = await audience.query<Page>("listeners", `{ listeners${args} { ${selection} } }`);
  expect(errors).toEqual([]);
  return data.listeners;
}

function factsOf(record: ListenerRecord): Readonly<Record<string, Facts>> {
  const listener = toListener(record);
  return { audience_segment: segmentFacts(listener, NOW), lead_routing: leadFacts(listener) };
}

/** The rows of the table, evaluated without the service. */
function rowsOf(key: string, record: ListenerRecord): readonly Row[] {
  const evaluation = audience.table(key).evaluate(factsOf(record)[key] ?? {});
  return "failed" in evaluation ? [] : evaluation.rows;
}

describe("the decisions about listeners", () => {
  const selection = `nodes { id country
    segments { verdict reasons { code } segments } lead { verdict reasons { code } score route queue } }`;

  it("are one batch for a page, with few evaluations for each class of listeners", async () => {
    const { nodes } = await list("(first: 200)", selection);
    const asked = byId.slice(0, 200);
    const classes = ["audience_segment", "lead_routing"].map(
      (key) => new Set(asked.map((record) => audience.table(key).identity(factsOf(record)[key] ?? {}))).size,
    );
    expect(classes).toEqual([61, 17]);
    expect(audience.batches()).toHaveLength(1);
    expectFew(await audience.calls("opentext"), 61 + 17);
    const shown = ({ verdict, reasons }: ReturnType<typeof judge>) => ({
      verdict,
      reasons: reasons.map(({ code }) => ({ code })),
    });
    expect(nodes).toEqual(
      asked.map((record) => {
        const [segments, lead] = [
          judge(audienceSegment, rowsOf("audience_segment", record)),
          judge(leadRouting, rowsOf("lead_routing", record)),
        ];
        return {
          id: idOf(record),
          country: record.country,
          segments: { ...shown(segments), ...segments.answer },
          lead: { ...shown(lead), ...lead.answer },
        };
      }),
    );
  });

  it("expire after 30 seconds", async () => {
    const { data } = await audience.query<{
      listener: Readonly<Record<string, { decidedAt: string; expiresAt: string }>>;
    }>(
      "listeners",
      `query ($id: ID!) { listener(id: $id) { segments { decidedAt expiresAt } lead { decidedAt expiresAt } } }`,
      { id: idOf(byId[0] ?? expect.fail("the world has no such listener")) },
    );
    for (const { decidedAt, expiresAt } of Object.values(data.listener)) {
      expect(Date.parse(expiresAt) - Date.parse(decidedAt)).toBe(30_000);
    }
  });

  it("deny a listener at once after a withdrawal", async () => {
    const record =
      byId.find(({ consents }) => consents.length === 3 && consents.every(({ granted }) => granted)) ??
      expect.fail("the world has no such listener");
    const query = `query ($id: ID!) { listener(id: $id) { segments { verdict segments } lead { verdict route } } }`;
    const before = await audience.query<{ listener: Node }>("listeners", query, { id: idOf(record) });
    expect([before.data.listener.segments?.verdict, before.data.listener.lead?.verdict]).not.toContain("DENY");
    const withdrawals = record.consents.map((consent) => ({ ...consent, granted: false, recordedAt: new Date(NOW) }));
    changed.set(record.id, { ...record, consents: [...withdrawals, ...record.consents] });
    const after = await audience.query("listeners", query, { id: idOf(record) });
    changed.delete(record.id);
    expect(after.data).toEqual({
      listener: { segments: { verdict: "DENY", segments: [] }, lead: { verdict: "DENY", route: "SUPPRESS" } },
    });
  });

  it("are null with an error if the service has no rows, and the listener is still shown", async () => {
    await audience.misbehave("opentext", { rows: "empty" });
    const record = world.find(({ country }) => country === "RU") ?? expect.fail("the world has no such listener");
    const { data, errors } = await audience.query(
      "listeners",
      `query ($id: ID!) { listener(id: $id) { country lead { route } } }`,
      {
        id: idOf(record),
      },
    );
    await audience.behave("opentext");
    expect(data).toEqual({ listener: { country: "RU", lead: null } });
    expect(errors).toMatchObject([
      {
        path: ["listener", "lead"],
        extensions: { code: "DECISION_UNDETERMINED", decision: "lead_routing", retryable: false },
      },
    ]);
  });

  it.each([
    [{ score: 50 }, "no row has a known route"],
    [{ score: 50, route: "CALL_AT_NIGHT" }, "no row has a known route"],
    [{ score: 72.5, route: "SALES" }, "score is not an integer from 0 to 100"],
    [{ score: 101, route: "SALES" }, "score is not an integer from 0 to 100"],
    [{ route: "SALES" }, "no row says score"],
  ])("fail if a lead's row is %j", (row, message) => {
    expect(() => leadRouting.answer([row])).toThrow(new UndecidedError(message));
  });
});
