/** What does the graph answer to a text that somebody has written, how long does it take, and what did it take? */
import { credentials } from "../session/session.ts";
import type { Explain } from "./explain.ts";

export interface Ran {
  /** The whole response, without what stands beside its data. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly ms: number;
  /** As the gateway reckons it before it runs anything. */
  readonly cost?: { readonly fieldCost: number; readonly openTextCalls: number };
  /** Where it was asked for, and the operation was executed. */
  readonly explain?: Explain;
}

interface Answer extends Readonly<Record<string, unknown>> {
  readonly extensions?: Pick<Ran, "cost" | "explain">;
}

/** undefined where the gateway does not answer. */
export async function run(query: string, variables: object, explain: boolean): Promise<Ran | undefined> {
  const from = performance.now();
  const body = JSON.stringify({ query, variables, extensions: { cost: true, explain } });
  const headers = { "content-type": "application/json", accept: "application/json", ...credentials() };
  try {
    const response = await fetch("/graphql", { method: "POST", headers, body, cache: "no-store" });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the gateway that serves this page answers it
    const { extensions, ...rest } = (await response.json()) as Answer;
    return { body: rest, ms: performance.now() - from, ...extensions };
  } catch {
    return undefined;
  }
}

/** Of a text that somebody has written: what is wrong with it in place of an object. */
export function readVariables(text: string): { readonly variables: object } | { readonly problem: string } {
  if (text.trim() === "") return { variables: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { variables: value };
    return { problem: 'Not an object: variables are written as {"first": 20}' };
  } catch (error) {
    return { problem: `Not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
