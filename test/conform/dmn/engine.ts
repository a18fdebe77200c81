/**
 * How does a run get the public engine? Maven copies the libraries of pom.xml into a temporary folder, which the next run
 * uses again; Java runs Engine.java beside this file with them. It answers a line for each line, in order.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";

export interface DmnEngine {
  /** Deploys the `data` of an `.otdt`, and gives the version that the engine counts. */
  deploy(data: object): Promise<Deployed>;
  /** Evaluates the body of an execute request. */
  execute(body: unknown): Promise<Executed>;
  close(): Promise<void>;
}

const Deployed = z.object({
  status: z.int(),
  body: z.looseObject({ version: z.int().optional(), exception: z.string().nullish() }),
});
export type Deployed = z.infer<typeof Deployed>;

const Executed = z.object({
  status: z.int(),
  body: z.looseObject({
    resultVariables: z.array(z.array(z.object({ name: z.string(), value: z.unknown().optional() }))).optional(),
    exception: z.string().nullish(),
  }),
  /** Why the evaluation failed. The engine's REST interface hides it. */
  failed: z.string().optional(),
  /** The numbers of the rules that matched. It hides these too. */
  rules: z.array(z.int()).default([]),
  /** The last rule that was looked at: a failed evaluation mostly ends with the rule whose cell fails. */
  last: z.int().default(0),
});
export type Executed = z.infer<typeof Executed>;

const FOLDER = join(projectRoot(), "test/conform/dmn");

/** What is missing on this machine; undefined if the engine can be had. */
export function missing(): string | undefined {
  const absent = ["java", "mvn"].filter((name) => spawnSync(name, ["-version"]).status !== 0);
  return absent.length === 0 ? undefined : absent.join(" and ");
}

export async function startDmnEngine(): Promise<DmnEngine> {
  const path = [join(libraries(), "*")].join(delimiter);
  const java = spawn("java", ["-cp", path, join(FOLDER, "Engine.java")], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = once(java, "close");
  const waiting: PromiseWithResolvers<unknown>[] = [];
  createInterface({ input: java.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line)));
  java.on("close", (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`the engine ended with ${code}`));
  });

  const say = (message: object): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>();
    waiting.push(answer);
    java.stdin.write(`${JSON.stringify(message)}\n`);
    return answer.promise;
  };
  return {
    deploy: async (data) => Deployed.parse(await say({ deploy: data })),
    execute: async (body) => Executed.parse(await say({ execute: body })),
    async close() {
      java.stdin.end();
      await ended;
    },
  };
}

/** A folder for each content of pom.xml. It appears whole or not at all. */
function libraries(): string {
  const pom = join(FOLDER, "pom.xml");
  const digest = createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `decibel-dmn-${digest}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}-${process.pid}`;
  mkdirSync(unfinished);
  const maven = ["-q", "-B", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${unfinished}`];
  const { status, stdout, stderr } = spawnSync("mvn", maven, { encoding: "utf8" });
  if (status !== 0) {
    rmSync(unfinished, { recursive: true });
    throw new Error(`Cannot fetch the engine: Maven ended with ${status}: ${stdout}${stderr}`);
  }
  renameSync(unfinished, folder);
  return folder;
}
