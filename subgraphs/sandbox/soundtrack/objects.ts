/**
 * What do the world's accounts, locations and sound zones look like in Soundtrack's words?
 *
 * As objects that graphql-js can walk: what costs nothing is a value, what costs a look-up is a method. Everything that
 * has an id of its own is counted when somebody gets to it.
 */
import { GraphQLError } from "graphql";
import type { LocationWorld, WorldAccount, WorldLocation, WorldZone } from "../world/locations.ts";
import { pick, spotifyId } from "../world/random.ts";
import { TRACKS } from "../world/venues.ts";

/** Of one request. */
export interface Reading {
  /** How many things with an id it got to. */
  cost: number;
  /** What it is to change once it is paid for. */
  readonly changes: (() => void)[];
}

export interface SoundtrackObjects {
  /** What a query starts from. */
  readonly root: object;
}

export interface SoundtrackObjectOptions {
  readonly world: LocationWorld;
  /** What to fail with: an id, or an id and a field (`${id}.soundZones`), → the error's code. */
  readonly troubles: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch: what plays now. */
  readonly now: () => number;
}

interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
}
interface Assignment {
  readonly input: { readonly soundZones: readonly string[]; readonly source: string };
}
interface Identified {
  readonly id: string;
}
/** A zone that knows where it is. */
interface Room extends WorldZone {
  readonly location: WorldLocation;
}

const TRACK_MS = 210_000;

export function createSoundtrackObjects({ world, troubles, now }: SoundtrackObjectOptions): SoundtrackObjects {
  const accounts = world.accounts.toSorted(byName(({ businessName }) => businessName));
  const locations = Map.groupBy(world.locations.toSorted(byName(({ name }) => name)), ({ accountId }) => accountId);
  const accountById = new Map(world.accounts.map((account) => [account.id, account]));
  const locationById = new Map(world.locations.map((location) => [location.id, location]));
  const rooms = Map.groupBy(world.locations.flatMap(roomsOf), ({ location: { id } }) => id);
  const roomById = new Map(Array.from(rooms.values()).flatMap((own) => own.map((room) => [room.id, room] as const)));

  /** Zone → source, where somebody has assigned one. */
  const assigned = new Map<string, string>();

  return {
    root: {
      me: {
        __typename: "PublicAPIClient",
        id: Buffer.from("PublicAPIClient,,sandbox/").toString("base64"),
        accounts: (page: PageArgs) => connection(accounts, page, account),
      },
      account: ({ id }: Identified, reading: Reading) => account(found(accountById, id), reading),
      location: ({ id }: Identified, reading: Reading) => location(found(locationById, id), reading),
      soundZone: ({ id }: Identified, reading: Reading) => zone(found(roomById, id), reading),
      nowPlaying: ({ soundZone: id }: { soundZone: string }) => nowPlaying(found(roomById, id)),
      soundZoneAssignSource: ({ input: { soundZones, source } }: Assignment, reading: Reading) => {
        // All or none: a zone that is not there keeps the others from what they are to play.
        for (const id of soundZones) {
          found(roomById, id);
          failing(`${id}.playFrom`);
        }
        if (kindOf(source) === undefined) throw problem("Not found", "NOT_FOUND");
        reading.cost += soundZones.length;
        reading.changes.push(() => soundZones.forEach((id) => assigned.set(id, source)));
        return { soundZones };
      },
      node: ({ id }: Identified, reading: Reading) => {
        const [own, place] = [accountById.get(id), locationById.get(id)];
        if (own) return account(own, reading);
        return place ? location(place, reading) : zone(found(roomById, id), reading);
      },
    },
  };

  function account({ id, businessName, businessType }: WorldAccount, reading: Reading): object {
    reading.cost += 1;
    failing(id);
    const own = locations.get(id) ?? [];
    const more = { locations: (page: PageArgs) => connection(own, page, location) };
    return { __typename: "Account", id, businessName, businessType, ...withTroubles(id, more) };
  }

  function location(source: WorldLocation, reading: Reading): object {
    reading.cost += 1;
    const { id, name, address, timezone, accountId } = source;
    failing(id);
    const own = (rooms.get(id) ?? []).toSorted(byName((room) => room.name));
    const more = {
      account: (_none: unknown, inner: Reading) => account(found(accountById, accountId), inner),
      soundZones: (page: PageArgs) => connection(own, page, zone),
    };
    const physicalAddress = { ...address, addressLine2: "" };
    return { __typename: "Location", id, name, physicalAddress, timezone, ...withTroubles(id, more) };
  }

  function zone(room: Room, reading: Reading): object {
    reading.cost += 1;
    const { id, name, online, subscription } = room;
    const { state, activeUntil } = subscription;
    failing(id);
    const more = {
      account: (_none: unknown, inner: Reading) => account(found(accountById, room.location.accountId), inner),
      location: (_none: unknown, inner: Reading) => location(room.location, inner),
      nowPlaying: () => nowPlaying(room),
      playFrom: (_none: unknown, inner: Reading) => {
        inner.cost += 1;
        const source = assigned.get(id) ?? scheduleOf(room.location);
        return { __typename: kindOf(source), id: source, name: "Music" };
      },
    };
    return {
      __typename: "SoundZone",
      id,
      name,
      online,
      isPaired: true,
      // Who cancels has music to the end of what is paid.
      subscription: { isActive: state === "ACTIVE" || state === "CANCELLED", activeUntil, state },
      playback: { id, state: !online ? "offline" : state === "ACTIVE" ? "playing" : "paused" },
      status: statusOf(room),
      ...withTroubles(id, more),
    };
  }

  function nowPlaying({ id, online, subscription }: WorldZone): object | null {
    failing(`${id}.nowPlaying`);
    if (!online || subscription.state !== "ACTIVE") return null;
    const turn = Math.floor(now() / TRACK_MS);
    const title = pick(TRACKS, "playing", id, turn);
    const track = (_none: unknown, reading: Reading): object => {
      reading.cost += 1;
      return { id: Buffer.from(`Track,,${spotifyId(title)}/`).toString("base64"), title };
    };
    return { startedAt: new Date(turn * TRACK_MS), track };
  }

  function failing(what: string): void {
    const code = troubles.get(what);
    if (code !== undefined) throw problem(`Failed to resolve ${what}`, code);
  }

  function withTroubles(id: string, fields: object): object {
    const guarded = Object.keys(fields).filter((field) => troubles.has(`${id}.${field}`));
    return { ...fields, ...Object.fromEntries(guarded.map((field) => [field, () => failing(`${id}.${field}`)])) };
  }
}

/** What everybody's zones play from until somebody says otherwise: the account's schedule. */
function scheduleOf({ accountId }: WorldLocation): string {
  const path = `Schedule,,${spotifyId("schedule", accountId).slice(0, 11).toLowerCase()}/`;
  return Buffer.from(path + Buffer.from(accountId, "base64").toString()).toString("base64");
}

/**
 * What a source is, by its id; undefined for what can be none. Assumed: that a playlist of Spotify's can be named by its
 * URI once the account has imported it. Nothing public says how Soundtrack names what was imported.
 */
function kindOf(source: string): "Playlist" | "Schedule" | undefined {
  if (/^spotify:playlist:[0-9A-Za-z]{22}$/.test(source)) return "Playlist";
  const kind = /^(Playlist|Schedule),/.exec(Buffer.from(source, "base64").toString())?.[1];
  return kind === "Playlist" || kind === "Schedule" ? kind : undefined;
}

function roomsOf(location: WorldLocation): readonly Room[] {
  return location.zones.map((zone) => ({ ...zone, location }));
}

export function problem(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

function statusOf({ online, subscription: { state } }: WorldZone): object {
  if (state === "EXPIRED") return { state: "ERROR", code: "SUBSCRIPTION_EXPIRED" };
  if (state === "INACTIVE") return { state: "ERROR", code: "SUBSCRIPTION_INACTIVE" };
  return online ? { state: "OK", code: "ALL_OK" } : { state: "ERROR", code: "PLAYER_DISCONNECTED" };
}

function found<T>(all: ReadonlyMap<string, T>, id: string): T {
  const one = all.get(id);
  if (one === undefined) throw problem("Not found", "NOT_FOUND");
  return one;
}

/** A cursor says behind which thing to go on, not how many have passed. */
function connection<T extends Identified>(
  items: readonly T[],
  { first, after }: PageArgs,
  node: (item: T, reading: Reading) => object,
): object {
  const cursorOf = ({ id }: T): string => Buffer.from(`after:${id}`).toString("base64");
  const start = after ? items.findIndex((item) => cursorOf(item) === after) + 1 : 0;
  if (after && start === 0) throw problem("Invalid cursor", "BAD_USER_INPUT");
  if (first !== null && first !== undefined && first < 0) throw problem("first is negative", "BAD_USER_INPUT");
  const page = items.slice(start, first === null || first === undefined ? undefined : start + first);
  const [opening, closing] = [page[0], page.at(-1)];
  return {
    total: items.length,
    edges: page.map((item) => ({
      cursor: cursorOf(item),
      node: (_none: unknown, reading: Reading) => node(item, reading),
    })),
    pageInfo: {
      hasNextPage: start + page.length < items.length,
      hasPreviousPage: start > 0,
      startCursor: opening ? cursorOf(opening) : null,
      endCursor: closing ? cursorOf(closing) : null,
    },
  };
}

/** As Soundtrack orders things; of one name, as they came. */
function byName<T>(nameOf: (item: T) => string): (left: T, right: T) => number {
  return (left, right) => COLLATOR.compare(nameOf(left), nameOf(right));
}
const COLLATOR = new Intl.Collator("en");
