/** Valid records for tests of the stores. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { Evaluation } from "../../subgraphs/pipeline/ledger.ts";
import type { PlaylistRequestRecord } from "../../subgraphs/records/locations/types.ts";
import { NOW } from "./now.ts";

export function playlistRequest(id: string): PlaylistRequestRecord {
  return {
    id,
    locationId: "somewhere",
    title: "A title",
    usage: "EVENT",
    trackUris: [],
    explicitTracks: 0,
    brandGuidelines: null,
    brandFit: null,
    startsAt: null,
    endsAt: null,
    status: "APPROVED",
    playlistUri: null,
    requestedBy: "somebody",
    requestedAt: new Date(NOW),
  };
}

export function evaluation(more: Partial<Evaluation> = {}): Evaluation {
  return {
    id: randomUUID(),
    model: "some_model",
    version: "1",
    subject: "campaign_1",
    facts: { age: 30, tags: ["a", "b"], known: true, nothing: null },
    factsDigest: "digest",
    rows: [{ verdict: "ALLOW", reason: "Fine", priority: 1 }],
    verdict: "ALLOW",
    origin: "SERVICE",
    decidedAt: new Date(NOW),
    expiresAt: new Date(NOW + 1000),
    requestedBy: "somebody",
    ...more,
  };
}

/** The database's own message for what it refuses. */
export async function databaseError(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => expect.fail("nothing was refused"),
    (reason: unknown) => reason,
  );
  return rootMessage(error);
}

function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : rootMessage(error.cause);
}
