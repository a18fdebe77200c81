/** What does every engine of the bench answer? */
import type { Facts } from "../../subgraphs/pipeline/table/table.ts";

/** A table as an engine has it ready: answers, for each of the facts, the numbers of the rules that match. */
export type Engine = (facts: readonly Facts[]) => Matches | Promise<Matches>;
export type Matches = readonly (readonly number[])[];
