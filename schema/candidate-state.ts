/** What has become of a table that somebody proposed? */
import { registerEnumType } from "type-graphql";

export const CandidateState = {
  PROPOSED: "PROPOSED",
  APPROVED: "APPROVED",
  REJECTED: "REJECTED",
  WITHDRAWN: "WITHDRAWN",
} as const;
export type CandidateState = (typeof CandidateState)[keyof typeof CandidateState];

registerEnumType(CandidateState, {
  name: "CandidateState",
  description: "What has become of a table that somebody proposed.",
  valuesConfig: {
    PROPOSED: { description: "a second person has to approve or reject it" },
    APPROVED: { description: "it may be deployed, as long as it is not outdated" },
    REJECTED: { description: "by somebody else than its proposer; also after it was approved" },
    WITHDRAWN: { description: "by its proposer; also after it was approved" },
  },
});
