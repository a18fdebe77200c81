/**
 * Has this question been answered already, or is it in flight?
 *
 * Sits between loader and service: one `getMany` for a batch keeps the batch whole, where a read for each key would break
 * it into as many calls. Asks of all requests join a question in flight, so there is no stampede; a caller that gives up
 * does not abort the call of the others. An answer that is none to the facts of an ask that shares it is asked anew for that
 * one (see fit.ts). Errors are never stored. While the service fails, a stale outcome may be the
 * answer where its decision allows that, marked as STALE.
 */
import { isFresh } from "../platform/clock.ts";
import type { Ask, Decide, DecisionError, Outcome } from "./ask.ts";
import type { Fit } from "./fit.ts";
import type { Identify } from "./identity.ts";
import type { Metrics } from "./metrics.ts";
import type { Models } from "./models.ts";
import type { Store, StoreEntry } from "../platform/store/store.ts";
import { ALWAYS_WANTED } from "../platform/wanted.ts";
import type { IsWanted } from "../platform/wanted.ts";
import type { Versions } from "./versions.ts";

export interface CacheOptions {
  readonly store: Store<Outcome>;
  readonly models: Models;
  readonly identify: Identify;
  readonly identifyByFacts: Identify;
  readonly fit: Fit;
  /** By the version reported last, however long ago: during an outage the running version is unknown too. */
  readonly identifyLast: Identify;
  /** Outcomes decided before this, in milliseconds since the epoch, are ignored. Left out: none are. */
  readonly since?: Versions["since"];
  readonly running: Versions["running"];
  readonly metrics?: Pick<Metrics, "joined" | "cacheHit" | "cacheMissed"> | undefined;
  readonly now?: () => number;
}

interface Question {
  readonly key: string;
  /** Wanted while one of its askers waits. */
  readonly ask: Ask;
  readonly isWanted: IsWanted;
  readonly join: (ask: Ask) => void;
  readonly answer: PromiseWithResolvers<Outcome | DecisionError>;
}

export function cache(decide: Decide, options: CacheOptions): Decide {
  const {
    store,
    models,
    identify,
    identifyByFacts,
    fit,
    identifyLast,
    since,
    running,
    metrics,
    now = Date.now,
  } = options;
  const inFlight = new Map<string, Question>();

  return async (asks) => {
    const shared = await answerBy(identify, asks);
    const answers = asks.map((ask, index) => answerTo(ask, shared[index]));
    // Whoever shared an answer that is none to its own facts asks by these.
    const without = asks.flatMap((ask, index) => (answers[index] === undefined ? [{ ask, index }] : []));
    if (without.length > 0) {
      const asked = without.map(({ ask }) => ask);
      const own = await answerBy(identifyByFacts, asked);
      for (const [position, { ask, index }] of without.entries()) answers[index] = answerTo(ask, own[position]);
    }
    return answers.map((answer) => {
      if (answer === undefined) throw new RangeError("an answer to its own facts must be one");
      return answer;
    });
  };

  function answerTo(ask: Ask, answer: Outcome | DecisionError | undefined): Outcome | DecisionError | undefined {
    return answer === undefined || answer instanceof Error ? answer : fit(answer, ask)?.outcome;
  }

  function answerBy(identifyAsk: Identify, asks: readonly Ask[]): Promise<readonly (Outcome | DecisionError)[]> {
    const questions: Question[] = [];
    // All identities are computed first: if one throws, no question stays open without an answer.
    const keys = asks.map(identifyAsk);
    // All of this happens before the first await, so that no other batch can open the same question in between.
    const answers = asks.map((ask, index) => {
      const key = keys[index] ?? identifyAsk(ask);
      const running = inFlight.get(key);
      // One that nobody waits for may fail for that reason.
      if (running?.isWanted()) {
        metrics?.joined(ask.model);
        ask.wave?.joins(ask);
        running.join(ask);
        return running.answer.promise;
      }
      ask.wave?.opens(ask);
      const question = questionOf(key, ask);
      inFlight.set(key, question);
      questions.push(question);
      return question.answer.promise;
    });
    if (questions.length > 0) void answerAll(questions);
    return Promise.all(answers);
  }

  /**
   * Answers every question, whatever happens: one left open would hang all that joined it. A question answered from the
   * store, or with an error, leaves `inFlight` at once: a later ask must not join an answer that may be outdated by then.
   */
  async function answerAll(questions: readonly Question[]): Promise<void> {
    try {
      const open = await answerFromStore(questions);
      if (open.length > 0) await answerFromService(open);
    } catch (error) {
      for (const { answer } of questions) answer.reject(error);
    } finally {
      questions.forEach(leave);
    }
  }

  /** Removes only its own entry: a question answered early may already be in flight again. */
  function leave(question: Question): void {
    if (inFlight.get(question.key) === question) inFlight.delete(question.key);
  }

  /** Returns the questions that the store has no fresh answer to. */
  async function answerFromStore(questions: readonly Question[]): Promise<readonly Question[]> {
    const stored = await store.getMany(questions.map(({ key }) => key));
    return questions.filter((question, index) => {
      const { ask, answer } = question;
      const outcome = stored[index];
      if (!outcome || !isUsable(outcome, ask)) {
        metrics?.cacheMissed(ask.model);
        return true;
      }
      metrics?.cacheHit(ask.model);
      leave(question);
      answer.resolve({ ...outcome, origin: "CACHE" });
      return false;
    });
  }

  async function answerFromService(questions: readonly Question[]): Promise<void> {
    const results = await decide(questions.map(({ ask }) => ask));
    const entries: StoreEntry<Outcome>[] = [];
    const failed: { readonly question: Question; readonly error: DecisionError }[] = [];
    for (const [index, question] of questions.entries()) {
      const result = results[index];
      if (!result) throw new RangeError(`Decide must answer every ask: got ${results.length} for ${questions.length}`);
      if (result instanceof Error) {
        failed.push({ question, error: result });
        continue;
      }
      question.answer.resolve(result);
      const { key, ask } = question;
      const ttl = result.expiresAt - now() + staleFor(ask);
      for (const stored of keysFor(ask, key, result)) entries.push({ key: stored, value: result, ttl });
    }
    await answerStale(failed);
    // Awaited before the questions leave `inFlight`, so that the next ask finds the answer in one of the two.
    await store.setMany(entries.filter(({ ttl }) => ttl > 0));
  }

  /** Of its class too, where the answer has completed the proof that it counts for all of it. */
  function keysFor(ask: Ask, asked: string, result: Outcome): ReadonlySet<string> {
    const { key, version } = result.model;
    // If another version runs by now, this would be stored as its answer.
    if (String(running(key) ?? "unknown") !== version) return new Set();
    const own = identifyByFacts(ask);
    return new Set(fit(result, ask)?.order === "of the rules" ? [asked, identify(ask), own] : [own]);
  }

  /** Answers what failed in a retryable way with a stale outcome, where its decision allows that. */
  async function answerStale(
    failed: readonly { readonly question: Question; readonly error: DecisionError }[],
  ): Promise<void> {
    const allowed = failed.filter(({ question, error }) => error.extensions.retryable && staleFor(question.ask) > 0);
    const stored = await store.getMany(allowed.map(({ question }) => identifyLast(question.ask)));
    const stale = new Map(allowed.map(({ question }, index) => [question, stored[index]]));
    for (const { question, error } of failed) {
      const outcome = stale.get(question);
      leave(question);
      const isAnswer = outcome !== undefined && fit(outcome, question.ask) !== undefined;
      if (!isAnswer || !isUsable(outcome, question.ask, staleFor(question.ask))) question.answer.resolve(error);
      else question.answer.resolve({ ...outcome, origin: isUsable(outcome, question.ask) ? "CACHE" : "STALE" });
    }
  }

  /** False where another version may have decided: one that was deployed and rolled back. */
  function isUsable({ decidedAt, expiresAt }: Outcome, { model }: Ask, longerMs = 0): boolean {
    return decidedAt >= (since?.(model) ?? decidedAt) && isFresh(decidedAt, expiresAt - decidedAt + longerMs, now());
  }

  function staleFor({ model }: Ask): number {
    return models.get(model)?.decision.staleForMs ?? 0;
  }
}

function questionOf(key: string, ask: Ask): Question {
  const askers: IsWanted[] = [];
  const join = (joined: Ask): void => void askers.push(joined.isWanted ?? ALWAYS_WANTED);
  const isWanted = (): boolean => askers.some((asks) => asks());
  join(ask);
  return { key, ask: { ...ask, isWanted }, isWanted, join, answer: Promise.withResolvers() };
}
