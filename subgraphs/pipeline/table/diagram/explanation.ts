/**
 * What would have to change for ALLOW, and which facts are why the verdict is what it is?
 *
 * Both are exact: the fewest changes to inputs that are declared changeable, and a smallest set of facts that fixes the
 * verdict whatever the other facts are. The latter is a smallest set that meets every set of changes which changes the verdict
 * (a hitting set: J. de Kleer, B. Williams, "Diagnosing Multiple Faults", 1987). Those sets are not listed: the nearest cell of
 * another verdict gives one that is not met yet, until there is none.
 */
import type { Fact, Facts, Table } from "../table.ts";
import { VERDICTS, meaningOf } from "./meaning.ts";
import { EVERYWHERE, NOWHERE, and, having, without } from "./operations.ts";
import { createSpace } from "./space.ts";
import type { SpaceOptions } from "./space.ts";
import { nearestWith } from "./walk.ts";

export interface Explainer {
  /** Undefined for facts of a wrong type, or unknown where they must not be. */
  wouldAllow(facts: Facts): WouldAllow | undefined;
  /** In the order of the table's inputs. Undefined as above, and where a smallest set would take too long to find. */
  sufficient(facts: Facts): readonly SufficientFact[] | undefined;
  /** The inputs that no verdict depends on. Own outputs may. */
  readonly unneeded: readonly string[];
}

export interface WouldAllow {
  /** False where no change would. */
  readonly possible: boolean;
  /** None where the verdict is ALLOW already. */
  readonly changes: readonly { readonly input: string; readonly from: Fact; readonly to: Fact }[];
}

export interface SufficientFact {
  readonly input: string;
  readonly value: Fact;
}

export interface ExplainerOptions extends SpaceOptions {
  /** Default: no input is. */
  readonly changeable?: readonly string[] | undefined;
}

/** Throws a RangeError for a table that is none of a decision, a TooLargeError for one that is too large. */
export function createExplainer(table: Table, options: ExplainerOptions = {}): Explainer {
  const space = createSpace([table], options);
  const { diagrams, inputs, inputAt, possible } = space;
  const changeable = new Set(options.changeable ?? []);
  const { verdict } = meaningOf(space, table);
  const regions = VERDICTS.map((_verdict, value) => diagrams.combine(verdict, EVERYWHERE, having(value)));
  const allowed = diagrams.combine(possible, regions[VERDICTS.indexOf("ALLOW")] ?? NOWHERE, and);
  /** Of every other verdict, by the value of one. */
  const others = regions.map((region) => diagrams.combine(possible, region, without));
  const tested = new Set([...diagrams.levelsIn(verdict)].map((level) => inputs[inputAt[level] ?? 0]?.name));

  return {
    wouldAllow(facts) {
      const from = space.cellOf(facts);
      if (!from) return undefined;
      const isChangeable = (input: number): boolean => changeable.has(inputs[input]?.name ?? "");
      const distances = space.distancesFrom(facts);
      const nearest = nearestWith(space, allowed, { value: 1, from, distances, isChangeable });
      if (!nearest) return { possible: false, changes: [] };
      const to = space.factsOf(nearest.cell, facts);
      const changed = new Set(nearest.changed.map((input) => inputs[input]?.name));
      return {
        possible: true,
        changes: table.inputs.flatMap(({ name: input }) =>
          changed.has(input) ? [{ input, from: facts[input] ?? null, to: to[input] ?? null }] : [],
        ),
      };
    },
    sufficient(facts) {
      const from = space.cellOf(facts);
      if (!from) return undefined;
      const other = others[diagrams.valueAt(verdict, from)] ?? possible;
      const distances = space.distancesFrom(facts);
      const found: (readonly number[])[] = [];
      const effort = { left: MAX_STEPS };
      for (;;) {
        const fixed = new Set(smallestHitting(found, effort));
        if (effort.left <= 0) return undefined;
        const isChangeable = (input: number): boolean => !fixed.has(input);
        const counterexample = nearestWith(space, other, { value: 1, from, distances, isChangeable });
        if (!counterexample) {
          const names = new Set([...fixed].map((input) => inputs[input]?.name));
          return table.inputs.flatMap(({ name: input }) =>
            names.has(input) ? [{ input, value: facts[input] ?? null }] : [],
          );
        }
        found.push(counterexample.changed);
      }
    },
    unneeded: table.inputs.map(({ name }) => name).filter((name) => !tested.has(name)),
  };
}

/** A threshold over many inputs takes exponentially many; facts of our tables take 60 at most. */
const MAX_STEPS = 5000;

interface Effort {
  left: number;
}

/** A smallest set with an element of each of the sets; any set once no effort is left. */
function smallestHitting(sets: readonly (readonly number[])[], effort: Effort): readonly number[] {
  for (let size = 0; ; size++) {
    const found = hitting(sets, size, effort);
    if (found) return found;
  }
}

function hitting(sets: readonly (readonly number[])[], size: number, effort: Effort): readonly number[] | undefined {
  const [first, ...others] = sets;
  effort.left -= 1;
  if (!first || effort.left <= 0) return [];
  if (size === 0) return undefined;
  for (const element of first) {
    const rest = hitting(
      others.filter((set) => !set.includes(element)),
      size - 1,
      effort,
    );
    if (rest) return [element, ...rest];
  }
  return undefined;
}
