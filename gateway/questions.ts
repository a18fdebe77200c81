/**
 * What does a gateway process ask the first one?
 *
 * What only the process with the database knows: whether it is ready, and which API key has a digest. Nothing of the answers
 * is kept here, so that a key which is revoked there is refused here too.
 */
import type { ApiKey, FindApiKey } from "../subgraphs/platform/api-key.ts";
import type { Readiness } from "../subgraphs/platform/readiness.ts";

export interface Answers {
  readonly readiness: Readiness;
  readonly findKey: FindApiKey;
}

export interface Question {
  readonly kind: "asked";
  /** The answer has the same. */
  readonly number: number;
  readonly about: keyof Answers;
  /** The digest of a key. */
  readonly given?: string | undefined;
}

export interface Answer {
  readonly kind: "answered";
  readonly number: number;
  readonly value?: string | ApiKey | undefined;
  /** Why it cannot be answered. */
  readonly error?: string | undefined;
}

export interface Questions {
  readonly answers: Answers;
  answered(answer: Answer): void;
}

/** In a process that asks. */
export function createQuestions(send: (question: Question) => void): Questions {
  const open = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  return {
    answers: {
      async readiness() {
        const { value } = await ask("readiness");
        return typeof value === "string" ? value : undefined;
      },
      async findKey(digest) {
        const { value, error } = await ask("findKey", digest);
        if (error !== undefined) throw new Error(error);
        return typeof value === "object" ? value : undefined;
      },
    },
    answered(answer) {
      open.get(answer.number)?.(answer);
      open.delete(answer.number);
    },
  };

  function ask(about: Question["about"], given?: string): Promise<Answer> {
    return new Promise((resolve) => {
      asked += 1;
      open.set(asked, resolve);
      send({ kind: "asked", number: asked, about, given });
    });
  }
}

/** In the process that knows. Never rejects. */
export async function answerTo({ number, about, given = "" }: Question, answers: Answers): Promise<Answer> {
  try {
    return { kind: "answered", number, value: await answers[about](given) };
  } catch (error) {
    return { kind: "answered", number, error: error instanceof Error ? error.message : String(error) };
  }
}
