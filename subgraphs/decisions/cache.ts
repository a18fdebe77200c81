/**
 * Has this question been answered before, or is somebody asking it right now?
 *
 * Sits before the service and after the loader, never the other way round: one `getMany` for a batch keeps the wave
 * whole, a read for each key would break it into as many calls. A question in flight is joined by everybody who asks
 * it, across requests, so a stampede is impossible; a caller who gives up does not take the call away from the others.
 * Errors are never stored. A store that fails costs its answers, never a decision.
 */
import type { Keyv } from "keyv";
import type { Logger } from "pino";
import type { Ask, Decide, DecisionError, Outcome } from "./ask.ts";
import type { Identify } from "./identity.ts";

export interface CacheOptions {
  readonly store: Keyv<Outcome>;
  readonly identify: Identify;
  readonly log: Logger;
  readonly now?: () => number;
}

interface Question {
  readonly key: string;
  readonly ask: Ask;
  readonly answer: PromiseWithResolvers<Outcome | DecisionError>;
}

export function cache(decide: Decide, { store, identify, log, now = Date.now }: CacheOptions): Decide {
  const inFlight = new Map<string, Promise<Outcome | DecisionError>>();

  return (asks) => {
    const questions: Question[] = [];
    // All of this happens before the first await: between two asks of the same question nothing can slip in.
    const answers = asks.map((ask) => {
      const key = identify(ask);
      const running = inFlight.get(key);
      if (running) return running;
      const answer = Promise.withResolvers<Outcome | DecisionError>();
      inFlight.set(key, answer.promise);
      questions.push({ key, ask, answer });
      return answer.promise;
    });
    if (questions.length > 0) void settle(questions);
    return Promise.all(answers);
  };

  /** Answers every question, whatever happens: one left open would hang whoever joined it. */
  async function settle(questions: readonly Question[]): Promise<void> {
    try {
      const open = await answerFromStore(questions);
      if (open.length > 0) await answerFromService(open);
    } catch (error) {
      for (const { answer } of questions) answer.reject(error);
    } finally {
      for (const { key } of questions) inFlight.delete(key);
    }
  }

  /** Gives back the questions the store has no fresh answer to. */
  async function answerFromStore(questions: readonly Question[]): Promise<readonly Question[]> {
    const stored = await read(questions.map(({ key }) => key));
    return questions.filter(({ answer }, index) => {
      const outcome = stored[index];
      if (!outcome || outcome.expiresAt <= now()) return true;
      answer.resolve({ ...outcome, origin: "CACHE" });
      return false;
    });
  }

  async function answerFromService(questions: readonly Question[]): Promise<void> {
    const results = await decide(questions.map(({ ask }) => ask));
    const entries: { key: string; value: Outcome; ttl: number }[] = [];
    for (const [index, { key, answer }] of questions.entries()) {
      const result = results[index];
      if (!result) throw new RangeError(`Decide must answer every ask: got ${results.length} for ${questions.length}`);
      answer.resolve(result);
      if (!(result instanceof Error)) entries.push({ key, value: result, ttl: result.expiresAt - now() });
    }
    // Awaited before the questions leave `inFlight`: whoever asks next finds the answer in one of the two places.
    await write(entries.filter(({ ttl }) => ttl > 0));
  }

  async function read(keys: string[]): Promise<(Outcome | undefined)[]> {
    try {
      return await store.getMany<Outcome>(keys);
    } catch (error) {
      log.warn({ err: error }, "decision cache not read");
      return [];
    }
  }

  async function write(entries: { key: string; value: Outcome; ttl: number }[]): Promise<void> {
    if (entries.length === 0) return;
    try {
      await store.setMany(entries);
    } catch (error) {
      log.warn({ err: error }, "decision cache not written");
    }
  }
}
