/**
 * Has this question been answered before, or is somebody asking it right now?
 *
 * Sits before the service and after the loader, never the other way round: one `getMany` for a batch keeps the wave
 * whole, a read for each key would break it into as many calls. A question in flight is joined by everybody who asks
 * it, across requests, so a stampede is impossible; a caller who gives up does not take the call away from the others.
 * Errors are never stored. While the service fails, an outcome past its freshness may answer where its decision allows
 * that, and says so.
 */
import type { Ask, Decide, DecisionError, Outcome } from "./ask.ts";
import type { Identify } from "./identity.ts";
import type { Metrics } from "./metrics.ts";
import type { Models } from "./models.ts";
import type { Store, StoreEntry } from "./store.ts";
import type { Versions } from "./versions.ts";

export interface CacheOptions {
  readonly store: Store;
  readonly models: Models;
  readonly identify: Identify;
  /** By the version reported last, however long ago: an outage also takes the versions away. */
  readonly identifyLast: Identify;
  /** What was decided before this, in milliseconds since the epoch, is not believed. Left out: everything is. */
  readonly since?: Versions["since"];
  readonly metrics?: Pick<Metrics, "joined" | "cacheHit" | "cacheMissed"> | undefined;
  readonly now?: () => number;
}

interface Question {
  readonly key: string;
  readonly ask: Ask;
  readonly answer: PromiseWithResolvers<Outcome | DecisionError>;
}

export function cache(decide: Decide, options: CacheOptions): Decide {
  const { store, models, identify, identifyLast, since, metrics, now = Date.now } = options;
  const inFlight = new Map<string, Promise<Outcome | DecisionError>>();

  return (asks) => {
    const questions: Question[] = [];
    // Before anything is joined: should one ask not be identified, no other is left open.
    const keys = asks.map(identify);
    // All of this happens before the first await: between two asks of the same question nothing can slip in.
    const answers = asks.map((ask, index) => {
      const key = keys[index] ?? identify(ask);
      const running = inFlight.get(key);
      if (running) {
        metrics?.joined(ask.model);
        return running;
      }
      const answer = Promise.withResolvers<Outcome | DecisionError>();
      inFlight.set(key, answer.promise);
      questions.push({ key, ask, answer });
      return answer.promise;
    });
    if (questions.length > 0) void answerAll(questions);
    return Promise.all(answers);
  };

  /**
   * Answers every question, whatever happens: one left open would hang whoever joined it. Answered from the store, or
   * with an error, it can be joined no more at once: the next one asks anew instead of getting what may be old by then.
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

  /** Only what is its own: who was answered before the rest of the batch may have been followed by another by now. */
  function leave({ key, answer }: Pick<Question, "key" | "answer">): void {
    if (inFlight.get(key) === answer.promise) inFlight.delete(key);
  }

  /** Gives back the questions the store has no fresh answer to. */
  async function answerFromStore(questions: readonly Question[]): Promise<readonly Question[]> {
    const stored = await store.getMany(questions.map(({ key }) => key));
    return questions.filter(({ key, ask, answer }, index) => {
      const outcome = stored[index];
      if (!outcome || outcome.expiresAt <= now() || !isCredible(outcome, ask)) {
        metrics?.cacheMissed(ask.model);
        return true;
      }
      metrics?.cacheHit(ask.model);
      leave({ key, answer });
      answer.resolve({ ...outcome, origin: "CACHE" });
      return false;
    });
  }

  async function answerFromService(questions: readonly Question[]): Promise<void> {
    const results = await decide(questions.map(({ ask }) => ask));
    const entries: StoreEntry[] = [];
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
      // Where the running version changed meanwhile, the question is another one now.
      if (identify(ask) === key) entries.push({ key, value: result, ttl: result.expiresAt - now() + staleFor(ask) });
    }
    await answerStale(failed);
    // Awaited before the questions leave `inFlight`: whoever asks next finds the answer in one of the two places.
    await store.setMany(entries.filter(({ ttl }) => ttl > 0));
  }

  /** The service failed by itself: an old answer is better than none where the decision says so. */
  async function answerStale(
    failed: readonly { readonly question: Question; readonly error: DecisionError }[],
  ): Promise<void> {
    const bearing = failed.filter(({ question, error }) => error.extensions.retryable && staleFor(question.ask) > 0);
    const stored = await store.getMany(bearing.map(({ question }) => identifyLast(question.ask)));
    const stale = new Map(bearing.map(({ question }, index) => [question, stored[index]]));
    for (const { question, error } of failed) {
      const outcome = stale.get(question);
      leave(question);
      const isUsable =
        outcome !== undefined &&
        now() < outcome.expiresAt + staleFor(question.ask) &&
        isCredible(outcome, question.ask);
      question.answer.resolve(isUsable ? { ...outcome, origin: outcome.expiresAt > now() ? "CACHE" : "STALE" } : error);
    }
  }

  /**
   * Not where another version may have decided it: one that was deployed and taken back. Nor where it comes from the
   * future: a clock that was set back must not keep an answer alive for as long again. Another process's clock may be a
   * little ahead, so an answer may come from as far in the future as it stays fresh.
   */
  function isCredible({ decidedAt }: Outcome, { model }: Ask): boolean {
    const freshForMs = models.get(model)?.decision.freshForMs ?? 0;
    return decidedAt >= (since?.(model) ?? decidedAt) && decidedAt <= now() + freshForMs;
  }

  function staleFor({ model }: Ask): number {
    return models.get(model)?.decision.staleForMs ?? 0;
  }
}
