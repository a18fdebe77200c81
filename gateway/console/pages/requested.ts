/** What is in review, in a few words? By the names of what it brings together; by an id where these are not known. */
import type { RequestedFragment } from "../generated/operations.ts";
import { shortened } from "../parts/id.tsx";

export function requested({ subject, request }: RequestedFragment): string {
  if (!request) return shortened(subject);
  return "campaign" in request
    ? `${request.campaign.name} in ${request.episode.title}`
    : `${request.title} for ${request.location.name}`;
}
