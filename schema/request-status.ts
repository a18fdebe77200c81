/** Which status does a request have? The same steps for every kind of request. */
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
  description: "The status of a request.",
  valuesConfig: {
    IN_REVIEW: { description: "waits for a reviewer to approve or reject it" },
    UNDECIDED: { description: "not decided yet, because the decision failed; it is retried" },
    FULFILLED: { description: "carried out" },
    FAILED: { description: "carrying it out failed, or it can never be decided: what it is about is gone" },
  },
});
