/** From a proposal to another verdict: by the commands that operators have, a graph that knows its callers, and the real sandbox. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCandidate } from "../../subgraphs/pipeline/candidate.ts";
import type { Model } from "../../subgraphs/pipeline/models.ts";
import { HandOverError } from "../../subgraphs/pipeline/rules/deploy.ts";
import { rulesCommand } from "../../subgraphs/pipeline/rules/command.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { ask, NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { overSse, toldTo } from "../support/live.ts";
import { changedTable } from "../support/table-files.ts";
import { TOKENS, authorized, tokenFor } from "../support/tokens.ts";

const MODEL = "location_playback";
const PLAYBACK = "locations/location_playback.otdt";
/** Nobody may play music any more: the closing rule, which always matches, denies it. */
const SILENT = changedTable(PLAYBACK, (name, _text, rule) => (name === "verdict" && rule === 28 ? "DENY" : undefined));
const VERDICTS = "{ locations(first: 50) { nodes { id playback { verdict model { version } } } } }";

let graph: TestDecibel;
let folder: string;
let file: string;
const keyFiles: Record<string, string> = {};
beforeAll(async () => {
  graph = await startTestDecibel({ variables: TOKENS });
  folder = await mkdtemp(join(tmpdir(), "deploy-"));
  file = join(folder, "location_playback.otdt");
  for (const [sub, scope] of [
    ["ada", "reviews:write"],
    ["ben", "reviews:write audit:read"],
    ["cleo", "operations:write"],
  ] as const) {
    keyFiles[sub] = join(folder, `${sub}.token`);
    await writeFile(keyFiles[sub], `${await tokenFor(NOW, { sub, scope })}\n`);
  }
}, 60_000);
afterAll(async () => {
  await graph.stop();
  await rm(folder, { recursive: true });
});

const run = (who: string, ...args: readonly string[]) =>
  rulesCommand([...args, "--graph", graph.decibel.url, "--key-file", keyFiles[who] ?? ""], { decisions: [] });
const query = async <Data>(text: string, variables: object = {}, claims = {}) =>
  ask<Data>(graph.decibel.url, text, variables, await authorized(NOW, claims));

async function proposed(table: string): Promise<string> {
  await writeFile(file, table);
  const { text } = await run("ada", "propose", file, "--note", "as the board decided", "--json");
  return JSON.parse(text).candidate;
}
async function approve(candidateId: string): Promise<void> {
  const input = { candidateId, state: "APPROVED", note: "as the board decided" };
  const { errors } = await query(
    "mutation ($input: ResolveCandidateInput!) { resolveCandidate(input: $input) { candidate { state } } }",
    { input },
    { sub: "ben" },
  );
  expect(errors).toEqual([]);
}
interface Shown {
  readonly state: string;
  readonly deployments: readonly { readonly target: string; readonly by: string; readonly problem: string | null; readonly endedAt: string | null }[];
} // prettier-ignore
async function shown(id: string): Promise<Shown> {
  const { data } = await query<{ tableCandidate: Shown }>(
    "query ($id: ID!) { tableCandidate(id: $id) { state deployments { target by problem endedAt } } }",
    { id },
  );
  return data.tableCandidate;
}
/** As a table differs that says the same: in a reason. */
const said = (what: string): string =>
  changedTable(PLAYBACK, (name, text, rule) => (name === "reason" && rule === 1 ? `${text} (${what})` : undefined));

describe("rules deploy", () => {
  it("hands a table to the service once a second person has approved it, and its decisions change", async () => {
    const sandbox = ["--sandbox", graph.sandbox("opentext").origin];
    const before = await verdicts();
    expect(new Set(Object.values(before.verdicts))).toContain("ALLOW");
    await writeFile(file, SILENT);
    await expect(run("cleo", "deploy", file, ...sandbox)).rejects.toThrow(
      `Cannot deploy ${MODEL}: nobody has proposed this table`,
    );
    const id = await proposed(SILENT);
    await expect(run("cleo", "deploy", file, ...sandbox)).rejects.toThrow(
      `Cannot deploy ${MODEL}: ${id} waits for a second person to approve it`,
    );
    await graph.decibel.pipeline.versions.refresh();
    expect((await verdicts()).verdicts).toEqual(before.verdicts);

    await approve(id);
    const { text } = await run("cleo", "deploy", file, ...sandbox);
    expect(text).toBe(
      `${MODEL}: ${id}, approved by token:ben, was handed to sandbox ${graph.sandbox("opentext").origin}, which runs it as version 2`,
    );
    expect((await shown(id)).deployments).toEqual([
      {
        target: `sandbox ${graph.sandbox("opentext").origin}`,
        by: "token:cleo",
        problem: null,
        endedAt: new Date(NOW).toISOString(),
      },
    ]);

    // As it notices by itself, within an interval.
    await graph.decibel.pipeline.versions.refresh();
    const after = await verdicts();
    const allowed = Object.entries(before.verdicts).flatMap(([id, verdict]) => (verdict === "ALLOW" ? [id] : []));
    expect(new Set(allowed.map((id) => after.verdicts[id]))).toEqual(new Set(["DENY"]));
    expect(after.versions).toEqual(["2"]);
    const { data } = await query<{ decisionModel: object }>(
      `{ decisionModel(key: "${MODEL}") { version copy drifted trust { state } } }`,
    );
    expect(data.decisionModel).toMatchObject({ version: "2", drifted: true, trust: { state: "DISTRUSTED" } });
    expect(after.codes).toEqual([]);

    // With the new file, the same table is handed over again: the two are the same.
    const models = graph.decibel.pipeline.models as Map<string, Model>;
    const model = models.get(MODEL) ?? expect.fail("there is no model");
    models.set(MODEL, readCandidate(model, SILENT, "table"));
    expect((await run("cleo", "deploy", file, ...sandbox)).text).toMatch(/which runs it as version 3$/);
    await graph.decibel.pipeline.versions.refresh();
    const restarted = await verdicts();
    expect(new Set(Object.values(restarted.verdicts))).toEqual(new Set(["DENY"]));
    expect(restarted.codes).toEqual([]);
    models.set(MODEL, model);
  }, 60_000);

  it("refuses one that was rejected", async () => {
    const id = await proposed(said("rejected"));
    const input = { candidateId: id, state: "REJECTED", note: "no" };
    const resolve =
      "mutation ($input: ResolveCandidateInput!) { resolveCandidate(input: $input) { candidate { id } } }";
    expect((await query(resolve, { input }, { sub: "ben" })).errors).toEqual([]);
    const deploying = run("cleo", "deploy", file, "--out", join(folder, "out.otdt"));
    await expect(deploying).rejects.toThrow(`${id} is REJECTED, by token:ben at ${new Date(NOW).toISOString()}`);
    await expect(deploying).rejects.not.toBeInstanceOf(HandOverError);
    expect(await readdir(folder)).not.toContain("out.otdt");
  });

  it("writes the file that was approved, byte for byte, whatever the formatting of the one that it is given", async () => {
    const table = `\n ${said("approved")}\n`;
    const id = await proposed(table);
    await approve(id);
    await writeFile(file, JSON.stringify(JSON.parse(table), null, 2));
    const out = join(folder, "approved.otdt");
    const { text } = await run("cleo", "deploy", file, "--out", out, "--json");
    expect(JSON.parse(text)).toEqual({
      model: MODEL,
      candidate: id,
      deployment: expect.stringMatching(/^deployment_/),
      approvedBy: "token:ben",
      target: "file approved.otdt",
      version: null,
    });
    expect(await readFile(out, "utf8")).toBe(table);
  });

  it("replaces a file only with --force, and begins nothing before it knows", async () => {
    const id = await proposed(said("twice"));
    await approve(id);
    const out = join(folder, "there.otdt");
    await writeFile(out, "mine");
    await expect(run("cleo", "deploy", file, "--out", out)).rejects.toThrow(
      `Cannot write ${out}: it is there already, and --force replaces it`,
    );
    expect(await readFile(out, "utf8")).toBe("mine");
    expect((await shown(id)).deployments).toEqual([]);
    await run("cleo", "deploy", file, "--out", out, "--force");
    expect(await readFile(out, "utf8")).toBe(said("twice"));
    expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("records why a table could not be handed over, and says that it was permitted", async () => {
    const id = await proposed(said("failed"));
    await approve(id);
    const missing = join(folder, "missing", "out.otdt");
    const deploying = run("cleo", "deploy", file, "--out", missing);
    await expect(deploying).rejects.toBeInstanceOf(HandOverError);
    await expect(deploying).rejects.toThrow(`Cannot deploy ${MODEL} to file out.otdt: there is no such file or folder`);
    const broken = createServer((_request, response) => response.writeHead(500).end("out of order"));
    await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
    await expect(run("cleo", "deploy", file, "--sandbox", origin)).rejects.toThrow(
      `Cannot deploy ${MODEL} to sandbox ${origin}: it answered 500: out of order`,
    );
    await new Promise((resolve) => broken.close(resolve));
    await expect(run("cleo", "deploy", file, "--sandbox", origin)).rejects.toThrow("it cannot be reached");
    expect((await shown(id)).deployments.map(({ target, problem }) => [target, problem])).toEqual([
      [`sandbox ${origin}`, "it cannot be reached"],
      [`sandbox ${origin}`, "it answered 500: out of order"],
      ["file out.otdt", "there is no such file or folder"],
    ]);
  });

  it("names no password of a URL in the record", async () => {
    await approve(await proposed(said("secret")));
    const url = new URL(graph.sandbox("opentext").origin);
    url.port = "9";
    url.username = "operator";
    url.password = "hunter2";
    const error: unknown = await run("cleo", "deploy", file, "--sandbox", url.href).catch((reason: unknown) => reason);
    expect(String(error)).toContain(`to sandbox http://127.0.0.1:9: `);
    expect(String(error)).not.toContain("hunter2");
  });

  it("needs the scope, and a proposal needs another one", async () => {
    await writeFile(file, SILENT);
    await expect(run("ben", "deploy", file, "--out", join(folder, "o"))).rejects.toThrow(
      "Cannot answer Mutation.beginDeployment: it needs the scope operations:write",
    );
    await expect(run("cleo", "propose", file, "--note", "?")).rejects.toThrow(
      "Cannot answer Mutation.proposeTable: it needs the scope reviews:write",
    );
  });

  it.each([
    [["deploy"]],
    [["deploy", "FILE"]],
    [["deploy", "FILE", "--out", "a", "--sandbox", "http://127.0.0.1:9"]],
    [["deploy", "FILE", "--sandbox", "somewhere"]],
    [["deploy", "FILE", "--sandbox", "http://127.0.0.1:9", "--force"]],
    [["propose", "FILE"]],
  ])("with %j says how it is used", async (args) => {
    await expect(rulesCommand(args, { decisions: [] })).rejects.toThrow(/^usage: /);
  });

  it("exits with 1 where nothing was handed over, and with 2 where it was permitted and failed", async () => {
    await approve(await proposed(said("exits")));
    const exits = async (...args: readonly string[]): Promise<number> => {
      const command = [join(projectRoot(), "dist/subgraphs/rules.js"), "deploy", file];
      const options = ["--graph", graph.decibel.url, "--key-file", keyFiles["cleo"] ?? ""];
      return promisify(execFile)(process.execPath, [...command, ...args, ...options]).then(
        () => 0,
        ({ code }: { readonly code: number }) => code,
      );
    };
    const out = join(folder, "exits");
    expect(await exits("--out", join(out, "out.otdt"))).toBe(2);
    await mkdir(out);
    expect(await exits("--out", join(out, "out.otdt"))).toBe(0);
    expect(await exits("--out", join(out, "out.otdt"))).toBe(1);
  }, 60_000);
});

describe("rules propose", () => {
  it("says which candidate it is", async () => {
    await writeFile(file, said("proposed"));
    const { text } = await run("ada", "propose", file, "--note", "clearer");
    expect(text).toMatch(/^location_playback: candidate_\S+ is PROPOSED$/);
    expect((await run("ada", "propose", file, "--note", "clearer")).text).toBe(text);
  });

  it("says all that is wrong with a table", async () => {
    await writeFile(
      file,
      changedTable(PLAYBACK, (name) => (name === "verdict" ? "MAYBE" : undefined)),
    );
    await expect(run("ada", "propose", file, "--note", "?")).rejects.toThrow(
      /^Cannot use this table for location_playback: rule 1, .*\n {2}rule 2, /,
    );
  });
});

describe("a candidate's changes", () => {
  it("are told to who subscribes", async () => {
    const headers = await authorized(NOW, { sub: "watcher", scope: "audit:read" });
    const subscription = `subscription { candidateChanged(model: "${MODEL}") { id state deployments { by } } }`;
    const one = await overSse(graph.decibel.url, subscription, { headers });
    const other = await overSse(graph.decibel.url, 'subscription { candidateChanged(model: "x") { id } }', { headers });
    const id = await proposed(said("told"));
    await expect.poll(() => toldTo(one)).toEqual([{ candidateChanged: { id, state: "PROPOSED", deployments: [] } }]);
    await approve(id);
    await expect
      .poll(() => toldTo(one).at(-1))
      .toEqual({ candidateChanged: { id, state: "APPROVED", deployments: [] } });
    await run("cleo", "deploy", file, "--out", join(folder, "told.otdt"));
    await expect
      .poll(() => toldTo(one).at(-1))
      .toEqual({ candidateChanged: { id, state: "APPROVED", deployments: [{ by: "token:cleo" }] } });
    expect(other.told).toEqual([]);
    one.leave();
    other.leave();
  });
});

interface Verdicts {
  readonly verdicts: Readonly<Record<string, string | undefined>>;
  readonly versions: readonly string[];
  /** Of errors. */
  readonly codes: readonly unknown[];
}
async function verdicts(): Promise<Verdicts> {
  interface Location {
    readonly id: string;
    readonly playback: { readonly verdict: string; readonly model: { readonly version: string } } | null;
  }
  const { data, errors } = await query<{ locations: { nodes: readonly Location[] } }>(VERDICTS);
  const decided = data.locations.nodes.flatMap(({ id, playback }) => (playback ? [{ id, ...playback }] : []));
  return {
    verdicts: Object.fromEntries(decided.map(({ id, verdict }) => [id, verdict])),
    versions: [...new Set(decided.map(({ model }) => model.version))],
    codes: errors.map(({ extensions }) => extensions["code"]),
  };
}
