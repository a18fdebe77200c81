/**
 * Which subgraphs does the federation have, and at which URLs?
 *
 * rover.yaml lists them in the format of the rover tool: name, routing URL, schema file. `${env.X}` is replaced by an
 * environment variable.
 */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

/** The composed graph's file, relative to the project's root. */
export const SUPERGRAPH = "schema/supergraph.graphql";
/** The same for partners: what they do not see is hidden. */
export const PARTNER_SUPERGRAPH = "schema/partner.graphql";
/** What partners see of it, for their tools. */
export const PARTNER_CONTRACT = "schema/partner-contract.graphql";

export interface Federation {
  readonly subgraphs: readonly { readonly name: string; readonly routingUrl: string; readonly file: string }[];
}

const Rover = z.strictObject({
  // For the rover tool, which composes with that version; here the version of a dependency decides.
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z.record(
    z.string().regex(/^[a-z][a-z0-9-]*$/, "must be a lower-case word"),
    z.strictObject({ routing_url: z.url({ protocol: /^https?$/ }), schema: z.strictObject({ file: z.string() }) }),
  ),
});

/** Throws an Error that names the file and every problem. */
export function readRover(path: string, variables: Readonly<Record<string, string | undefined>> = {}): Federation {
  const text = readFileSync(path, "utf8").replaceAll(/\$\{env\.(\w+)\}/g, (_whole, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`Cannot read ${path}: environment variable ${name} is not set`);
    return value;
  });
  const parsed = Rover.safeParse(yaml(path, text));
  if (!parsed.success) throw new Error(`Cannot read ${path}: ${z.prettifyError(parsed.error)}`);
  return {
    subgraphs: Object.entries(parsed.data.subgraphs).map(([name, { routing_url: routingUrl, schema }]) => ({
      name,
      routingUrl,
      file: schema.file,
    })),
  };
}

function yaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${error instanceof Error ? error.message : "it is not YAML"}`, {
      cause: error,
    });
  }
}
