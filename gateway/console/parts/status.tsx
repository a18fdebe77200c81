/** In which state is it? One colour for each meaning: fine, on its way, look at it, wrong. */
import { inSmallLetters } from "./text.ts";

const COLOURS: Readonly<Record<string, string>> = {
  ACTIVE: "allow",
  ANSWERING: "allow",
  ONLINE: "allow",
  PUBLISHED: "allow",
  APPROVED: "allow",
  FULFILLED: "allow",
  DONE: "allow",
  DEPLOYED: "allow",
  RESOLVED: "allow",
  PROPOSED: "review",
  PENDING: "review",
  DEGRADED: "review",
  SUBMITTED: "review",
  IN_REVIEW: "review",
  RETRYING: "review",
  EXPIRING: "review",
  RENEW: "review",
  HIGH: "review",
  REJECTED: "deny",
  NOT_ANSWERING: "deny",
  FAILED: "deny",
  RESTRICTED: "deny",
  EXPIRED: "deny",
  ESCALATE: "deny",
  CRITICAL: "deny",
};

export function Status({ value }: { readonly value: string }) {
  return <span class={`badge ${COLOURS[value] ?? "neutral"}`}>{inSmallLetters(value)}</span>;
}
