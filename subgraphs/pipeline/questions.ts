/**
 * Which answers need not be asked for again by somebody who keeps them?
 *
 * Those to the same question, which has a name: that of its class under the running version (identity.ts). While that
 * version is unknown a question has none, and has to be asked.
 */
import { hash } from "node:crypto";
import type { Outcome } from "./ask.ts";
import type { Identify } from "./identity.ts";
import type { Facts } from "./table/table.ts";
import type { Versions } from "./versions.ts";

export interface Questions {
  /** undefined while the running version is unknown. */
  of(model: string, facts: Facts): string | undefined;
  /** The question that this is the answer to; undefined for a stale one, or one of another version. */
  answered(model: string, facts: Facts, answer: Pick<Outcome, "model" | "origin">): string | undefined;
}

export function createQuestions(identify: Identify, { running }: Pick<Versions, "running">): Questions {
  return { of, answered };

  function of(model: string, facts: Facts): string | undefined {
    if (running(model) === undefined) return undefined;
    return hash("sha256", identify({ model, facts, subject: "", caller: "" }), "base64url");
  }

  function answered(model: string, facts: Facts, answer: Pick<Outcome, "model" | "origin">): string | undefined {
    const isCurrent = answer.origin !== "STALE" && answer.model.version === String(running(model));
    return isCurrent ? of(model, facts) : undefined;
  }
}
