/** What does the graph answer to a text that somebody has written, how long does it take, and what does it cost? */
import { credentials } from "../session/session.ts";

export interface Ran {
  /** The whole response. */
  readonly body: unknown;
  readonly ms: number;
  /** As the gateway reckons it before it runs anything. */
  readonly cost: { readonly fieldCost: number; readonly openTextCalls: number } | undefined;
  /** How the decisions were answered that select their origin, by origin. */
  readonly origins: ReadonlyMap<string, number>;
}

/** undefined where the gateway does not answer. */
export async function run(query: string): Promise<Ran | undefined> {
  const from = performance.now();
  const body = JSON.stringify({ query, extensions: { cost: true } });
  const headers = { "content-type": "application/json", accept: "application/json", ...credentials() };
  try {
    const response = await fetch("/graphql", { method: "POST", headers, body, cache: "no-store" });
    const answer: unknown = await response.json();
    return { body: answer, ms: performance.now() - from, cost: costOf(answer), origins: originsIn(answer) };
  } catch {
    return undefined;
  }
}

function costOf(answer: unknown): Ran["cost"] {
  const cost = memberOf(memberOf(answer, "extensions"), "cost");
  const [fieldCost, openTextCalls] = [memberOf(cost, "fieldCost"), memberOf(cost, "openTextCalls")];
  return typeof fieldCost === "number" && typeof openTextCalls === "number" ? { fieldCost, openTextCalls } : undefined;
}

function originsIn(value: unknown, found = new Map<string, number>()): ReadonlyMap<string, number> {
  if (typeof value !== "object" || value === null) return found;
  for (const [name, member] of Object.entries(value)) {
    if (name === "origin" && typeof member === "string") found.set(member, 1 + (found.get(member) ?? 0));
    else originsIn(member, found);
  }
  return found;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
