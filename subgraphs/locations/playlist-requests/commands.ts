/**
 * What becomes of a request for a branded playlist?
 *
 * The rules say: approved, rejected, or somebody looks at it first. Where they cannot be asked, or Spotify cannot be asked
 * what the tracks are, the request is kept, undecided, and both are asked again until they answer. What is approved is made in Spotify at once, and the location's
 * sound zones play from it once its first day begins.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { locationId, playlistRequestId } from "../../../schema/id.ts";
import { assertTransition } from "../../../schema/states.ts";
import { backgroundContext } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import { unlessUndecided } from "../../pipeline/undecided.ts";
import type { CommandTools } from "../../server/commands.ts";
import type { Tx } from "../../records/database/database.ts";
import {
  addPlaylistRequest,
  movePlaylistRequest,
  setExplicitTracks,
  setPlaylistUri,
} from "../../records/locations/store.ts";
import { FinalError, handler } from "../../records/outbox/outbox.ts";
import type { Attempt, EffectKind, Handler } from "../../records/outbox/outbox.ts";
import type { ReviewHandler } from "../../records/decisions/reviews.ts";
import { REQUEST_STATES, moveBy, reviewedTo } from "../../records/decisions/requests.ts";
import type { Ruling } from "../../records/decisions/requests.ts";
import { badFields } from "../../server/validation.ts";
import { DATES_TO, existing } from "../location/existing.ts";
import { playlistRequest } from "../decisions.ts";
import { countExplicit } from "./explicit-tracks.ts";
import { zonesOf } from "../services.ts";
import type { LocationServices } from "../services.ts";
import { localTime } from "../location/local-time.ts";
import type { Location } from "../location/location.ts";
import type { PlaylistRequestRecord } from "../../records/locations/types.ts";
import type { RequestPlaylistInput } from "./inputs.ts";

export interface PlaylistRequestCommands {
  /** Gives the id of the record. */
  request(context: Context, input: RequestPlaylistInput): Promise<string>;
  readonly reviewHandler: ReviewHandler;
  readonly handlers: readonly Handler<never>[];
}

const MUTATION = "requestPlaylist";
const KIND = "playlist-request";
const Data = z.object({ id: z.string() });
type Data = z.infer<typeof Data>;
const DECIDE: EffectKind<Data> = { name: "locations.decide-playlist-request", data: Data, retriesForever: true };
const CREATE: EffectKind<Data> = { name: "locations.create-playlist", data: Data };
const ASSIGN: EffectKind<Data> = { name: "locations.assign-zones", data: Data };

export function playlistRequestCommands(
  services: LocationServices,
  { decideAnew, mutate, outbox }: CommandTools,
): PlaylistRequestCommands {
  const { playlistRequests, soundtrack, web, now } = services;

  return {
    async request(context, input) {
      const [placeId] = locationId.decode(input.locationId, "locationId");
      const { id } = await mutate(context, MUTATION, input, async () => {
        const { source } = await existing(services, context, MUTATION, placeId);
        const { title, usage, trackUris, brandGuidelines = null, startsAt = null, endsAt = null } = input;
        checkDates({ startsAt, endsAt }, source.timezone, now());
        const explicit = await countExplicit(web, trackUris);
        const record: PlaylistRequestRecord = {
          id: randomUUID(),
          locationId: placeId,
          title,
          usage,
          trackUris,
          explicitTracks: explicit.count,
          brandGuidelines,
          brandFit: null,
          startsAt,
          endsAt,
          status: "UNDECIDED",
          playlistUri: null,
          requestedBy: context.caller,
          requestedAt: new Date(now()),
        };
        const decided = explicit.failure ? undefined : await unlessUndecided(decide(context, record));
        return async (tx) => {
          await addPlaylistRequest(tx, record);
          if (decided) await settle(tx, record, decided);
          else await outbox.send(tx, DECIDE, effectOn(record));
          return { id: record.id };
        };
      });
      const lists = services.load(context).playlistRequests;
      lists.part.clearAll();
      lists.count.clearAll();
      return id;
    },
    reviewHandler: {
      kind: KIND,
      async apply(tx, { subject, verdict }) {
        const [id] = playlistRequestId.decode(subject);
        const status = reviewedTo(verdict);
        assertTransition(REQUEST_STATES, "IN_REVIEW", status, { action: "review", id: subject });
        await movePlaylistRequest(tx, id, "IN_REVIEW", { status });
        if (status === "APPROVED") await outbox.send(tx, CREATE, effectOn({ id }));
      },
    },
    handlers: [
      handler({ kind: DECIDE, perform: decideLater }),
      handler({ kind: CREATE, perform: create, failed }),
      handler({ kind: ASSIGN, perform: assign, failed }),
    ],
  };

  async function decide(context: Context, record: PlaylistRequestRecord): Promise<Ruling["decided"]> {
    const facts = await services.load(context).playlist.load(record);
    const { action, verdict, ...decided } = await decideAnew(context, playlistRequest, facts, subjectOf(record));
    // What is on hold is not made before somebody has cleared it.
    return { ...decided, verdict: verdict === "ALLOW" && action === "HOLD" ? "REVIEW" : verdict };
  }

  async function settle(tx: Tx, record: PlaylistRequestRecord, decided: Ruling["decided"]): Promise<void> {
    const move = await moveBy(tx, { kind: KIND, subject: subjectOf(record), decided, at: new Date(now()) });
    await movePlaylistRequest(tx, record.id, "UNDECIDED", move);
    if (move.status === "APPROVED") await outbox.send(tx, CREATE, effectOn(record));
  }

  async function decideLater({ data, log }: Attempt<Data>): Promise<void> {
    const record = await read(data);
    // Decided by an earlier attempt.
    if (record?.status !== "UNDECIDED") return;
    const context = backgroundContext(log, record.requestedBy);
    await placeOf(context, record);
    const explicit = await countExplicit(web, record.trackUris);
    if (explicit.failure) throw explicit.failure;
    const known = { ...record, explicitTracks: explicit.count };
    const decided = await decide(context, known);
    await mutate(context, DECIDE.name, {}, async () => async (tx) => {
      await setExplicitTracks(tx, known.id, known.explicitTracks);
      await settle(tx, known, decided);
      return {};
    });
  }

  async function create({ data, log }: Attempt<Data>): Promise<void> {
    const record = await read(data);
    if (!record || !isApproved(record) || record.playlistUri !== null) return;
    const context = backgroundContext(log, record.requestedBy);
    const { name } = await placeOf(context, record);
    const { uri } = await web.ensurePlaylist({
      marker: record.id,
      name: record.title,
      description: `For ${name}.`,
      uris: record.trackUris,
    });
    await mutate(context, CREATE.name, {}, async () => async (tx) => {
      const isFirst = await setPlaylistUri(tx, record.id, uri);
      const at = record.startsAt !== null && Number(record.startsAt) > now() ? record.startsAt : undefined;
      if (isFirst) await outbox.send(tx, ASSIGN, { ...effectOn(record), at });
      return {};
    });
  }

  async function assign({ data, log }: Attempt<Data>): Promise<void> {
    const record = await read(data);
    if (!record || !isApproved(record) || record.playlistUri === null) return;
    if (record.endsAt !== null && Number(record.endsAt) <= now()) {
      throw new FinalError(`Cannot play ${subjectOf(record)}: its last day is over`);
    }
    const context = backgroundContext(log, record.requestedBy);
    const zones = zonesOf((await placeOf(context, record)).source);
    if (zones.length === 0) throw new FinalError(`Cannot play ${subjectOf(record)}: its location has no sound zone`);
    await soundtrack.assignSource(
      zones.map(({ id }) => id),
      record.playlistUri,
    );
    await mutate(context, ASSIGN.name, {}, async () => async (tx) => {
      await movePlaylistRequest(tx, record.id, record.status, { status: "FULFILLED" });
      return {};
    });
  }

  async function failed({ data, log }: Attempt<Data>): Promise<void> {
    const record = await read(data);
    if (record?.status !== "APPROVED") return;
    await mutate(backgroundContext(log, record.requestedBy), "fail", {}, async () => async (tx) => {
      await movePlaylistRequest(tx, record.id, "APPROVED", { status: "FAILED" });
      return {};
    });
  }

  async function read({ id }: Data): Promise<PlaylistRequestRecord | undefined> {
    return (await playlistRequests.byIds([id]))[0];
  }

  async function placeOf(context: Context, record: PlaylistRequestRecord): Promise<Location> {
    const place = await services.load(context).location.load(record.locationId);
    if (place) return place;
    throw new FinalError(`Cannot carry out ${subjectOf(record)}: its location is not there any more`);
  }
}

/** What failed is approved still: somebody tries it again. */
function isApproved({ status }: PlaylistRequestRecord): boolean {
  return status === "APPROVED" || status === "FAILED";
}

function subjectOf({ id }: Pick<PlaylistRequestRecord, "id">): string {
  return playlistRequestId.encode(id);
}

function effectOn({ id }: Pick<PlaylistRequestRecord, "id">) {
  return { subject: playlistRequestId.encode(id), data: { id } };
}

/** The day that has begun where the location is may be the first one: a clock is never quite right. */
function checkDates(
  { startsAt, endsAt }: Pick<PlaylistRequestRecord, "startsAt" | "endsAt">,
  timezone: string,
  now: number,
): void {
  const dayOf = (at: number): number => localTime(timezone, at)?.date ?? Math.floor(at / DAY_MS);
  if (startsAt && startsAt > DATES_TO) throw badFields(MUTATION, { startsAt: ["must not lie beyond the year 9999"] });
  if (endsAt && endsAt > DATES_TO) throw badFields(MUTATION, { endsAt: ["must not lie beyond the year 9999"] });
  if (startsAt && dayOf(Number(startsAt)) < dayOf(now))
    throw badFields(MUTATION, { startsAt: ["must not lie in the past"] });
  if (endsAt && Number(endsAt) <= now) throw badFields(MUTATION, { endsAt: ["must not lie in the past"] });
  if (startsAt && endsAt && endsAt <= startsAt) throw badFields(MUTATION, { endsAt: ["must be after startsAt"] });
}

const DAY_MS = 86_400_000;
