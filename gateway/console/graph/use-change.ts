/**
 * What becomes of a change that somebody asks for?
 *
 * It is sent once, with a key of its own: a repeated click changes nothing twice. Where no answer came, the same change is sent
 * with the same key, because it may have been made. What is shown is asked for again afterwards. Before that it can be checked:
 * the same change as a dry run, which does nothing.
 */
import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useCallback, useRef, useState } from "preact/hooks";
import type { PlannedFragment } from "../generated/operations.ts";
import { change } from "./client.ts";
import type { Answer, GraphError } from "./client.ts";
import { refresh } from "./connection.ts";

export interface Change<Data, Input> extends Found<Data> {
  /** The answer; undefined while another one is on its way. It replaces a check. */
  readonly run: (input: Input) => Promise<Answer<Data> | undefined>;
  /** Finds out what `run` would do. */
  readonly check: (input: Input) => Promise<void>;
  readonly isRunning: boolean;
  readonly isChecking: boolean;
  /** What was found, or is being checked, is of another input. */
  readonly forget: () => void;
}

/** Of every mutation, by its field. */
export type Payloads = Readonly<Record<string, { readonly dryRun: PlannedFragment | null }>>;

export interface ChangeInput {
  readonly idempotencyKey?: string | null | undefined;
  readonly dryRun?: boolean | null | undefined;
}

/** Of what was sent last. */
interface Found<Data> {
  readonly errors: readonly GraphError[];
  /** What would be decided and told; undefined where nothing was checked since. */
  readonly planned: PlannedFragment | undefined;
  /** The payload with what would be there. */
  readonly checked: Data | undefined;
}

const NOTHING: Found<never> = { errors: [], planned: undefined, checked: undefined };

export function useChange<Data extends Payloads, Input extends ChangeInput>(
  document: TypedDocumentNode<Data, AnyVariables & { readonly input: Input }>,
): Change<Data, Input> {
  const [sending, setSending] = useState<"run" | "check">();
  const [found, setFound] = useState<Found<Data>>(NOTHING);
  /** What is on its way: a second click comes before the first one is drawn. */
  const current = useRef<ChangeInput>();
  /** The change that was sent and not answered. */
  const lost = useRef<{ readonly text: string; readonly idempotencyKey: string }>();
  const run = useCallback(
    async (input: Input): Promise<Answer<Data> | undefined> => {
      if (current.current && current.current.dryRun !== true) return undefined;
      current.current = input;
      setSending("run");
      setFound(NOTHING);
      const text = JSON.stringify(input);
      const idempotencyKey = lost.current?.text === text ? lost.current.idempotencyKey : randomKey();
      const answer = withoutUnseen(await change(document, { input: { ...input, idempotencyKey } }));
      lost.current = answer.errors.some(({ code }) => code === "UNREACHABLE") ? { text, idempotencyKey } : undefined;
      current.current = undefined;
      setFound({ ...NOTHING, errors: answer.errors });
      setSending(undefined);
      refresh();
      return answer;
    },
    [document],
  );
  const check = useCallback(
    async (input: Input): Promise<void> => {
      if (current.current) return;
      const mine = { ...input, dryRun: true };
      current.current = mine;
      setSending("check");
      setFound(NOTHING);
      const { data, errors: problems } = withoutUnseen(await change(document, { input: mine }));
      if (current.current !== mine) return;
      current.current = undefined;
      const [payload] = Object.values<Payloads[string]>(data ?? {});
      setFound({ errors: problems, planned: payload?.dryRun ?? undefined, checked: data });
      setSending(undefined);
    },
    [document],
  );
  const forget = useCallback(() => {
    setFound(NOTHING);
    if (current.current?.dryRun !== true) return;
    current.current = undefined;
    setSending(undefined);
  }, []);
  return { run, check, isRunning: sending === "run", isChecking: sending === "check", ...found, forget };
}

/** The change was made, of which a part is not the caller's to see: no mutation is refused below its own field. */
function withoutUnseen<Data>({ data, errors }: Answer<Data>): Answer<Data> {
  return { data, errors: errors.filter(({ code, path }) => code !== "FORBIDDEN" || path.length < 2) };
}

/** `crypto.randomUUID` is there on pages alone that came over TLS or from this machine. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
