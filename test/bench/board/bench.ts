/**
 * `npm run bench -- board [--json]`: how many boards a second, through the whole path with warm decisions?
 *
 * A board is 20 campaigns, episodes, locations and listeners with all their decisions, about another campaign in each
 * request. Decibel embedded, Decibel with its subgraphs over HTTP, and, where the packages of the gateway's bench are
 * installed, the same subgraphs behind Apollo Gateway and Hive Gateway; in turn, for several rounds in one run.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { routed } from "../../../gateway/supergraph.ts";
import { SUPERGRAPH } from "../../../schema/rover.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { send } from "../gateway/load.ts";
import { compare } from "../gateway/rounds.ts";
import type { Contestant, Figures } from "../gateway/rounds.ts";
import { run } from "../gateway/program.ts";
import type { Program } from "../gateway/program.ts";

const CONNECTIONS = 8;
const FIRST_PORT = 4750;
const root = projectRoot();
const built = join(root, "dist/test/bench/board");
const peers = join(root, "test/bench/gateway");
const node = join(root, "node_modules/.bin/node");

const DECISION = "{ verdict origin reasons { code } }";
export const BOARD = `query Board($campaignId: ID!) {
  campaigns(first: 20) { nodes { id name status targeting ${DECISION} activation ${DECISION} } }
  episodes(first: 20) { nodes { id title publishing ${DECISION} placement(campaignId: $campaignId) ${DECISION} } }
  locations(first: 20) { nodes { id name playback ${DECISION} } }
  listeners(first: 20) { nodes { id segments ${DECISION} lead ${DECISION} activation(campaignId: $campaignId) ${DECISION} } }
}`;

export async function benchBoard(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), "decibel-bench-"));
  const directories = ["memory", "http"].map((name) => join(folder, name));
  const programs: Program[] = [];
  const start = async (...args: readonly string[]): Promise<Program> => {
    const program = await run(node, args, { cwd: root });
    programs.push(program);
    return program;
  };
  try {
    const sandboxes = await start(join(built, "sandboxes.js"), ...directories);
    const contestants: Contestant[] = [];
    const urls: Record<string, string>[] = [];
    for (const [index, transport] of ["memory", "http"].entries()) {
      const program = await start(join(built, "decibel.js"), sandboxes.line, directories[index] ?? "", transport);
      const parts = JSON.parse(program.line) as Record<string, string>;
      urls.push(parts);
      contestants.push({ name: transport === "memory" ? "embedded" : "split", url: parts["gateway"] ?? "", program });
    }
    if (existsSync(join(peers, "node_modules"))) {
      const file = join(folder, "supergraph.graphql");
      const { gateway: _own, ...subgraphs } = urls[1] ?? {};
      await writeFile(file, routed(await readFile(join(root, SUPERGRAPH), "utf8"), subgraphs));
      const gateways = [
        ["apollo", "apollo.mjs", ""],
        ["hiveRust", "hive.mjs", "rust"],
      ] as const;
      for (const [index, [name, program, planner]] of gateways.entries()) {
        const started = await start(join(peers, "peers", program), file, String(FIRST_PORT + index), planner);
        contestants.push({ name, url: started.line, program: started });
      }
    }
    const ids = await campaignIds(urls[0]?.["gateway"] ?? "");
    return await compare(contestants, {
      connections: CONNECTIONS,
      warmMs: 6000,
      roundMs: 5000,
      rounds: 3,
      requests: () => ({
        request: (number) => ({ query: BOARD, variables: { campaignId: ids[number % ids.length] } }),
        isRight: (text) => !text.includes('"errors"') && text.split('"verdict"').length === 1 + 20 * 8,
      }),
      ratios: {
        apollo: ["embedded", "apollo"],
        hiveRust: ["embedded", "hiveRust"],
        embeddedOverSplit: ["embedded", "split"],
      },
    });
  } finally {
    for (const program of programs) await program.stop();
    await rm(folder, { recursive: true });
  }
}

async function campaignIds(url: string): Promise<readonly string[]> {
  const text = await send(url, { query: "{ campaigns(first: 60) { nodes { id } } }", variables: {} });
  const { data } = JSON.parse(text) as { data: { campaigns: { nodes: { id: string }[] } } };
  return data.campaigns.nodes.map(({ id }) => id);
}
