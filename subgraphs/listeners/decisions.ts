/** Which decisions does this subgraph own? */
import { audienceSegment } from "./decisions/audience-segment.ts";
import { leadRouting } from "./decisions/lead-routing.ts";

export const listenerDecisions = [audienceSegment, leadRouting];
