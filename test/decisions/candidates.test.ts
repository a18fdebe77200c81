/** A table is approved by a second person, who knows what it changes: and everything that somebody may try instead. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PARTNER_ENDPOINT } from "../../gateway/http/endpoints.ts";
import { readCandidate } from "../../subgraphs/pipeline/candidate.ts";
import type { Model } from "../../subgraphs/pipeline/models.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { asCallers, callerOf } from "../support/as-caller.ts";
import type { AsCaller } from "../support/as-caller.ts";
import { ask, startTestDecibel } from "../support/decibel.ts";
import type { GraphError, TestDecibel } from "../support/decibel.ts";
import { changedTable } from "../support/table-files.ts";
import { TOKENS, authorized } from "../support/tokens.ts";
import { NOW } from "../support/now.ts";

const PLAYBACK = "locations/location_playback.otdt";
const MODEL = "location_playback";
const [ADA, BEN, CLEO] = ["ada", "ben", "cleo"].map((id) => callerOf(id)) as [Caller, Caller, Caller];

let graph: TestDecibel;
let as: AsCaller;
beforeAll(async () => {
  graph = await startTestDecibel();
  as = await asCallers(graph);
}, 60_000);
afterAll(() => graph.stop());

interface Candidate {
  readonly id: string;
  readonly state: string;
  readonly outdated: string | null;
  readonly steps: readonly { readonly by: string }[];
  readonly [field: string]: unknown;
}
interface Payload {
  readonly candidate: Candidate;
  readonly deployment?: { readonly id: string };
  readonly table?: string;
  readonly approvedBy?: string;
}
interface Sent {
  readonly payload: Payload | undefined;
  readonly errors: readonly GraphError[];
}

const FIELDS = "id state outdated caution proposedBy note version baseVersion digest steps { state by note }";

async function send(caller: Caller, mutation: string, input: object, more = ""): Promise<Sent> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { candidate { ${FIELDS} } ${more} } }`;
  const { data, errors = [] } = JSON.parse(await as.ask(caller, query, { input }));
  return { payload: data?.[mutation], errors };
}
async function done(...sent: Parameters<typeof send>): Promise<Payload> {
  const { payload, errors } = await send(...sent);
  expect(errors).toEqual([]);
  return payload ?? expect.fail("it has no payload");
}
const propose = async (table: string, caller = ADA, note = "stricter"): Promise<Candidate> =>
  (await done(caller, "proposeTable", { model: MODEL, table, note })).candidate;
const resolving = (caller: Caller, candidateId: string, state: string) =>
  send(caller, "resolveCandidate", { candidateId, state, note: "looked at it" });
async function approve(candidateId: string, caller = BEN): Promise<Candidate> {
  const { payload, errors } = await resolving(caller, candidateId, "APPROVED");
  expect(errors).toEqual([]);
  return payload?.candidate ?? expect.fail("it has no payload");
}
const deploying = (caller: Caller, table: string, more = {}) =>
  send(
    caller,
    "beginDeployment",
    { model: MODEL, table, target: "sandbox", ...more },
    "table approvedBy deployment { id }",
  );

/** Never the same one twice: each has another reason. */
let tables = 0;
function otherTable(): string {
  tables += 1;
  return changedTable(PLAYBACK, (name, text, rule) =>
    name === "reason" && rule === 1 ? `${text} (${tables})` : undefined,
  );
}
/** Every third rule denies. */
const STRICTER = changedTable(PLAYBACK, (name, _text, rule) =>
  name === "verdict" && rule % 3 === 0 ? "DENY" : undefined,
);

const models = () => graph.decibel.pipeline.models as Map<string, Model>;
const here = (): Model => models().get(MODEL) ?? expect.fail("there is no model");
const OWN = (): string => changedTable(PLAYBACK, () => undefined);
/** As after a start with another file. */
function restartWith(table: string): void {
  models().set(MODEL, readCandidate(here(), table, "table"));
}
afterEach(() => restartWith(OWN()));

describe("a table", () => {
  it("is proposed by one and approved by another, with what each of them said", async () => {
    const proposed = await propose(STRICTER);
    expect(proposed).toMatchObject({
      id: expect.stringMatching(/^candidate_/),
      state: "PROPOSED",
      outdated: null,
      caution: null,
      proposedBy: "ada",
      note: "stricter",
      version: here().compiled.table.version,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const approved = await approve(proposed.id);
    expect(approved).toMatchObject({
      id: proposed.id,
      state: "APPROVED",
      steps: [
        { state: "PROPOSED", by: "ada", note: "stricter" },
        { state: "APPROVED", by: "ben", note: "looked at it" },
      ],
    });
  });

  it("shows what it changes, and what is proven of it", async () => {
    const { id } = await propose(STRICTER);
    const query = `query ($id: ID!) { tableCandidate(id: $id) { model source
      difference { equivalent cells changes { from to cells witness } outputs { output } } checks { gaps { witness } neverMatch } } }`;
    const { data, errors } = JSON.parse(await as.ask(BEN, query, { id }));
    expect(errors).toBeUndefined();
    const { difference, checks, source, model } = data.tableCandidate;
    expect({ source, model }).toEqual({ source: STRICTER, model: MODEL });
    expect(checks).toMatchObject({ gaps: [] });
    expect(difference).toMatchObject({ equivalent: false, cells: expect.stringMatching(/^\d+$/) });
    expect(difference.changes).toContainEqual({
      from: "ALLOW",
      to: "DENY",
      cells: expect.stringMatching(/^[1-9]\d*$/),
      witness: expect.objectContaining({ store_type: expect.any(String) }),
    });
    // What it was compared with is kept, also where it is not the table here any more.
    restartWith(otherTable());
    const again = JSON.parse(await as.ask(BEN, "query ($id: ID!) { tableCandidate(id: $id) { outdated difference { equivalent } } }", { id })); // prettier-ignore
    expect(again.data.tableCandidate).toEqual({
      outdated: "the table here is not the one that it was compared with any more",
      difference: { equivalent: false },
    });
  });

  it("that is open is the same candidate, whoever proposes it and however its file is formatted", async () => {
    const table = otherTable();
    const { id } = await propose(table);
    const formatted = JSON.stringify(JSON.parse(table), null, 4);
    expect(await propose(formatted, BEN, "me too")).toMatchObject({ id, proposedBy: "ada" });
    await approve(id);
    expect(await propose(table)).toMatchObject({ id, state: "APPROVED" });
    await resolving(CLEO, id, "REJECTED");
    expect((await propose(table)).id).not.toBe(id);
  });

  it("is the same candidate for twenty who propose it at once", async () => {
    const table = otherTable();
    const all = await Promise.all(Array.from({ length: 20 }, (_none, nth) => propose(table, callerOf(`c${nth}`))));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  });

  it("is listed by its model, by state, page by page", async () => {
    const { id } = await propose(otherTable());
    const query = `query ($state: CandidateState, $after: String) { decisionModel(key: "${MODEL}") {
      candidates(state: $state, first: 2, after: $after) { totalCount nodes { id state } pageInfo { endCursor hasNextPage } } } }`;
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const { data, errors } = JSON.parse(await as.ask(BEN, query, { state: "PROPOSED", after }));
      expect(errors).toBeUndefined();
      const { nodes, totalCount, pageInfo } = data.decisionModel.candidates;
      for (const one of nodes) expect(one.state).toBe("PROPOSED");
      seen.push(...nodes.map((one: Candidate) => one.id));
      if (pageInfo.hasNextPage) after = pageInfo.endCursor;
      else {
        expect(seen).toHaveLength(totalCount);
        break;
      }
    }
    expect(seen).toContain(id);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("is tried: nothing of it stays", async () => {
    const table = otherTable();
    const count = async () =>
      JSON.parse(await as.ask(BEN, `{ decisionModel(key: "${MODEL}") { candidates { totalCount } } }`)).data
        .decisionModel.candidates.totalCount;
    const before = await count();
    const input = { model: MODEL, table, note: "tried", dryRun: true };
    const { candidate } = await done(ADA, "proposeTable", input, "dryRun { decisions { model } effects { kind } }");
    expect(candidate).toMatchObject({ state: "PROPOSED", note: "tried" });
    expect(await count()).toBe(before);
    const { id } = await propose(table);
    const resolve = { candidateId: id, state: "APPROVED", note: "tried", dryRun: true };
    expect((await done(BEN, "resolveCandidate", resolve)).candidate).toMatchObject({ state: "APPROVED" });
    expect((await send(BEN, "resolveCandidate", { ...resolve, state: "REJECTED" })).payload?.candidate.steps).toHaveLength(2); // prettier-ignore
    await approve(id);
    const deployed = await deploying(CLEO, table, { dryRun: true });
    expect(deployed).toMatchObject({ payload: { table, approvedBy: "ben" }, errors: [] });
    const { data } = JSON.parse(await as.ask(BEN, "query ($id: ID!) { tableCandidate(id: $id) { deployments { id } } }", { id })); // prettier-ignore
    expect(data.tableCandidate.deployments).toEqual([]);
  });

  it("is proposed once by an idempotency key", async () => {
    const input = { model: MODEL, table: otherTable(), note: "once", idempotencyKey: randomUUID() };
    const [first, again] = [await done(ADA, "proposeTable", input), await done(ADA, "proposeTable", input)];
    expect(again.candidate.id).toBe(first.candidate.id);
  });
});

describe("an approval", () => {
  it("is refused to who proposed the table", async () => {
    const { id } = await propose(otherTable());
    for (const [state, verb] of [["APPROVED", "approve"], ["REJECTED", "reject"]] as const) // prettier-ignore
      expect((await resolving(ADA, id, state)).errors).toMatchObject([
        { message: `Cannot ${verb} ${id}: you proposed it, and it takes a second person`, extensions: { code: "FORBIDDEN" } },
      ]); // prettier-ignore
    expect((await resolving(ADA, id, "WITHDRAWN")).payload?.candidate).toMatchObject({ state: "WITHDRAWN" });
  });

  it("is withdrawn by its proposer alone", async () => {
    const { id } = await propose(otherTable());
    expect((await resolving(BEN, id, "WITHDRAWN")).errors).toMatchObject([
      { message: `Cannot withdraw ${id}: only ada, who proposed it, can`, extensions: { code: "FORBIDDEN" } },
    ]);
  });

  it("is given once: who comes later is told who was faster", async () => {
    const { id } = await propose(otherTable());
    await approve(id);
    const { errors } = await resolving(CLEO, id, "APPROVED");
    expect(errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
    expect(errors[0]?.message).toBe(`Cannot approve ${id}: it is APPROVED, by ben at ${new Date(NOW).toISOString()}`);
  });

  it("is given by one of ten who resolve it at once, and all others are told who it was", async () => {
    const { id } = await propose(otherTable());
    const all = await Promise.all(
      Array.from({ length: 10 }, (_none, nth) => resolving(callerOf(`reviewer-${nth}`), id, "APPROVED")),
    );
    const winners = all.filter(({ errors }) => errors.length === 0);
    expect(winners).toHaveLength(1);
    const by = winners[0]?.payload?.candidate.steps[1]?.by;
    for (const { errors } of all) if (errors[0]) expect(errors[0].message).toContain(`it is APPROVED, by ${by} at `);
  });

  it("can be taken back, and then there is none", async () => {
    const table = otherTable();
    const { id } = await propose(table);
    await approve(id);
    expect((await resolving(CLEO, id, "REJECTED")).payload?.candidate).toMatchObject({ state: "REJECTED" });
    expect((await resolving(BEN, id, "APPROVED")).errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
    expect((await deploying(CLEO, table)).errors[0]?.message).toBe(
      `Cannot deploy ${MODEL}: ${id} is REJECTED, by cleo at ${new Date(NOW).toISOString()}`,
    );
  });

  it("is refused once another table is in force than the one that it was compared with", async () => {
    const table = otherTable();
    const { id } = await propose(table);
    restartWith(otherTable());
    const { errors } = await resolving(BEN, id, "APPROVED");
    expect(errors).toMatchObject([
      {
        message: `Cannot approve ${id}: the table here is not the one that it was compared with any more, propose it anew`,
        extensions: { code: "CONFLICT" },
      },
    ]);
    // Which is then another candidate, compared with the table here.
    const anew = await propose(table);
    expect(anew.id).not.toBe(id);
    expect(await approve(anew.id)).toMatchObject({ state: "APPROVED" });
  });

  it("is refused to a caller who is not known, and so is a proposal", async () => {
    const { id } = await propose(otherTable());
    const because = "a table takes two people, and this graph does not know who its callers are";
    const asked = async (mutation: string, input: object, type: string) =>
      (await graph.query(`mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`, { input }))
        .errors;
    expect(
      await asked("proposeTable", { model: MODEL, table: otherTable(), note: "?" }, "ProposeTableInput"),
    ).toMatchObject([{ message: `Cannot proposeTable: ${because}`, extensions: { code: "FORBIDDEN" } }]);
    const input = { candidateId: id, state: "APPROVED", note: "?" };
    expect(await asked("resolveCandidate", input, "ResolveCandidateInput")).toMatchObject([
      { message: `Cannot resolveCandidate: ${because}` },
    ]);
  });

  it("is refused to a caller with accounts, and so is everything else", async () => {
    const partner = callerOf("partner", ["somebody"]);
    const { id } = await propose(otherTable());
    const refused = [
      await resolving(partner, id, "APPROVED"),
      await send(partner, "proposeTable", { model: MODEL, table: otherTable(), note: "?" }),
      await deploying(partner, OWN()),
      await send(partner, "endDeployment", { deploymentId: "deployment_1" }),
    ];
    for (const { errors } of refused)
      expect(errors).toMatchObject([
        {
          message: expect.stringMatching(/: a table decides for all accounts, and you may see some only$/),
          extensions: { code: "FORBIDDEN" },
        },
      ]);
  });

  it.each([
    ["proposeTable", { model: MODEL, table: "{}", note: "?" }, "audit:read operations:write decisions:write"],
    ["resolveCandidate", { candidateId: "candidate_1", state: "APPROVED", note: "?" }, "audit:read operations:write"],
    ["beginDeployment", { model: MODEL, table: "{}", target: "?" }, "audit:read reviews:write decisions:write"],
    ["endDeployment", { deploymentId: "deployment_1" }, "audit:read reviews:write"],
  ])("and %s need their scope", async (mutation, input, scopes) => {
    const caller = { ...callerOf("dora"), scopes: new Set(scopes.split(" ")) };
    expect((await send(caller, mutation, input)).errors).toMatchObject([{ extensions: { code: "FORBIDDEN", requiredScopes: expect.anything() } }]); // prettier-ignore
  });

  it("does not exist for partners", async () => {
    const known = await startTestDecibel({ variables: TOKENS });
    try {
      const url = new URL(PARTNER_ENDPOINT, known.decibel.url).href;
      const { errors } = await ask(url, "mutation { resolveCandidate { __typename } }", {}, await authorized(NOW));
      expect(JSON.stringify(errors)).not.toMatch(/candidate|Input/i);
      expect(errors.length).toBeGreaterThan(0);
    } finally {
      await known.stop();
    }
  }, 60_000);
});

describe("a proposal is refused of", () => {
  const refused = async (table: string, model = MODEL) =>
    (await send(ADA, "proposeTable", { model, table, note: "?" })).errors[0];

  it("what is no table", async () => {
    expect((await refused("no table"))?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      argument: "table",
      fields: { table: [expect.stringMatching(/^Cannot read location_playback\.otdt: /)] },
    });
  });

  it("another model's table", async () => {
    const other = changedTable("campaigns/case_routing.otdt", () => undefined);
    expect((await refused(other))?.message).toBe(
      "Cannot use this table for location_playback: its key is case_routing, expected location_playback",
    );
    expect((await refused(OWN(), "nothing"))?.message).toBe(
      "Cannot proposeTable: the graph decides nothing by nothing",
    );
  });

  it("a table that leaves somebody undecided", async () => {
    const open = changedTable(PLAYBACK, (name) => (name === "reason_code" ? "SAME" : undefined));
    expect((await refused(open))?.extensions).toMatchObject({
      fields: { table: [expect.stringMatching(/have the same reason_code "SAME"$/)] },
    });
  });

  it("a table that is too large", async () => {
    const huge = `${OWN()}${" ".repeat(1_000_000)}`;
    const error = await refused(huge);
    expect(error?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: { table: ["must be shorter than or equal to 1000000 characters"] },
    });
    expect(JSON.stringify(error).length).toBeLessThan(2000);
  });

  it.each([
    ["half of a character", (file: string) => file.replace("location_playback", "location_playback\u{D800}"), /Unicode/],
    ["NUL", (file: string) => `${file}\0`, /must hold no NUL/],
    ["a version that no number holds", (file: string) => file.replace(/"version":\d+/, '"version":3000000000'), /version: expected at most 2147483647/],
    ["more levels than there is stack", (file: string) => file.replace(/^\{/, `{"x":${"[".repeat(200_000)}${"]".repeat(200_000)},`), /nested too deeply/],
  ])("a text with %s", async (_what, change, message) => {
    const error = await refused(change(OWN()));
    expect(error).toMatchObject({ message: expect.stringMatching(message), extensions: { code: "BAD_USER_INPUT" } });
  }); // prettier-ignore

  it("more than fifty that wait", async () => {
    const key = "case_routing";
    const table = (nth: number) =>
      changedTable("campaigns/case_routing.otdt", (name, text, rule) =>
        name === "reason" && rule === 1 ? `${text} (${nth})` : undefined,
      );
    const one = (nth: number) => send(ADA, "proposeTable", { model: key, table: table(nth), note: "one of many" });
    for (let nth = 0; nth < 50; nth += 1) expect((await one(nth)).errors).toEqual([]);
    expect((await one(50)).errors).toMatchObject([
      {
        message: "Cannot propose a table: 50 others of case_routing wait for a second person",
        extensions: { code: "CONFLICT" },
      },
    ]);
  }, 60_000);
});

describe("a deployment", () => {
  it("is refused of a table that nobody has proposed, or that nobody has approved", async () => {
    const table = otherTable();
    expect((await deploying(CLEO, table)).errors).toMatchObject([
      { message: `Cannot deploy ${MODEL}: nobody has proposed this table`, extensions: { code: "CONFLICT" } },
    ]);
    const { id } = await propose(table);
    expect((await deploying(CLEO, table)).errors[0]?.message).toBe(
      `Cannot deploy ${MODEL}: ${id} waits for a second person to approve it`,
    );
  });

  it("is of exactly what was approved", async () => {
    const table = otherTable();
    await approve((await propose(table)).id);
    for (const other of [
      table.replace(/"version":\d+/, '"version":77'),
      table.replace(/"key":"location_playback"/, '"x":1,$&'),
    ]) {
      expect(other).not.toBe(table);
      expect((await deploying(CLEO, other)).errors[0]?.message).toBe(
        `Cannot deploy ${MODEL}: nobody has proposed this table`,
      );
    }
    // And what is handed over is the text that was approved, whatever the formatting of the file.
    const formatted = JSON.stringify(JSON.parse(table), null, 2);
    const { payload, errors } = await deploying(CLEO, formatted);
    expect(errors).toEqual([]);
    expect(payload).toMatchObject({ table, approvedBy: "ben" });
  });

  it("is recorded with how it ended, once, by who began it", async () => {
    const table = otherTable();
    const { id } = await propose(table);
    await approve(id);
    const { payload } = await deploying(CLEO, table);
    const deploymentId = payload?.deployment?.id ?? "";
    const end = (caller: Caller) =>
      send(caller, "endDeployment", { deploymentId, problem: "no space left" }, "deployment { id }");
    expect((await end(BEN)).errors).toMatchObject([
      { message: `Cannot endDeployment: only cleo, who began ${deploymentId}, can` },
    ]);
    expect((await end(CLEO)).errors).toEqual([]);
    expect((await end(CLEO)).errors).toMatchObject([
      { message: `Cannot endDeployment: ${deploymentId} has ended already` },
    ]);
    const query =
      "query ($id: ID!) { tableCandidate(id: $id) { deployments { id target by begunAt endedAt problem } } }";
    const at = new Date(NOW).toISOString();
    expect(JSON.parse(await as.ask(BEN, query, { id })).data.tableCandidate.deployments).toEqual([
      { id: deploymentId, target: "sandbox", by: "cleo", begunAt: at, endedAt: at, problem: "no space left" },
    ]);
    expect((await send(CLEO, "endDeployment", { deploymentId: "deployment_unknown" })).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", argument: "deploymentId" } },
    ]);
  });

  it("outdates what was proposed before it, but not the same table, and what comes after is warned", async () => {
    const [table, other] = [STRICTER, changedTable(PLAYBACK, (name) => (name === "verdict" ? "DENY" : undefined))];
    const mine = await propose(table);
    const theirs = await propose(other);
    if (mine.state === "PROPOSED") await approve(mine.id);
    await approve(theirs.id);
    expect((await deploying(CLEO, other)).errors).toEqual([]);
    expect((await deploying(CLEO, other)).errors).toEqual([]);
    expect((await deploying(CLEO, table)).errors[0]?.message).toBe(
      `Cannot deploy ${MODEL}: ${theirs.id} was handed over since it was proposed, propose ${mine.id} anew`,
    );
    const anew = await propose(table);
    expect(anew).toMatchObject({
      outdated: null,
      caution: `it is compared with the table here, and ${theirs.id}, which was handed over last, is another one`,
    });
    // Once the file here is the one that was handed over, all is well again.
    restartWith(other);
    expect(await propose(table)).toMatchObject({ caution: null, outdated: null });
    // And the table itself may be handed over again.
    expect((await deploying(CLEO, other)).errors).toEqual([]);
  });
});
