/**
 * Which processes is a deployment made of, and how do they find each other on this machine?
 *
 * Two of each part, with a free port each, over the sandboxes in a process of their own. Who starts them gives them the
 * database and the cache.
 */
import { portVariable, urlVariable } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { SANDBOXES, SUBGRAPHS } from "./decibel.ts";
import { lastingPort } from "./programs.ts";

export interface Planned {
  /** `campaigns-2` */
  readonly name: string;
  /** Of its command. */
  readonly args: readonly string[];
  /** The origin that has its `/ready`. */
  readonly origin: string;
  /** Its own ports. */
  readonly variables: Variables;
}

export interface Members {
  /** The sandboxes first, which all others need; the gateways last. */
  readonly planned: readonly Planned[];
  /** Of all: where the sandboxes and the subgraphs are. */
  readonly shared: Variables;
}

const REPLICAS = ["1", "2"] as const;

/** `isGrouped`: all subgraphs in one process, and so two of those. */
export async function planMembers({ isGrouped }: { readonly isGrouped: boolean }): Promise<Members> {
  const sandboxes = await portsOf(SANDBOXES.map((name) => `${name}-sandbox`));
  const replicas = await Promise.all(REPLICAS.map(() => portsOf(SUBGRAPHS)));
  const routes = SUBGRAPHS.map((name): readonly [string, string] => [
    urlVariable(name),
    replicas.map((ports) => `http://127.0.0.1:${ports.get(name)}/graphql`).join(","),
  ]);
  const groups = isGrouped ? [SUBGRAPHS] : SUBGRAPHS.map((name) => [name]);
  const planned = [member("sandboxes", ["sandboxes"], sandboxes.values().next().value ?? 0, {})];
  for (const [index, ports] of replicas.entries()) {
    for (const names of groups) {
      const [first = ""] = names;
      const name = `${isGrouped ? "subgraphs" : first}-${index + 1}`;
      planned.push(member(name, ["subgraph", ...names], ports.get(first) ?? 0, variablesOf(ports)));
    }
  }
  for (const [role, variable] of [
    ["worker", "WORKER_PORT"],
    ["gateway", "PORT"],
  ] as const) {
    for (const replica of REPLICAS) {
      const port = await lastingPort();
      planned.push(member(`${role}-${replica}`, [role], port, { [variable]: String(port) }));
    }
  }
  return { planned, shared: { ...variablesOf(sandboxes), ...Object.fromEntries(routes) } };
}

function member(name: string, args: readonly string[], port: number, variables: Variables): Planned {
  return { name, args, origin: `http://127.0.0.1:${port}`, variables };
}

async function portsOf(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await lastingPort()] as const)));
}

function variablesOf(ports: ReadonlyMap<string, number>): Variables {
  return Object.fromEntries(Array.from(ports, ([name, port]) => [portVariable(name), String(port)]));
}
