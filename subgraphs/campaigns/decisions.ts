/** Which decisions does this subgraph own? */
import { campaignTargeting } from "./decisions/campaign-targeting.ts";
import { caseRouting } from "./decisions/case-routing.ts";
import { marketingActivation } from "./decisions/marketing-activation.ts";
import { placementReview } from "./decisions/placement-review.ts";

export const campaignDecisions = [placementReview, campaignTargeting, caseRouting, marketingActivation];
