/**
 * When are two asks the same question?
 *
 * A table does not see `listens = 137`; it sees which of its conditions hold, and what comes of that is which rules match.
 * Asks that match the same rules of the same version of the same table get the same outputs, so the matched rules are the
 * identity: the loader's key, the shared cache's key and the key of what is in flight. The calls of a query are then
 * bounded by the classes its subjects fall into, not by their number.
 *
 * The rules only speak for the version of the table they were read from. While the service runs another one, or nobody
 * knows which, or it was caught meaning something else by the same version, an ask's identity is its facts.
 */
import { hash } from "node:crypto";
import type { Ask } from "./ask.ts";
import type { Models } from "./models.ts";
import type { CompiledTable } from "./table/compile.ts";
import { FactError } from "./table/fact.ts";
import type { Fact, Facts } from "./table/table.ts";
import type { Versions } from "./versions.ts";

/** Equal for two asks only if they are the same question. */
export type Identify = (ask: Ask) => string;

export function createIdentity(
  models: Models,
  runningVersion: Versions["running"],
  trusts: (model: string) => boolean = () => true,
): Identify {
  return ({ model, facts }) => {
    const compiled = models.get(model)?.compiled;
    const running = runningVersion(model);
    const speaks = compiled !== undefined && running === compiled.table.version && trusts(model);
    const rules = speaks ? rulesOf(compiled, facts) : undefined;
    return rules === undefined
      ? `${model}@${running ?? "unknown"}:facts:${factsDigest(facts)}`
      : `${model}@${running}:rules:${rules}`;
  };
}

/** Facts of a wrong type match nothing. They stay a question of their own, which the service then refuses by name. */
function rulesOf(compiled: CompiledTable, facts: Facts): string | undefined {
  try {
    return compiled.identity(facts);
  } catch (error) {
    if (error instanceof FactError) return undefined;
    throw error;
  }
}

/** The same for the same facts in whatever order; says nothing about them, since they may be personal. */
export function factsDigest(facts: Facts): string {
  const canonical = Object.entries(facts)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, fact]) => [name, canonicalFact(fact)]);
  return hash("sha256", JSON.stringify(canonical), "base64url");
}

/** A collection is a set to every operator there is. What JSON would take for null is refused later, under its own name. */
function canonicalFact(fact: Fact): Fact | { readonly not: string } {
  if (typeof fact === "number" && !Number.isFinite(fact)) return { not: String(fact) };
  return typeof fact === "object" && fact !== null
    ? [...new Set(fact)].toSorted((left, right) => (String(left) < String(right) ? -1 : 1))
    : fact;
}
