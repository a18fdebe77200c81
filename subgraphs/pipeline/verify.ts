/**
 * Is what is answered without asking what the service would have answered?
 *
 * An equivalent answer, and a local one, rests on the table here meaning the same as the one that runs. So a share of
 * them is asked again, each with its own facts, behind the back of whoever got it: nothing waits for that, it takes only
 * turns that are to spare, and what goes wrong with it is counted and forgotten. Where the rows differ while the versions
 * do not, the table here is not trusted any more, as long as this process runs: asks of its model are then told apart by
 * their facts, and no answer to them is a local one. What is logged of it are verdicts and reason codes, never a fact.
 */
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import type { Ask, DecisionError, Outcome } from "./ask.ts";
import type { Metrics } from "./metrics.ts";
import type { Models } from "./models.ts";
import type { Row } from "./table/table.ts";
import type { Versions } from "./versions.ts";

export interface VerificationOptions {
  /** How many of the answers are asked again, 0 to 1. */
  readonly share: number;
  /** Asks the service, where a turn is to spare; ends with the signal. */
  readonly ask: (ask: Ask, signal: AbortSignal) => Promise<Outcome | DecisionError>;
  readonly scheduler: { readonly hasSpare: boolean };
  readonly models: Models;
  readonly versions: Pick<Versions, "running" | "refresh">;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, "verified"> | undefined;
  /** 0 to 1, without 1. */
  readonly random?: () => number;
}

export interface Verification {
  /** Whether the table here may speak for the service. */
  trusts(model: string): boolean;
  /** Told of an answer that the service did not give to these facts; asks it, perhaps. Never throws, never waits. */
  consider(ask: Ask, given: Outcome): void;
  /** Gives up what is under way. */
  close(): Promise<void>;
}

/** A slow service gets no more than this to do that nobody waits for. */
const AT_ONCE = 2;
/** A table may have been deployed and taken back between an answer and a look at the versions: not twice, though. */
const LOOKS = 2;

export function createVerification(options: VerificationOptions): Verification {
  const { share, scheduler, models, versions, log, metrics, random = Math.random } = options;
  const distrusted = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();

  return { trusts, consider, close };

  function trusts(model: string): boolean {
    return !distrusted.has(model);
  }

  function consider(ask: Ask, given: Outcome): void {
    if (!trusts(ask.model) || !isComparable(given) || random() >= share || closing.signal.aborted) return;
    if (underWay.size >= AT_ONCE || !scheduler.hasSpare) return metrics?.verified(ask.model, "skipped");
    const comparing = compare(ask, given)
      .catch((error: unknown) => {
        log.error({ err: error, decision: ask.model }, "unexpected error while verifying");
        metrics?.verified(ask.model, "failed");
      })
      .finally(() => underWay.delete(comparing));
    underWay.add(comparing);
  }

  async function compare(ask: Ask, given: Outcome): Promise<void> {
    let found = given;
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const answer = await options.ask(ask, closing.signal);
      if (answer instanceof Error) return metrics?.verified(ask.model, "failed");
      if (isDeepStrictEqual(answer.rows, given.rows)) return metrics?.verified(ask.model, "agreed");
      // Known versions are as old as the last look at them: somebody may have deployed another table since.
      const isKnown = await versions.refresh();
      if (!isKnown || !isComparable(given)) return metrics?.verified(ask.model, "failed");
      found = answer;
    }
    metrics?.verified(ask.model, "disagreed");
    distrust(given, found);
  }

  /** Another version may well say something else, and that is nobody's mistake. */
  function isComparable({ model: { key, version } }: Outcome): boolean {
    const local = models.get(key)?.compiled.table.version;
    return local !== undefined && version === String(local) && versions.running(key) === local;
  }

  function distrust({ model, origin, rows }: Outcome, found: Outcome): void {
    if (distrusted.has(model.key)) return;
    distrusted.add(model.key);
    log.error(
      { decision: model.key, version: model.version, given: rows.map(gist), found: found.rows.map(gist) },
      origin === "LOCAL"
        ? "decision service disagrees with the table here: it is asked from now on"
        : "decision service disagrees with an equivalent answer: equivalence is off",
    );
  }

  async function close(): Promise<void> {
    closing.abort();
    await Promise.all(underWay);
  }
}

/** What two rows can be told apart by without repeating a fact. */
function gist({ verdict, reason_code: code }: Row): object {
  return { verdict, code };
}
