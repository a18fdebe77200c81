/**
 * How does the Soundtrack sandbox resolve accounts, locations and sound zones?
 *
 * As objects for graphql-js, in which a method is a lookup. The file is long because the objects refer to each other.
 */
import { GraphQLError } from "graphql";
import type { LocationWorld, WorldAccount, WorldLocation, WorldZone } from "../world/locations.ts";
import { createWorldList, itemAt, itemsAt, keyOf, once } from "../world/list.ts";
import type { WorldList } from "../world/list.ts";
import { createLookup } from "../world/lookup.ts";
import { pick, spotifyId } from "../world/random.ts";
import { TRACKS } from "../world/venues.ts";

/** Of one request. */
export interface Reading {
  /** The change to make once the query is executed. */
  readonly changes: (() => void)[];
}

export interface SoundtrackObjects {
  /** The root value. */
  readonly root: object;
}

export interface SoundtrackObjectOptions {
  readonly world: LocationWorld;
  /** Failures: an id, or an id and a field (`${id}.soundZones`), → the error's code. */
  readonly troubles: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch, for what plays now. */
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
/** A zone with its location. */
interface Room extends WorldZone {
  readonly location: WorldLocation;
}

const TRACK_MS = 210_000;

export function createSoundtrackObjects({ world, troubles, now }: SoundtrackObjectOptions): SoundtrackObjects {
  const accounts = sortedAccounts(world);
  const accountWith = finder(accounts);
  const locationWith = finder(world.locations);
  const locationsOf = createLookup(world.locations, "accountId");
  const accountPlaces = createLookup(accounts, "id");

  /** Zone → assigned source. */
  const assigned = new Map<string, string>();

  return {
    root: {
      me: {
        __typename: "PublicAPIClient",
        id: Buffer.from("PublicAPIClient,,sandbox/").toString("base64"),
        accounts: (page: PageArgs) => connection(accounts, page, account, (id) => accountPlaces.first(id)),
      },
      account: ({ id }: Identified) => account(found(accountWith(id))),
      location: ({ id }: Identified) => location(found(locationWith(id))),
      soundZone: ({ id }: Identified) => zone(found(roomWith(id))),
      nowPlaying: ({ soundZone: id }: { soundZone: string }) => nowPlaying(found(roomWith(id))),
      soundZoneAssignSource: ({ input: { soundZones, source } }: Assignment, reading: Reading) => {
        // A zone that does not exist fails the whole mutation, so either all zones change or none.
        for (const id of soundZones) {
          found(roomWith(id));
          failing(`${id}.playFrom`);
        }
        if (kindOf(source) === undefined) throw problem("Not found", "NOT_FOUND");
        reading.changes.push(() => soundZones.forEach((id) => assigned.set(id, source)));
        return { soundZones };
      },
      node: ({ id }: Identified) => {
        const [own, place] = [accountWith(id), locationWith(id)];
        if (own) return account(own);
        return place ? location(place) : zone(found(roomWith(id)));
      },
    },
  };

  function account({ id, businessName, businessType }: WorldAccount): object {
    failing(id);
    const more = {
      locations: (page: PageArgs) => {
        const own = sortedLocations(id);
        return connection(
          { length: own.length, slice: (from, to) => itemsAt(world.locations, own.slice(from, to)) },
          page,
          location,
          (wanted) => own.findIndex((index) => keyOf(world.locations, index, "id") === wanted),
        );
      },
    };
    return { __typename: "Account", id, businessName, businessType, ...withTroubles(id, more) };
  }

  function location(source: WorldLocation): object {
    const { id, name, address, timezone, accountId } = source;
    failing(id);
    const own = roomsOf(source).toSorted(byName((room) => room.name));
    const more = {
      account: () => account(found(accountWith(accountId))),
      soundZones: (page: PageArgs) => connection(own, page, zone),
    };
    const physicalAddress = { ...address, addressLine2: "" };
    return { __typename: "Location", id, name, physicalAddress, timezone, ...withTroubles(id, more) };
  }

  function zone(room: Room): object {
    const { id, name, online, subscription } = room;
    const { state, activeUntil } = subscription;
    failing(id);
    const more = {
      account: () => account(found(accountWith(room.location.accountId))),
      location: () => location(room.location),
      nowPlaying: () => nowPlaying(room),
      playFrom: () => {
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
      // A cancelled subscription runs until the end of its period.
      subscription: { isActive: state === "ACTIVE" || state === "CANCELLED", activeUntil, state },
      playback: { id, state: !online ? "offline" : state === "ACTIVE" ? "playing" : "paused" },
      status: statusOf(room),
      ...withTroubles(id, more),
    };
  }

  /** Their indexes: most of them are only counted. */
  function sortedLocations(accountId: string): readonly number[] {
    return locationsOf.all(accountId).toSorted(byName((index) => keyOf(world.locations, index, "name") ?? ""));
  }

  /** The id of a zone ends in that of its location. */
  function roomWith(id: string): Room | undefined {
    const path = Buffer.from(id, "base64").toString();
    const place = locationWith(Buffer.from(path.slice(path.indexOf("/") + 1)).toString("base64"));
    return place && roomsOf(place).find((room) => room.id === id);
  }

  function nowPlaying({ id, online, subscription }: WorldZone): object | null {
    failing(`${id}.nowPlaying`);
    if (!online || subscription.state !== "ACTIVE") return null;
    const turn = Math.floor(now() / TRACK_MS);
    const title = pick(TRACKS, "playing", id, turn);
    const track = { id: Buffer.from(`Track,,${spotifyId(title)}/`).toString("base64"), title };
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

/** The default source of a zone: the account's schedule. */
function scheduleOf({ accountId }: WorldLocation): string {
  const path = `Schedule,,${spotifyId("schedule", accountId).slice(0, 11).toLowerCase()}/`;
  return Buffer.from(path + Buffer.from(accountId, "base64").toString()).toString("base64");
}

/**
 * The kind of a source by its id; undefined for none. Assumed: a Spotify playlist has its URI as its id after it was
 * imported, which is not documented.
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

/** By name; their order is kept, and not the accounts. */
function sortedAccounts({ accounts }: LocationWorld): LocationWorld["accounts"] {
  const order = once(() => {
    const names = Array.from(
      { length: accounts.length },
      (_none, index) => keyOf(accounts, index, "businessName") ?? "",
    );
    return Uint32Array.from(
      names
        .keys()
        .toArray()
        .toSorted((a, b) => COLLATOR.compare(names[a] ?? "", names[b] ?? "")),
    );
  });
  const indexAt = (place: number): number => order()[place] ?? accounts.length;
  return createWorldList({
    length: () => accounts.length,
    make: (place) => found(accounts.at(indexAt(place))),
    keys: {
      id: (place) => keyOf(accounts, indexAt(place), "id") ?? "",
      businessName: (place) => keyOf(accounts, indexAt(place), "businessName") ?? "",
    },
  });
}

function finder<T extends Identified>(list: WorldList<T, "id">): (id: string) => T | undefined {
  const places = createLookup(list, "id");
  return (id) => itemAt(list, places.first(id));
}

function found<T>(one: T | undefined): T {
  if (one === undefined) throw problem("Not found", "NOT_FOUND");
  return one;
}

/** A cursor names the object before the next page, not a number. */
function connection<T extends Identified>(
  items: Pick<WorldList<T>, "length" | "slice">,
  { first, after }: PageArgs,
  node: (item: T) => object,
  placeOf = (wanted: string): number | undefined => items.slice().findIndex(({ id }) => id === wanted),
): object {
  const cursorOf = ({ id }: Identified): string => Buffer.from(`after:${id}`).toString("base64");
  const id = after && Buffer.from(after, "base64").toString().slice("after:".length);
  const start = id ? (placeOf(id) ?? -1) + 1 : 0;
  if (after && (start === 0 || cursorOf({ id: id ?? "" }) !== after)) throw problem("Invalid cursor", "BAD_USER_INPUT");
  if (first !== null && first !== undefined && first < 0) throw problem("first is negative", "BAD_USER_INPUT");
  const page = items.slice(start, first === null || first === undefined ? undefined : start + first);
  const [opening, closing] = [page[0], page.at(-1)];
  return {
    total: items.length,
    edges: page.map((item) => ({
      cursor: cursorOf(item),
      node: () => node(item),
    })),
    pageInfo: {
      hasNextPage: start + page.length < items.length,
      hasPreviousPage: start > 0,
      startCursor: opening ? cursorOf(opening) : null,
      endCursor: closing ? cursorOf(closing) : null,
    },
  };
}

/** By name, as Soundtrack does; equal names keep their order. */
function byName<T>(nameOf: (item: T) => string): (left: T, right: T) => number {
  return (left, right) => COLLATOR.compare(nameOf(left), nameOf(right));
}
const COLLATOR = new Intl.Collator("en");
