/** How far has a request come? The same steps, whatever is asked for. */
import { registerEnumType } from "type-graphql";

export const RequestStatus = {
  APPROVED: "APPROVED",
  REJECTED: "REJECTED",
  IN_REVIEW: "IN_REVIEW",
  UNDECIDED: "UNDECIDED",
  FULFILLED: "FULFILLED",
  FAILED: "FAILED",
} as const;
export type RequestStatus = (typeof RequestStatus)[keyof typeof RequestStatus];

registerEnumType(RequestStatus, {
  name: "RequestStatus",
  description: "How far a request has come.",
  valuesConfig: {
    IN_REVIEW: { description: "somebody looks at it before it is approved or rejected" },
    UNDECIDED: { description: "the rules could not be asked; it is neither approved nor rejected" },
    FULFILLED: { description: "what was asked for is there" },
    FAILED: { description: "approved, but it could not be carried out" },
  },
});
