/** What does a process tell the others of itself? Its counts of a minute, and how it stands when it writes them. */
import { z } from "zod";
import { Origin, Verdict } from "../../../schema/verdict.ts";
import { HealthMinute } from "../../platform/health/health.ts";

/** Decisions of one kind: with a verdict, or with the code of an error. */
const Count = z.object({
  model: z.string(),
  verdict: z.enum(Verdict).nullable(),
  origin: z.enum(Origin).nullable(),
  code: z.string().nullable(),
  count: z.number(),
});

const MinuteNote = z.object({
  counts: z.array(Count),
  /** Of the decision service. */
  calls: z.number(),
  upstreams: z.record(z.string(), HealthMinute),
});

/** Times are in milliseconds since the epoch. */
const Budget = z.object({
  name: z.string(),
  left: z.number(),
  total: z.number(),
  fullAt: z.number(),
  knownAt: z.number(),
  isOfProcess: z.boolean(),
});

const Standing = z.object({
  at: z.number(),
  circuits: z.record(z.string(), z.enum(["closed", "half open", "open"])),
  /** Calls of the decision service. */
  waiting: z.number(),
  working: z.number(),
  /** By upstream. */
  budgets: z.record(z.string(), z.array(Budget)),
});

export const Note = z.object({ minute: MinuteNote, standing: Standing });

export type Count = z.infer<typeof Count>;
export type MinuteNote = z.infer<typeof MinuteNote>;
export type NotedBudget = z.infer<typeof Budget>;
export type Standing = z.infer<typeof Standing>;
export type Note = z.infer<typeof Note>;

/** What is known of one process, by the minute's beginning. */
export interface ProcessNotes {
  readonly minutes: ReadonlyMap<number, MinuteNote>;
  readonly standing: Standing;
}
