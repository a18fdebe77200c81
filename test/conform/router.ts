/**
 * `npm run conform -- router [PATH]`: does another router answer as our gateway does, over the same supergraph?
 *
 * Hive Router, as deploy/routers/hive-router.yaml configures it, through the proxy that signs, for a client with a token. Its
 * program is not part of this project: the path is that of `hive_router`, which is looked for on the PATH where it is left out, and
 * where the bench of the gateway builds it.
 */
import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { firstQuery } from "../../gateway/http/graphiql.ts";
import { SUPERGRAPH } from "../../schema/rover.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { findHiveRouter } from "../bench/gateway/native.ts";
import { BOARD } from "../bench/board/bench.ts";
import { asAdmin, urlOf } from "../support/database.ts";
import { SUBGRAPHS, ask } from "../support/decibel.ts";
import { NOW } from "../support/now.ts";
import { freePort, programNamed } from "../support/programs.ts";
import { createSplit } from "../support/split.ts";
import { TOKENS, authorized } from "../support/tokens.ts";

const PROGRAM = "hive_router";
const START_MS = 60_000;
const POLL_MS = 100;
/** Where its configuration has the proxy. */
const SIGNER = "http://127.0.0.1:4020/";

type Question = readonly [what: string, query: string, variables: object];
const questions = (campaignId: string): readonly Question[] => [
  ["the first query of the README", firstQuery(campaignId), {}],
  ["the board of the bench", BOARD, { campaignId }],
  [
    "entities by their references, and one that is not there",
    `query ($none: ID!) {
      caseWorklist(first: 10) { nodes { id account campaign { name targeting { verdict } } routing { verdict queue } } }
      locationWorklist(first: 10) { nodes { id name playback { verdict reasons { code } } } }
      campaign(id: $none) { id }
    }`,
    { none: "campaign_00000000-0000-4000-8000-000000000000" },
  ],
];

/** Gives the exit code. */
export async function conformToRouter([path = programNamed(PROGRAM) ?? ofBench()]: readonly string[]): Promise<number> {
  if (path === undefined || !existsSync(path)) {
    const reason = `there is no ${path ?? `${PROGRAM} on the PATH`}`;
    process.stderr.write(`Cannot conform: ${reason}; say where it is: npm run conform -- router /path/of/${PROGRAM}\n`);
    return 2;
  }
  const database = `decibel_conform_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await asAdmin(`create database ${database}`);
  const split = await createSplit({ ...TOKENS, DATABASE_URL: urlOf(database) });
  let stop = async (): Promise<void> => {};
  try {
    await split.start(["sandboxes"]);
    await split.start(["subgraph", ...SUBGRAPHS]);
    const ours = (await split.start(["gateway"])).front?.url ?? "";
    const signer = new Map((await split.start(["signer"])).parts).get("signer") ?? "";
    const router = await startRouter(path, new URL("/", signer).href);
    ({ stop } = router);
    return (await compare(ours, router.url)) ? 0 : 1;
  } finally {
    await stop();
    await split.stop();
    await asAdmin(`drop database if exists ${database} with (force)`);
  }
}

/** `npm run bench -- gateway --install` builds one. */
function ofBench(): string | undefined {
  const found = findHiveRouter();
  return "file" in found ? found.file : undefined;
}

async function compare(ours: string, theirs: string): Promise<boolean> {
  const headers = await authorized(NOW);
  const { data } = await ask<{ campaigns: { nodes: readonly { id: string }[] } }>(
    ours,
    "{ campaigns(first: 1) { nodes { id } } }",
    {},
    headers,
  );
  let agree = true;
  for (const [what, query, variables] of questions(data.campaigns.nodes[0]?.id ?? "")) {
    // What is decided for the first time has another origin than what is known.
    await ask(ours, query, variables, headers);
    const expected = await ask(ours, query, variables, headers);
    const answer = await ask(theirs, query, variables, headers);
    const isSame = isDeepStrictEqual(answer.data, expected.data) && expected.errors.length === 0;
    process.stdout.write(
      `${isSame ? "ok " : "NOT"} ${what}: ${JSON.stringify(expected.data).length} characters of data\n`,
    );
    if (!isSame)
      process.stdout.write(`      ${difference(expected.data, answer.data)} ${JSON.stringify(answer.errors)}\n`);
    agree &&= isSame;
  }
  const { errors } = await ask(theirs, "{ campaigns(first: 1) { nodes { id } } }");
  const isRefused = errors.some(({ extensions }) => extensions["code"] === "UNAUTHENTICATED");
  process.stdout.write(`${isRefused ? "ok " : "NOT"} nobody without a token: ${JSON.stringify(errors)}\n`);
  return agree && isRefused;
}

/** Where two answers differ first. */
function difference(expected: unknown, actual: unknown, path = "data"): string {
  if (typeof expected !== "object" || expected === null || typeof actual !== "object" || actual === null)
    return `${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
  const [left, right] = [new Map(Object.entries(expected)), new Map(Object.entries(actual))];
  const key = [...left.keys(), ...right.keys()].find((one) => !isDeepStrictEqual(left.get(one), right.get(one))) ?? "";
  return difference(left.get(key), right.get(key), `${path}.${key}`);
}

async function startRouter(program: string, signer: string) {
  const folder = await mkdtemp(join(tmpdir(), "decibel-router-"));
  const config = join(folder, "router.config.yaml");
  const given = await readFile(join(projectRoot(), "deploy/routers/hive-router.yaml"), "utf8");
  await writeFile(config, given.replaceAll(SIGNER, signer));
  // Beside it, as it says.
  await copyFile(join(projectRoot(), SUPERGRAPH), join(folder, "supergraph.graphql"));
  const port = String(await freePort());
  const child = spawn(program, {
    cwd: folder,
    env: { ROUTER_CONFIG_FILE_PATH: config, HOST: "127.0.0.1", PORT: port },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => void (said += chunk.toString()));
  const url = `http://127.0.0.1:${port}/graphql`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
    await rm(folder, { recursive: true });
  };
  const endsAt = performance.now() + START_MS;
  while (!(await isUp(url))) {
    if (child.exitCode === null && performance.now() < endsAt) await delay(POLL_MS);
    else {
      await stop();
      throw new Error(`${program} does not start: ${said}`);
    }
  }
  return { url, stop };
}

async function isUp(url: string): Promise<boolean> {
  return ask(url, "{ __typename }").then(
    () => true,
    () => false,
  );
}
