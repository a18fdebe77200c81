// Must come before any decorator.
import "reflect-metadata";
import { evaluationId, reviewId } from "../../schema/id.ts";
import { readReference } from "../server/references.ts";
import type { SubgraphDefinition } from "../server/subgraph.ts";
import { ActivityResolver } from "./activity-resolvers.ts";
import { CallerResolver } from "./caller.ts";
import { EffectResolver } from "./effect-resolvers.ts";
import { EvaluationResolver } from "./evaluation-resolvers.ts";
import { ImpactResolver } from "./impact-resolvers.ts";
import type { DecisionServices } from "./services.ts";
import { DecisionModelResolver } from "./decision-model-resolvers.ts";
import { ReviewResolver } from "./review-resolvers.ts";
import { TableComparisonResolver } from "./table-comparison-resolvers.ts";
import { SubscriptionResolver } from "./subscriptions.ts";
import { ModelCandidatesResolver, TableCandidateResolver } from "./table-candidate-resolvers.ts";

export const decisions: SubgraphDefinition<DecisionServices> = {
  name: "decisions",
  resolvers: [
    CallerResolver,
    ActivityResolver,
    DecisionModelResolver,
    TableComparisonResolver,
    EvaluationResolver,
    ImpactResolver,
    ReviewResolver,
    EffectResolver,
    ModelCandidatesResolver,
    TableCandidateResolver,
    SubscriptionResolver,
  ],
  references: {
    Evaluation: ({ load }, representation, context) => {
      const { id } = readReference("Evaluation", representation);
      evaluationId.check(id);
      return load(context).evaluation.load(id);
    },
    Review: ({ load }, representation, context) => {
      const { id } = readReference("Review", representation);
      return load(context).review.load(reviewId.decode(id)[0]);
    },
  },
};
export { decisionServices } from "./services.ts";
