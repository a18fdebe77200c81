/**
 * `npm run rules -- deploy FILE`: may this table be handed over, and to whom?
 *
 * The graph permits it where a second person has approved exactly this table, and records that it begins. What is handed over is
 * the text that was approved, byte for byte, whatever the formatting of the file. Then the graph is told how it ended.
 */
import { access, constants, rename, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { reasonOf } from "../../platform/reason.ts";
import { openGraph } from "./graph.ts";
import type { GraphAccess } from "./graph.ts";
import { tableFile } from "./table-file.ts";

/** A file for the decision service. */
interface FileTarget {
  readonly out: string;
  /** Whether one that is there is replaced. */
  readonly force: boolean;
}
/** Or a sandbox of the decision service, by its URL. */
export type DeployTarget = FileTarget | { readonly sandbox: string };

export interface Deployed {
  readonly model: string;
  readonly candidate: string;
  readonly deployment: string;
  readonly approvedBy: string;
  readonly target: string;
  /** That the sandbox runs from now on; null for a file. */
  readonly version: number | null;
}

/** It was permitted, and may be done or not: what is handed over is not known to have arrived, or not recorded. */
export class HandOverError extends Error {
  override readonly name = "HandOverError";
}

/** Rejects with an Error for the operator: nothing was handed over, unless it is a HandOverError. */
export async function deployFile(file: string, target: DeployTarget, graph: GraphAccess): Promise<Deployed> {
  const { key: model, text: table } = await tableFile(file);
  const ask = await openGraph(graph);
  if ("out" in target && !target.force) await assertFree(target.out);
  const named = nameOf(target);
  const { beginDeployment: begun } = await ask(BEGIN, { input: { model, table, target: named } }, Begun);
  const deployment = begun.deployment.id;
  const end = (problem: string | null): Promise<unknown> =>
    ask(END, { input: { deploymentId: deployment, problem } }, z.unknown());
  let version: number | null;
  try {
    version = await handOver(begun.table, target);
  } catch (error) {
    const problem = reasonOf(error);
    await end(problem).catch(() => undefined);
    throw new HandOverError(`Cannot deploy ${model} to ${named}: ${problem}`, { cause: error });
  }
  await end(null).catch((error: unknown) => {
    throw new HandOverError(`${model} was handed to ${named}, but that is not recorded: ${reasonOf(error)}`);
  });
  const { approvedBy, candidate } = begun;
  return { model, candidate: candidate.id, deployment, approvedBy, target: named, version };
}

const Begun = z.object({
  beginDeployment: z.object({
    deployment: z.object({ id: z.string() }),
    candidate: z.object({ id: z.string() }),
    table: z.string(),
    approvedBy: z.string(),
  }),
});
const BEGIN = `mutation Begin($input: BeginDeploymentInput!) {
  beginDeployment(input: $input) { deployment { id } candidate { id } table approvedBy }
}`;
const END = `mutation End($input: EndDeploymentInput!) { endDeployment(input: $input) { deployment { id } } }`;

const TIMEOUT_MS = 30_000;
const SandboxReply = z.object({ version: z.int() });

/** Gives the version that runs then, where there is one. */
async function handOver(text: string, target: DeployTarget): Promise<number | null> {
  if ("out" in target) {
    await writeWhole(target, text);
    return null;
  }
  const response = await fetch(new URL("/sandbox/tables", target.sandbox), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: text,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error("it cannot be reached", { cause: error });
  });
  const answer = await response.text();
  const reply = response.ok ? SandboxReply.safeParse(jsonOf(answer)) : undefined;
  if (!reply?.success) throw new Error(`it answered ${response.status}: ${answer.slice(0, 300)}`);
  return reply.data.version;
}

/** Nobody finds half of it: the file appears whole. */
async function writeWhole({ out, force }: FileTarget, text: string): Promise<void> {
  const part = `${out}.${process.pid}.part`;
  try {
    await writeFile(part, text);
    // In between somebody else may have written one.
    if (!force) await assertFree(out);
    await rename(part, out);
  } finally {
    await rm(part, { force: true });
  }
}

async function assertFree(out: string): Promise<void> {
  const isThere = await access(out, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (isThere) throw new Error(`Cannot write ${out}: it is there already, and --force replaces it`);
}

/** For the record. A URL may hold a password, and a path says where somebody works. */
function nameOf(target: DeployTarget): string {
  return "out" in target ? `file ${basename(target.out)}` : `sandbox ${new URL(target.sandbox).origin}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
