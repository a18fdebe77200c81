/**
 * How is a request for a branded playlist decided?
 *
 * The rules approve it, reject it, or open a review. If the decision service or Spotify is unavailable, the request is
 * recorded as undecided and retried until both answer. An approved request is fulfilled without another mutation (see
 * fulfilment.ts).
 */
import { randomUUID } from "node:crypto";
import { locationId, playlistRequestId } from "../../../schema/id.ts";
import { assertTransition } from "../../../schema/states.ts";
import { undefinedIfUndecided } from "../../pipeline/undecided.ts";
import type { Context } from "../../platform/context.ts";
import { forgetLists } from "../../platform/lists.ts";
import type { Tx } from "../../records/database/database.ts";
import { moveFrom } from "../../records/database/move-from.ts";
import { REQUEST_STATES, isUndecided, moveAfterDecision, statusAfterReview } from "../../records/decisions/requests.ts";
import type { RequestMove, RequestDecision } from "../../records/decisions/requests.ts";
import type { ReviewHandler } from "../../records/decisions/reviews.ts";
import { addPlaylistRequest } from "../../records/locations/store.ts";
import { playlistRequests as table } from "../../records/locations/tables.ts";
import type { PlaylistRequestRecord } from "../../records/locations/types.ts";
import type { Handler } from "../../records/outbox/effect.ts";
import type { CommandTools } from "../../server/commands.ts";
import { decideLater } from "../../server/decide-later.ts";
import { playlistRequest } from "../decisions/playlist-request.ts";
import { requireLocation } from "../location/require-location.ts";
import type { LocationServices } from "../services.ts";
import { assertDates } from "./dates.ts";
import { countExplicit } from "./explicit-tracks.ts";
import { createFulfilment, requireLocationOf } from "./fulfilment.ts";
import type { RequestPlaylistInput } from "./inputs.ts";

export interface PlaylistRequestCommands {
  /** Gives the id of the record. */
  request(context: Context, input: RequestPlaylistInput): Promise<string>;
  readonly reviewHandler: ReviewHandler;
  readonly handlers: readonly Handler<never>[];
}

const MUTATION = "requestPlaylist";
const KIND = "playlist-request";

export function playlistRequestCommands(services: LocationServices, tools: CommandTools): PlaylistRequestCommands {
  const { playlistRequests, web, now } = services;
  const { decideAnew, mutate, transact, outbox, tell } = tools;
  const fulfilment = createFulfilment(services, tools);
  const later = decideLater(transact, {
    kind: "locations.decide-playlist-request",
    find: async (id) => (await playlistRequests.byIds([id]))[0],
    isOpen: isUndecided,
    caller: ({ requestedBy }) => requestedBy,
    async decide(context, record) {
      await requireLocationOf(services, context, record);
      const { count: explicitTracks, failure } = await countExplicit(web, record.trackUris);
      if (failure) throw failure;
      return { explicitTracks, decided: await decide(context, { ...record, explicitTracks }) };
    },
    async apply(tx, { id, status }, { explicitTracks, decided }) {
      const to = await moveOf(tx, id, decided);
      await move(tx, id, status, { ...to, explicitTracks });
    },
    fail: (tx, { id, status }) => move(tx, id, status, { status: "FAILED" }),
  });

  return {
    async request(context, input) {
      const [soundtrackId] = locationId.decode(input.locationId, "locationId");
      const { id } = await mutate(context, MUTATION, input, async () => {
        const { source } = await requireLocation(services, context, MUTATION, soundtrackId);
        const record = recordOf(context, soundtrackId, input, source.timezone);
        const { count: explicitTracks, failure } = await countExplicit(web, record.trackUris);
        const counted = { ...record, explicitTracks };
        const decided = failure ? undefined : await undefinedIfUndecided(decide(context, counted));
        return async (tx) => {
          await addPlaylistRequest(tx, { ...counted, ...(decided && (await moveOf(tx, record.id, decided))) });
          if (!decided) await outbox.send(tx, later.kind, { subject: subjectOf(record.id), data: { id: record.id } });
          return { id: record.id };
        };
      });
      forgetLists(services.load(context).playlistRequests, id);
      return id;
    },
    reviewHandler: {
      kind: KIND,
      async apply(tx, { subject, verdict }) {
        const [id] = playlistRequestId.decode(subject);
        const status = statusAfterReview(verdict);
        assertTransition(REQUEST_STATES, "IN_REVIEW", status, { action: "review", id: subject });
        await move(tx, id, "IN_REVIEW", { status });
        if (status === "APPROVED") await fulfilment.start(tx, id);
      },
    },
    handlers: [later.handler, ...fulfilment.handlers],
  };

  function recordOf(
    { caller }: Context,
    soundtrackId: string,
    { title, usage, trackUris, brandGuidelines = null, startsAt = null, endsAt = null }: RequestPlaylistInput,
    timezone: string | null,
  ): Omit<PlaylistRequestRecord, "explicitTracks"> {
    assertDates({ startsAt, endsAt }, { mutation: MUTATION, timezone, now: now() });
    return {
      id: randomUUID(),
      locationId: soundtrackId,
      title,
      usage,
      trackUris,
      brandGuidelines,
      brandFit: null,
      startsAt,
      endsAt,
      status: "UNDECIDED",
      playlistUri: null,
      requestedBy: caller.id,
      requestedAt: new Date(now()),
    };
  }

  async function decide(context: Context, record: PlaylistRequestRecord): Promise<RequestDecision["decided"]> {
    const facts = await services.load(context).playlist.load(record);
    const { action, verdict, ...decided } = await decideAnew(context, playlistRequest, facts, subjectOf(record.id));
    // A playlist on hold is not created before a reviewer approves it.
    return { ...decided, verdict: verdict === "ALLOW" && action === "HOLD" ? "REVIEW" : verdict };
  }

  /** Starts the fulfilment of an approved request. */
  async function moveOf(tx: Tx, id: string, decided: RequestDecision["decided"]): Promise<RequestMove> {
    const to = await moveAfterDecision(tx, tell, { kind: KIND, subject: subjectOf(id), decided, at: new Date(now()) });
    if (to.status === "APPROVED") await fulfilment.start(tx, id);
    return to;
  }
}

async function move(
  tx: Tx,
  id: string,
  from: PlaylistRequestRecord["status"],
  to: RequestMove & { readonly explicitTracks?: number },
): Promise<void> {
  await moveFrom(tx, table, { id, subject: subjectOf(id), from: [from], to });
}

function subjectOf(id: string): string {
  return playlistRequestId.encode(id);
}
