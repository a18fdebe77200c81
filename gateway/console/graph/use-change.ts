/**
 * What becomes of a change that somebody asks for?
 *
 * It is sent once, with a key of its own: a repeated click, or a request that was lost, changes nothing twice. What is shown
 * is asked for again afterwards.
 */
import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useCallback, useState } from "preact/hooks";
import { change } from "./client.ts";
import type { Answer, GraphError } from "./client.ts";
import { refresh } from "./connection.ts";

export interface Change<Data, Input> {
  /** The answer; undefined while another one is on its way. */
  readonly run: (input: Input) => Promise<Answer<Data> | undefined>;
  readonly isRunning: boolean;
  readonly errors: readonly GraphError[];
}

export function useChange<Data, Input extends { readonly idempotencyKey?: string | null | undefined }>(
  document: TypedDocumentNode<Data, AnyVariables & { readonly input: Input }>,
): Change<Data, Input> {
  const [isRunning, setRunning] = useState(false);
  const [errors, setErrors] = useState<readonly GraphError[]>([]);
  const run = useCallback(
    async (input: Input): Promise<Answer<Data> | undefined> => {
      if (isRunning) return undefined;
      setRunning(true);
      setErrors([]);
      const answer = await change(document, { input: { ...input, idempotencyKey: crypto.randomUUID() } });
      setErrors(answer.errors);
      setRunning(false);
      refresh();
      return answer;
    },
    [document, isRunning],
  );
  return { run, isRunning, errors };
}
