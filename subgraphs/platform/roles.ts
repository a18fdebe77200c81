/**
 * Which parts of Decibel does a process run?
 *
 * All of them, or one: the gateway, some subgraphs, the worker (effects on upstreams, sweeps of worklists, pruning), the
 * sandboxes, or the proxy that signs for a router that is not ours, which is no part of the whole. Its command says which.
 */

export interface Roles {
  /** Whether other processes run the rest. */
  readonly isSplit: boolean;
  readonly gateway: boolean;
  /** The names of those that listen here. */
  readonly subgraphs: readonly string[];
  readonly worker: boolean;
  readonly sandboxes: boolean;
  readonly signer: boolean;
}

const NONE: Roles = { isSplit: true, gateway: false, subgraphs: [], worker: false, sandboxes: false, signer: false };

const PARTS = ["gateway", "worker", "sandboxes", "signer"] as const;

/** Whether clients prove to it who they are. */
export function identifiesCallers({ gateway, signer }: Roles): boolean {
  return gateway || signer;
}

export function allRoles(subgraphs: readonly string[]): Roles {
  return { isSplit: false, gateway: true, subgraphs, worker: true, sandboxes: true, signer: false };
}

/** By the arguments of the command; `subgraphs` are those that there are. Throws an Error of one sentence. */
export function readRoles([part, ...names]: readonly string[], subgraphs: readonly string[]): Roles {
  if (part === undefined) return allRoles(subgraphs);
  if (part === "subgraph") return { ...NONE, subgraphs: knownOf(names, subgraphs) };
  if (!isPart(part)) throw new Error(`Cannot start "${part}": there are only ${[...PARTS, "subgraph"].join(", ")}`);
  if (names.length > 0) throw new Error(`Cannot start the ${part}: it takes no names, but got ${names.join(" ")}`);
  return { ...NONE, [part]: true };
}

/** Whether it has records, decides, and calls upstreams. */
export function hasBackend({ subgraphs, worker }: Roles): boolean {
  return subgraphs.length > 0 || worker;
}

function knownOf(names: readonly string[], subgraphs: readonly string[]): readonly string[] {
  if (names.length === 0) throw new Error(`Cannot start a subgraph: name one or more of ${subgraphs.join(", ")}`);
  const unknown = names.filter((name) => !subgraphs.includes(name));
  if (unknown.length > 0)
    throw new Error(`Cannot start subgraph ${unknown.join(", ")}: there are only ${subgraphs.join(", ")}`);
  return [...new Set(names)];
}

function isPart(part: string): part is (typeof PARTS)[number] {
  return PARTS.some((one) => one === part);
}
