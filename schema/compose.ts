/**
 * How is the supergraph composed?
 *
 * Each subgraph's schema is printed from its code, and all are composed as rover.yaml says: once whole, and once with what
 * partners see of it. The results are committed in this folder: reviewers read them, and a gateway starts from them without
 * other processes.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { composeSchemaContract, composeServices, compositionHasErrors } from "@theguild/federation-composition";
import type { CompositionResult, ServiceDefinition } from "@theguild/federation-composition";
import { GraphQLSchema, buildSchema, parse, printSchema, specifiedDirectives } from "graphql";
import { PARTNER } from "./partner.ts";
import { PARTNER_CONTRACT, PARTNER_SUPERGRAPH, SUPERGRAPH } from "./rover.ts";
import type { Federation } from "./rover.ts";

/** File name, relative to the project's root, → content. Throws an Error that lists every composition error. */
export async function composeFiles(
  federation: Federation,
  print: (subgraph: string) => Promise<string>,
): Promise<ReadonlyMap<string, string>> {
  const printed = await Promise.all(federation.subgraphs.map(({ name }) => print(name)));
  const files = new Map(federation.subgraphs.map(({ file }, index) => [file, printed[index] ?? ""]));
  const forPartners = composeForPartners(federation, files);
  return files
    .set(SUPERGRAPH, compose(federation, files))
    .set(PARTNER_SUPERGRAPH, forPartners.supergraph)
    .set(PARTNER_CONTRACT, forPartners.contract);
}

/** Composes the schemas into supergraph SDL. */
export function compose(federation: Federation, files: ReadonlyMap<string, string>): string {
  return sdlOf(composeServices(servicesOf(federation, files)));
}

export interface PartnerSchemas {
  /** The same supergraph: what has no tag of partners is `@inaccessible`, as is what nothing that they see leads to. */
  readonly supergraph: string;
  /** What partners see, for their tools. */
  readonly contract: string;
}

export function composeForPartners(federation: Federation, files: ReadonlyMap<string, string>): PartnerSchemas {
  const tags = { include: new Set([PARTNER]), exclude: new Set<string>() };
  const result = composeSchemaContract(servicesOf(federation, files), tags);
  return { supergraph: sdlOf(result), contract: contractOf(result.publicSdl ?? "") };
}

/** Without the directives by which subgraphs tell gateways of their fields. */
function contractOf(publicSdl: string): string {
  const config = buildSchema(publicSdl).toConfig();
  return `${printSchema(new GraphQLSchema({ ...config, directives: specifiedDirectives })).trim()}\n`;
}

function servicesOf({ subgraphs }: Federation, files: ReadonlyMap<string, string>): ServiceDefinition[] {
  return subgraphs.map(({ name, routingUrl, file }) => ({
    name,
    url: routingUrl,
    typeDefs: parse(files.get(file) ?? ""),
  }));
}

function sdlOf(result: CompositionResult): string {
  if (compositionHasErrors(result)) {
    throw new Error(`Cannot compose the supergraph:\n  ${result.errors.map(({ message }) => message).join("\n  ")}`);
  }
  return `${result.supergraphSdl.trim()}\n`;
}

/** The committed files that differ from the code. */
export async function staleFiles(root: string, files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const names = [...files.keys()];
  const current = await Promise.all(names.map((name) => readFile(join(root, name), "utf8").catch(() => undefined)));
  return names.filter((name, index) => current[index] !== files.get(name));
}
