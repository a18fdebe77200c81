/** May the caller change what is decided by? Somebody who is known, whom all accounts concern; the graph asks the same. */
import { useContext } from "preact/hooks";
import { ANONYMOUS, CallerContext } from "../session/caller.tsx";
import type { Caller } from "../session/caller.tsx";

export interface TableRights {
  /** The caller. */
  readonly id: string;
  /** Why they may not; undefined where they may. */
  readonly problem: string | undefined;
}

export function useTableRights(): TableRights {
  const caller = useContext(CallerContext);
  return { id: caller.id, problem: PROBLEMS.find(([is]) => is(caller))?.[1] };
}

const PROBLEMS: readonly (readonly [is: (caller: Caller) => boolean, text: string])[] = [
  [({ id }) => id === ANONYMOUS, "A table takes two people, and this graph does not know who its callers are."],
  [({ scopes }) => !scopes.includes("reviews:write"), "To propose, approve or reject a table takes reviews:write."],
  [({ accounts }) => accounts !== null, "A table decides for all accounts, and you may see some only."],
];
