/** How was something decided? With its facts and its answer, where the caller may see them: asking for what one may not see fails. */
import { DecisionDocument } from "../generated/operations.ts";
import type { DecisionQuery } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import type { Asked } from "../graph/use-query.ts";
import { useMay } from "../session/caller.tsx";

/** `id` is undefined where nothing is asked. */
export function useEvaluation(id: string | undefined): Asked<DecisionQuery> {
  const withFacts = useMay("listeners:read");
  return useQuery(DecisionDocument, { id: id ?? "", withFacts }, { isAsked: id !== undefined });
}
