/**
 * How does an approved request become a playlist that plays?
 *
 * By two effects: the playlist is created in Spotify at once, and assigned to the location's sound zones when its first day
 * begins. Both are idempotent. If the playlist or a part of it was written more than once, because nobody knew whether an
 * earlier attempt had been successful, a third one looks for a twin afterwards, and fails if there is one: a person removes
 * it in Spotify. A request whose effect failed is FAILED, and an operator may retry the effect.
 */
import { z } from "zod";
import { locationId, playlistRequestId } from "../../../schema/id.ts";
import { backgroundContext } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../records/database/database.ts";
import { moveFrom } from "../../records/database/move-from.ts";
import { setPlaylistUri } from "../../records/locations/store.ts";
import { playlistRequests as table } from "../../records/locations/tables.ts";
import type { PlaylistRequestRecord } from "../../records/locations/types.ts";
import { AbsentError, FinalError, handler } from "../../records/outbox/effect.ts";
import type { Attempt, EffectKind, Handler } from "../../records/outbox/effect.ts";
import { recordedDecision } from "../../records/webhooks/recorded-decision.ts";
import type { CommandTools } from "../../server/commands.ts";
import type { Location } from "../location/location.ts";
import type { LocationServices } from "../services.ts";
import { requireZones } from "../sound-zones/sound-zone.ts";

export interface Fulfilment {
  /** Part of the transaction that approves the request. */
  start(tx: Tx, id: string): Promise<void>;
  readonly handlers: readonly Handler<never>[];
}

const Data = z.object({ id: z.string() });
type Data = z.infer<typeof Data>;
const CREATE: EffectKind<Data> = { name: "locations.create-playlist", data: Data };
const ASSIGN: EffectKind<Data> = { name: "locations.assign-zones", data: Data };
/** The assignment may be due weeks later, and a twin does not prevent it. */
const FIND_TWIN: EffectKind<Data> = { name: "locations.find-playlist-twin", data: Data, isUnordered: true };
/** After the playlist was created: Spotify's list of playlists lags. */
const TWIN_MS = 15 * 60_000;
const SOUNDTRACK = "soundtrack";

export function createFulfilment(
  services: LocationServices,
  { transact, outbox, tell }: Pick<CommandTools, "transact" | "outbox" | "tell">,
): Fulfilment {
  const { playlistRequests, soundtrack, web, now } = services;

  return {
    start: (tx, id) => outbox.send(tx, CREATE, effectOn(id)),
    handlers: [
      handler({ kind: CREATE, perform: create, failed }),
      handler({ kind: ASSIGN, perform: assign, failed }),
      handler({ kind: FIND_TWIN, perform: findTwin }),
    ],
  };

  async function create({ data, log, once, isRepeated }: Attempt<Data>): Promise<void> {
    const record = await find(data);
    if (!record || !isApproved(record) || record.playlistUri !== null) return;
    const { name } = await requireLocationOf(services, backgroundContext(log, record.requestedBy), record);
    const draft = { marker: record.id, name: record.title, description: `For ${name}.`, uris: record.trackUris };
    const { uri } = await web.ensurePlaylist(draft, once);
    const mayHaveTwin = await isRepeated();
    await transact(async (tx) => {
      const isFirst = await setPlaylistUri(tx, record.id, uri);
      const at = record.startsAt !== null && Number(record.startsAt) > now() ? record.startsAt : undefined;
      if (!isFirst) return;
      await outbox.send(tx, ASSIGN, { ...effectOn(record.id), at });
      if (mayHaveTwin) await outbox.send(tx, FIND_TWIN, { ...effectOn(record.id), at: new Date(now() + TWIN_MS) });
    });
  }

  async function assign({ data, log }: Attempt<Data>): Promise<void> {
    const record = await find(data);
    if (!record || !isApproved(record) || record.playlistUri === null) return;
    const subject = playlistRequestId.encode(record.id);
    if (record.endsAt !== null && Number(record.endsAt) <= now()) {
      throw new FinalError(`Cannot play ${subject}: its last day has passed`);
    }
    const { playlistUri } = record;
    const { source } = await requireLocationOf(services, backgroundContext(log, record.requestedBy), record);
    const zones = requireZones(source);
    if (zones.length === 0) throw new AbsentError(`Cannot play ${subject}: its location has no sound zone`, SOUNDTRACK);
    await soundtrack.assignSource(
      zones.map(({ id }) => id),
      playlistUri,
      true,
    );
    await transact(async (tx) => {
      await move(tx, record, "FULFILLED");
      await tellFulfilled(tx, record, playlistUri);
    });
  }

  async function tellFulfilled(tx: Tx, record: PlaylistRequestRecord, playlistUri: string): Promise<void> {
    const subject = playlistRequestId.encode(record.id);
    await tell(tx, "playlist.fulfilled", async () => ({
      subject,
      at: new Date(now()),
      data: {
        playlistRequestId: subject,
        locationId: locationId.encode(record.locationId),
        playlistUri,
        decision: await recordedDecision(tx, record.evaluationId),
      },
    }));
  }

  async function findTwin({ data, subject }: Attempt<Data>): Promise<void> {
    const record = await find(data);
    if (!record) return;
    const found = await web.playlistsOf(record.id);
    const twins = found.map(({ uri }) => uri).filter((uri) => uri !== record.playlistUri);
    if (twins.length > 0) throw new FinalError(`Cannot keep one playlist for ${subject}: remove ${twins.join(", ")}`);
    const tooLong = found.find(({ itemCount }) => itemCount > record.trackUris.length);
    if (tooLong) {
      const { uri, itemCount } = tooLong;
      const surplus = `has ${itemCount} items instead of ${record.trackUris.length}`;
      throw new FinalError(`Cannot keep each item of ${subject} once: ${uri} ${surplus}; remove the repeated ones`);
    }
  }

  async function failed({ data }: Attempt<Data>): Promise<void> {
    const record = await find(data);
    if (record?.status === "APPROVED") await transact((tx) => move(tx, record, "FAILED"));
  }

  async function find({ id }: Data): Promise<PlaylistRequestRecord | undefined> {
    return (await playlistRequests.byIds([id]))[0];
  }
}

/** Throws an AbsentError if Soundtrack does not have the location any more. */
export async function requireLocationOf(
  { load }: LocationServices,
  context: Context,
  { id, locationId }: PlaylistRequestRecord,
): Promise<Location> {
  const location = await load(context).location.load(locationId);
  if (location) return location;
  const subject = playlistRequestId.encode(id);
  throw new AbsentError(`Cannot carry out ${subject}: its location does not exist any more`, SOUNDTRACK);
}

/** A failed effect that is retried continues an approved request. */
function isApproved({ status }: PlaylistRequestRecord): boolean {
  return status === "APPROVED" || status === "FAILED";
}

async function move(
  tx: Tx,
  { id, status: from }: PlaylistRequestRecord,
  status: PlaylistRequestRecord["status"],
): Promise<void> {
  await moveFrom(tx, table, { id, subject: playlistRequestId.encode(id), from: [from], to: { status } });
}

function effectOn(id: string) {
  return { subject: playlistRequestId.encode(id), data: { id } };
}
