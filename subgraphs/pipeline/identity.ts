/**
 * When are two asks the same question?
 *
 * A table does not see `listens = 137`, only which of its conditions hold, and so which rules match. Asks that match the
 * same rules of the same version of a table get the same outputs. So the matched rules are the identity of an ask: the key
 * of the loader, of the shared cache and of calls in flight. The calls of a query are then bounded by the classes its
 * subjects fall into, not by their number.
 *
 * That holds only where the service has shown that it means the same by its version as the table in this process (see
 * trust.ts). Elsewhere, and while the running version is unknown, the identity of an ask is its facts.
 */
import { hash } from "node:crypto";
import type { Ask } from "./ask.ts";
import type { Models } from "./models.ts";
import type { CompiledTable } from "./table/compile.ts";
import { unlessRefused } from "./table/fact.ts";
import type { Fact, Facts } from "./table/table.ts";

/** Equal only for asks that are the same question. */
export type Identify = (ask: Ask) => string;

/** Whether the service has shown, under that version, that an answer to other facts which match these rules counts here. */
export type Covers = (model: string, version: number, rules: string, facts: Facts) => boolean;

export interface IdentityOptions {
  readonly models: Models;
  readonly version: (model: string) => number | undefined;
  readonly covers: Covers;
  /** Of the service's account: another one may have other tables under the same numbers. Default: none. */
  readonly account?: string;
}

export function createIdentity({ models, version, covers, account = "" }: IdentityOptions): Identify {
  const byFacts = createFactsIdentity({ version, account });
  return (ask) => {
    const { model, facts } = ask;
    const known = models.get(model);
    const running = version(model);
    if (known === undefined || running === undefined) return byFacts(ask);
    const rules = matchedRules(known.compiled, facts);
    if (rules === undefined || !covers(model, running, rules, facts)) return byFacts(ask);
    // Another process may have another table, which gives its rules other meanings.
    return `${account}${model}@${running}:rules:${known.digest}:${rules}`;
  };
}

/** The identity of an ask that nothing else is known to be equivalent to. */
export function createFactsIdentity({ version, account = "" }: Pick<IdentityOptions, "version" | "account">): Identify {
  return ({ model, facts }) => `${account}${model}@${version(model) ?? "unknown"}:facts:${factsDigest(facts)}`;
}

/** Undefined for facts of a wrong type: they stay a question of their own, which the service then rejects. */
export function matchedRules(compiled: CompiledTable, facts: Facts): string | undefined {
  return unlessRefused(() => compiled.identity(facts));
}

/** Equal for equal facts, in whatever order. A hash, because facts may be personal data. */
export function factsDigest(facts: Facts): string {
  const digest = digests.get(facts) ?? hash("sha256", JSON.stringify(canonicalEntries(facts)), "base64url");
  digests.set(facts, digest);
  return digest;
}

/** Whether the digests of both would be equal, at a fraction of their cost. */
export function areSameFacts(left: Facts, right: Facts): boolean {
  if (left === right) return true;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSameFact(left[name] ?? null, right[name] ?? null))
  );
}

/** Several stages ask for the digest of the same facts. */
const digests = new WeakMap<Facts, string>();

function canonicalEntries(facts: Facts): readonly unknown[] {
  return Object.entries(facts)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, fact]) => [name, canonicalFact(fact)]);
}

function isSameFact(left: Fact, right: Fact): boolean {
  if (typeof left !== "object" || typeof right !== "object") return left === right || Object.is(left, right);
  return JSON.stringify(canonicalFact(left)) === JSON.stringify(canonicalFact(right));
}

/** To every operator a collection is a set. Without `not`, JSON would turn a number that is not finite into null. */
function canonicalFact(fact: Fact): Fact | { readonly not: string } {
  if (typeof fact === "number" && !Number.isFinite(fact)) return { not: String(fact) };
  return typeof fact === "object" && fact !== null ? [...new Set(fact)].toSorted(byKindAndValue) : fact;
}

/** The text "1" and the number 1 are two items: ordered by their value alone, they would stay in any order. */
function byKindAndValue(left: string | number, right: string | number): number {
  if (typeof left !== typeof right) return typeof left === "number" ? -1 : 1;
  return left < right ? -1 : 1;
}
