/** Tables that were proposed: kept as they were, resolved by one of many, and never changed. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../subgraphs/records/database/database.ts";
import {
  CANDIDATE_STATES,
  addCandidate,
  addDeployment,
  addStep,
  candidateById,
  candidateRecords,
  candidatesWith,
  deploymentById,
  endDeployment,
  holdCandidates,
} from "../../subgraphs/records/decisions/candidates.ts";
import { NOW } from "../support/now.ts";
import { DATABASES } from "../support/database.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { databaseError } from "../support/record-samples.ts";

const at = new Date(NOW);

describe.each(DATABASES)("candidates (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
  });
  afterAll(() => opened.close());

  const propose = (model: string, digest = "digest", when = at) =>
    database.transaction((tx) =>
      addCandidate(
        tx,
        {
          model,
          version: 2,
          digest,
          source: `{ "of": "${model}" }`,
          tableDigest: digest,
          base: "base",
          baseVersion: 1,
          afterDeployment: 0,
        },
        { by: "ada", at: when, note: "stricter" },
      ),
    );
  const read = async (id: string) =>
    (await candidateById(database.db, id)) ?? expect.fail(`there is no candidate ${id}`);
  const approve = async (id: string, by: string) => {
    const { model } = await read(id);
    return database.transaction(async (tx) => {
      await holdCandidates(tx, model);
      const found = await candidateById(tx, id);
      if (!found || !CANDIDATE_STATES[found.state].includes("APPROVED")) return found?.steps.at(-1)?.by;
      await addStep(tx, found, { state: "APPROVED", by, at, note: "seen" });
      return by;
    });
  };
  const deploy = async (id: string, target: string) => {
    const found = await read(id);
    return database.transaction((tx) => addDeployment(tx, found, { target, by: "ben", begunAt: at }));
  };

  it("are read with all that became of them", async () => {
    const id = await propose(randomUUID());
    await approve(id, "ben");
    const [first, second] = [await deploy(id, "sandbox"), await deploy(id, "file")];
    const { state, steps, source, deployments } = await read(id);
    expect({ state, source }).toEqual({ state: "APPROVED", source: expect.stringMatching(/^{ "of": /) });
    expect(steps).toMatchObject([
      { state: "PROPOSED", by: "ada", note: "stricter" },
      { state: "APPROVED", by: "ben", note: "seen" },
    ]);
    expect(deployments.map((one) => one.id)).toEqual([second, first]);
    expect(await candidateRecords(database).byIds(["nothing", id])).toMatchObject([undefined, { id }]);
  });

  it("are listed by model and state, newest first, page by page", async () => {
    const model = randomUUID();
    const ids = [
      await propose(model, "a", new Date(NOW)),
      await propose(model, "b", new Date(NOW + 2)),
      await propose(model, "c", new Date(NOW + 1)),
    ];
    await propose(randomUUID());
    await approve(ids[2] ?? "", "ben");
    const records = candidateRecords(database);
    const all = await records.list({ model }, { limit: 9, after: undefined });
    expect(all.map(({ id }) => id)).toEqual([ids[1], ids[2], ids[0]]);
    const [, second] = all;
    const after = second && { at: second.proposedAt, id: second.id };
    expect((await records.list({ model }, { limit: 9, after })).map(({ id }) => id)).toEqual([ids[0]]);
    const proposed = await records.list({ model, state: "PROPOSED" }, { limit: 9, after: undefined });
    expect(proposed.map(({ id }) => id)).toEqual([ids[1], ids[0]]);
    expect([await records.count({ model }), await records.count({ model, state: "APPROVED" })]).toEqual([3, 1]);
    expect(await candidatesWith(database.db, model, "b")).toMatchObject([{ id: ids[1] }]);
  });

  it("are resolved by one of twenty at once, and all others see who it was", async () => {
    const id = await propose(randomUUID());
    const seen = await Promise.all(Array.from({ length: 20 }, (_none, nth) => approve(id, `reviewer ${nth}`)));
    expect(new Set(seen).size).toBe(1);
    expect((await read(id)).steps).toMatchObject([{ by: "ada" }, { by: seen[0] }]);
  });

  it("are handed over in an order, and each of these ends once", async () => {
    const model = randomUUID();
    const [one, other] = [await propose(model, "one"), await propose(model, "other")];
    const records = candidateRecords(database);
    expect(await records.lastDeployment(model)).toBeUndefined();
    await deploy(one, "sandbox");
    const last = await deploy(other, "sandbox");
    expect(await records.lastDeployment(model)).toMatchObject({ candidateId: other, tableDigest: "other" });
    const begun = (await deploymentById(database.db, last)) ?? expect.fail("it is not there");
    const end = (problem: string | null) =>
      database.transaction((tx) => endDeployment(tx, begun, { endedAt: at, problem }));
    expect([await end("no space left"), await end(null)]).toEqual([true, false]);
    expect(await deploymentById(database.db, last)).toMatchObject({ endedAt: at, problem: "no space left" });
  });

  it.each([
    ["the table", "update decisions.candidates set source = '{}'", "candidates"],
    ["a candidate", "delete from decisions.candidates", "candidates"],
    ["all candidates", "truncate decisions.candidates cascade", "candidate_steps|candidates|deployments"],
    ["who approved it", "update decisions.candidate_steps set by = 'eve'", "candidate_steps"],
    ["an approval", "delete from decisions.candidate_steps where step > 0", "candidate_steps"],
    ["all approvals", "truncate decisions.candidate_steps", "candidate_steps"],
    ["where it was handed to", "update decisions.deployments set target = 'nowhere'", "deployments"],
    ["a deployment", "delete from decisions.deployments", "deployments"],
    ["all deployments", "truncate decisions.deployments", "deployments"],
  ])("keep %s from whoever may write", async (_what, statement, name) => {
    const id = await propose(randomUUID());
    await approve(id, "ben");
    await deploy(id, "sandbox");
    expect(await databaseError(database.db.execute(sql.raw(statement)))).toMatch(
      new RegExp(String.raw`^the record of tables is append-only: \w+ of decisions\.(?:${name}) is refused$`),
    );
  });

  it("keep how a deployment ended", async () => {
    const id = await propose(randomUUID());
    const deployment = await deploy(id, "sandbox");
    const begun = (await deploymentById(database.db, deployment)) ?? expect.fail("it is not there");
    await database.transaction((tx) => endDeployment(tx, begun, { endedAt: at, problem: "it answered 500" }));
    const forged = database.db.execute(sql`update decisions.deployments set problem = null where id = ${deployment}`);
    expect(await databaseError(forged)).toMatch(/^the record of tables is append-only/);
  });
});
