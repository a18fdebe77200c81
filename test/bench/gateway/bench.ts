/**
 * `npm run bench -- gateway [--json] [--install]`: how fast is the gateway, beside others over the same subgraphs?
 *
 * Each gateway is a process of its own, and so are the subgraphs. Every request has another seed, so that no gateway can
 * join two, and a caller of its own. `--install` fetches the other gateways into this folder; without them only Decibel
 * and the limit are measured: a program written for the one query.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { compare, rounded } from "./rounds.ts";
import type { Contestant, Figures } from "./rounds.ts";
import { run } from "./program.ts";
import { QUERY, expected, supergraphAt } from "./world.ts";
import type { SubgraphName } from "./world.ts";

const FIRST_PORT = 4700;
/** Each of these many answers is checked as a whole, the others by what they contain. */
const CHECK_EVERY = 25;

const source = join(projectRoot(), "test/bench/gateway");
const built = join(projectRoot(), "dist/test/bench/gateway");
const node = join(projectRoot(), "node_modules/.bin/node");

export async function benchGateway(options: { readonly install: boolean }): Promise<Figures> {
  if (options.install) await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund"], { cwd: source });
  const folder = await mkdtemp(join(tmpdir(), "decibel-bench-"));
  const subgraphs = await run(node, [join(built, "subgraphs.js")]);
  const contestants: Contestant[] = [];
  try {
    const file = join(folder, "supergraph.graphql");
    await writeFile(file, supergraphAt(JSON.parse(subgraphs.line) as Record<SubgraphName, string>));
    const start = async (name: string, path: string, first: string, ...rest: readonly string[]): Promise<void> => {
      const program = await run(node, [path, first, String(FIRST_PORT + contestants.length), ...rest]);
      contestants.push({ name, url: program.line, program });
    };
    await start("decibel", join(built, "decibel.js"), file);
    await start("embedded", join(built, "decibel.js"), file, "embedded");
    await start("handWritten", join(source, "peers/limit.mjs"), subgraphs.line);
    if (existsSync(join(source, "node_modules"))) {
      await start("apollo", join(source, "peers/apollo.mjs"), file);
      await start("hive", join(source, "peers/hive.mjs"), file);
      await start("hiveRust", join(source, "peers/hive.mjs"), file, "rust");
    }
    const figures = await compare(contestants, {
      connections: 16,
      warmMs: 3000,
      roundMs: 4000,
      rounds: 3,
      request: (number, round) => ({
        query: QUERY,
        operationName: "Board",
        variables: { seed: seedOf(number, round) },
      }),
      isRight: (text, number) => isRight(text, number % CHECK_EVERY === 1),
      ratios: {
        handWritten: ["decibel", "handWritten"],
        apollo: ["decibel", "apollo"],
        hive: ["decibel", "hive"],
        hiveRust: ["decibel", "hiveRust"],
        embeddedOverSplit: ["embedded", "decibel"],
      },
    });
    const { decibel, hive } = figures.measured;
    const memory = decibel && hive ? { memoryOverHive: rounded(decibel.peakMemory / hive.peakMemory) } : {};
    return { ...figures, ratios: { ...figures.ratios, ...memory } };
  } finally {
    for (const { program } of contestants) await program.stop();
    await subgraphs.stop();
    await rm(folder, { recursive: true });
  }
}

/** All of one length, so that all answers are. */
function seedOf(number: number, round: string): string {
  return `${round}${String(number).padStart(7, "0")}`;
}

function isRight(text: string, isWhole: boolean): boolean {
  if (!isWhole) return text.includes("-19-e11") && !text.includes('"errors"');
  const { data, errors } = JSON.parse(text) as { data: { campaigns: { id: string }[] }; errors?: unknown };
  const seed = /^c(\d+|w\d+)-0$/.exec(data.campaigns[0]?.id ?? "")?.[1];
  return errors === undefined && seed !== undefined && isDeepStrictEqual(data, expected(seed));
}
