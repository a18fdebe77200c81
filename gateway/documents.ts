/**
 * `npm run documents -- FOLDER|FILE… [--out documents.json] [--for partner]`: makes the manifest of the documents that clients
 * may name. TRUSTED_DOCUMENTS is its file.
 *
 * Each `.graphql` file is one document with one operation. It says at which endpoints it is valid, and what it costs at most:
 * with the largest pages where a variable says how large.
 */
// Before any decorator runs.
import "reflect-metadata";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { getOperationAST } from "graphql";
import { MAX_FIRST } from "../schema/connection.ts";
import { PARTNER_SUPERGRAPH, SUPERGRAPH } from "../schema/rover.ts";
import { projectRoot } from "../subgraphs/platform/environment.ts";
import { sentenceOf } from "../subgraphs/platform/reason.ts";
import { readPublicSchema } from "./engine/engine.ts";
import { fragmentsIn } from "./engine/operation.ts";
import { ENDPOINT, PARTNER_ENDPOINT } from "./http/endpoints.ts";
import { highestCost } from "./limits/cost.ts";
import type { Cost } from "./limits/cost.ts";
import { hashOf, validAt } from "./limits/manifest.ts";
import type { Endpoints, Manifest } from "./limits/manifest.ts";
import { readWeights } from "./limits/weights.ts";
import type { Weights } from "./limits/weights.ts";

const USAGE = "Usage: npm run documents -- FOLDER|FILE… [--out documents.json] [--for partner]";

export interface DocumentFile {
  readonly file: string;
  readonly text: string;
}

export interface ManifestOptions {
  readonly endpoints: Endpoints;
  readonly weights: Weights;
  /** Where each has to be valid. Default: anywhere. */
  readonly required?: string | undefined;
}

/** Throws an Error that names each file which is not valid. */
export function manifestOf(
  files: readonly DocumentFile[],
  { endpoints, weights, required }: ManifestOptions,
): Manifest {
  const problems: string[] = [];
  const documents = files.flatMap(({ file, text }) => {
    const { name, document, problems: wrong } = validAt(text, endpoints);
    const valid = [...endpoints.keys()].filter((endpoint) => wrong.get(endpoint) === undefined);
    const operation = document && getOperationAST(document);
    const place = required ?? [...endpoints.keys()][0] ?? "";
    if (!operation || (required === undefined ? valid.length === 0 : !valid.includes(required))) {
      problems.push(`${file}: ${wrong.get(place) ?? "it has several operations, or none"}`);
      return [];
    }
    const schema = endpoints.get(valid[0] ?? "");
    if (!schema) return [];
    const cost: Cost = highestCost({ schema, operation, fragments: fragmentsIn(document) }, weights, MAX_FIRST);
    return [[hashOf(text), { ...(name !== undefined && { name }), endpoints: valid, cost, text }] as const];
  });
  if (problems.length > 0) throw new Error(`Cannot make the manifest:\n  ${problems.join("\n  ")}`);
  return { version: 1, documents: Object.fromEntries(documents) };
}

/** Of files and folders, the folders with all below them. */
function documentFiles(paths: readonly string[]): readonly DocumentFile[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [{ file: path, text: readFileSync(path, "utf8") }];
    const names = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(graphql|gql)$/.test(name),
    );
    return names.toSorted().map((name) => ({ file: join(path, name), text: readFileSync(join(path, name), "utf8") }));
  });
}

function main(args: readonly string[]): void {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { out: { type: "string", default: "documents.json" }, for: { type: "string" } },
    allowPositionals: true,
  });
  if (positionals.length === 0 || (values.for !== undefined && values.for !== "partner")) throw new Error(USAGE);
  const root = projectRoot();
  const supergraph = readFileSync(join(root, SUPERGRAPH), "utf8");
  const forPartners = readFileSync(join(root, PARTNER_SUPERGRAPH), "utf8");
  const endpoints = new Map([
    [ENDPOINT, readPublicSchema(supergraph)],
    [PARTNER_ENDPOINT, readPublicSchema(forPartners)],
  ]);
  const required = values.for === undefined ? undefined : PARTNER_ENDPOINT;
  const files = documentFiles(positionals);
  if (files.length === 0)
    throw new Error(`Cannot make the manifest: there is no .graphql file in ${positionals.join(", ")}`);
  const manifest = manifestOf(files, { endpoints, weights: readWeights(supergraph), required });
  writeFileSync(values.out, `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const [hash, { name = "", endpoints: at, cost }] of Object.entries(manifest.documents)) {
    const { fieldCost, openTextCalls } = cost;
    process.stdout.write(
      `${hash.slice(0, 12)}  ${name}  ${at.join(" ")}  cost ${fieldCost}  OpenText calls ${openTextCalls}\n`,
    );
  }
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    const isUsage = error instanceof Error && error.message === USAGE;
    process.stderr.write(`${isUsage ? USAGE : sentenceOf("Cannot make the manifest", error)}\n`);
    process.exitCode = 1;
  }
}
