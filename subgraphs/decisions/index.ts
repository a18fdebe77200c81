// Before any decorator runs.
import "reflect-metadata";
import { evaluationId, reviewId } from "../../schema/id.ts";
import { readReference } from "../reference.ts";
import type { SubgraphDefinition } from "../subgraph.ts";
import { EffectResolver } from "./effect-resolvers.ts";
import { EvaluationResolver } from "./ledger-resolvers.ts";
import type { DecisionServices } from "./loaders.ts";
import { DecisionModelResolver } from "./resolvers.ts";
import { ReviewResolver } from "./review-resolvers.ts";

export const decisions: SubgraphDefinition<DecisionServices> = {
  name: "decisions",
  resolvers: [DecisionModelResolver, EvaluationResolver, ReviewResolver, EffectResolver],
  references: {
    Evaluation: ({ load }, representation, context) => {
      const { id } = readReference("Evaluation", representation);
      evaluationId.decode(id);
      return load(context).evaluation.load(id);
    },
    Review: ({ load }, representation, context) => {
      const { id } = readReference("Review", representation);
      return load(context).review.load(reviewId.decode(id)[0]);
    },
  },
};
export { decisionServices } from "./loaders.ts";
