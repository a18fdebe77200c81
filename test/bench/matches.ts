/** What does each engine of the bench return? */
import type { Facts } from "../../subgraphs/pipeline/table/table.ts";

/** A table prepared for an engine: returns the numbers of the matching rules, for each of the facts. */
export type Engine = (facts: readonly Facts[]) => Matches | Promise<Matches>;
export type Matches = readonly (readonly number[])[];
