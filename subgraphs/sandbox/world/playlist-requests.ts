/**
 * Which playlist requests are in the sandboxes' world?
 *
 * For each unit of scale 36 requests. Those that rules need are fixed, the others are random by name. They are
 * first-party data: no upstream has them. The status of a request follows from its age; no rule was evaluated. Playlists
 * begin and end at noon UTC, which is the same day in nearly all time zones.
 */
import type { WorldLocation } from "./locations.ts";
import { createWorldList, keyOf } from "./list.ts";
import type { WorldList } from "./list.ts";
import { integer, pick, random, spotifyId, uuid } from "./random.ts";
import { trackId } from "./tracks.ts";
import { CHAINS, GUIDELINES, PLAYLISTS } from "./venues.ts";

export interface WorldPlaylistRequest {
  readonly id: string;
  /** The id in Soundtrack. */
  readonly locationId: string;
  readonly title: string;
  readonly usage: Usage;
  /** `spotify:track:…` */
  readonly trackUris: readonly string[];
  /** The number of explicit tracks. */
  readonly explicitTracks: number;
  readonly brandGuidelines: string | null;
  /** The percentage of tracks that fit the guidelines; null if it was not rated. */
  readonly brandFit: number | null;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly status: (typeof CLOSED)[number] | (typeof RECENT)[number];
  /** `spotify:playlist:…` of a fulfilled request, else null. */
  readonly playlistUri: string | null;
  readonly requestedBy: string;
  readonly requestedAt: Date;
}

export interface PlaylistRequestOptions {
  /** A whole number from 1. */
  readonly scale: number;
  readonly now: Date;
  /** The locations of the same scale, in their order. */
  readonly locations: WorldList<WorldLocation, "id" | "accountId" | "name">;
}

type Usage = keyof typeof PLAYLISTS;
type Placed = readonly [
  chain: string,
  nth: number,
  usage: Usage,
  tracks: number,
  explicit: number,
  /** Percent; null if it was not rated, "none" without guidelines. */
  fit: number | null | "none",
  /** Days from today. */
  start: number | null,
  end: number | null,
];

/** At scale 1, including the fixed ones. */
const REQUESTS = 36;
const PLACED: readonly Placed[] = [
  ["Café Morgenrot", 0, "IN_STORE", 40, 0, 90, 1, 30],
  ["Modehuis Van Aerden", 1, "IN_STORE", 40, 0, 90, 1, 60],
  ["Harbour Lane Hotels", 1, "IN_STORE", 0, 0, "none", 2, 20],
  ["Harbour Lane Hotels", 1, "IN_STORE", 10, 0, 85, 0, 40],
  ["Birchwood Offices", 0, "IN_STORE", 50, 0, "none", 0, null],
  ["Birchwood Offices", 0, "IN_STORE", 600, 0, 88, 5, 90],
  ["Sakura Stay", 0, "IN_STORE", 45, 1, 80, 4, 60],
  ["The Copper Lantern", 0, "IN_STORE", 60, 6, 75, 4, 60],
  ["Ironwharf Fitness", 0, "IN_STORE", 50, 0, 30, 7, 60],
  ["Cantina Mezcalito", 0, "IN_STORE", 50, 0, null, 7, 60],
  ["The Copper Lantern", 0, "PROMOTION", 50, 0, 60, 14, 28],
  ["Birchwood Offices", 0, "PROMOTION", 50, 0, 90, 14, 28],
  ["Kneipe Zum Anker", 1, "EVENT", 50, 0, 90, 8, 8],
  ["Kneipe Zum Anker", 1, "EVENT", 50, 0, 90, 2, 2],
  ["Cantina Mezcalito", 0, "EVENT", 50, 0, 95, 20, 139],
  ["Ironwharf Fitness", 0, "EVENT", 35, 0, 95, 20, 20],
  ["Osteria del Ponte", 1, "IN_STORE", 50, 0, 90, -3, 30],
  ["Osteria del Ponte", 1, "EVENT", 50, 0, 90, 12, 9],
  ["Forma Studio", 0, "IN_STORE", 50, 0, 90, 3, 60],
  ["Lakeside Aquarium", 2, "PROMOTION", 80, 0, "none", 0, 20],
];
const USAGES: readonly Usage[] = ["IN_STORE", "IN_STORE", "IN_STORE", "EVENT", "PROMOTION"];
/** After this many days a request is closed. */
const OPEN_DAYS = 21;
const CLOSED = ["FULFILLED", "FULFILLED", "REJECTED", "APPROVED", "FAILED"] as const;
/** Never UNDECIDED: such a request has an effect in the outbox that decides it. */
const RECENT = ["IN_REVIEW", "APPROVED", "APPROVED", "REJECTED", "IN_REVIEW"] as const;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export function createPlaylistRequests(options: PlaylistRequestOptions): WorldList<WorldPlaylistRequest> {
  const { scale, now, locations } = options;
  if (!Number.isInteger(scale) || scale < 1) throw new RangeError(`scale is a whole number from 1, but got ${scale}`);
  const today = Math.floor(now.getTime() / DAY) * DAY;
  const share = Math.floor(locations.length / scale);
  return createWorldList({
    length: () => REQUESTS * scale,
    make(index) {
      const first = share * Math.floor(index / REQUESTS);
      return requestOf(index, today, share, (nth) => keyOf(locations, first + nth, "id"));
    },
  });
}

/** `idOf` gives the id of one of the `share` locations that the request may be for. */
function requestOf(
  index: number,
  today: number,
  share: number,
  idOf: (nth: number) => string | undefined,
): WorldPlaylistRequest {
  const name = ["playlist request", index] as const;
  const placed = PLACED[index % REQUESTS];
  const [, , usage, tracks, explicitTracks, fit, start, end] = placed ?? drawn(name);
  const locationId = idOf(placed ? placeOf(placed) : integer(0, share - 1, ...name, "location"));
  if (locationId === undefined) throw new RangeError(`there is no location ${placed?.[1]} of ${placed?.[0]}`);
  const age = integer(1, 40, ...name, "age");
  const status = pick(age > OPEN_DAYS ? CLOSED : RECENT, ...name, "status");
  return {
    id: uuid(...name),
    locationId,
    title: pick(PLAYLISTS[usage], ...name, "title"),
    usage,
    // The explicit ones come first.
    trackUris: Array.from(
      { length: tracks },
      (_track, nth) => `spotify:track:${trackId(nth < explicitTracks, "track", index, nth)}`,
    ),
    explicitTracks,
    brandGuidelines: fit === "none" ? null : pick(GUIDELINES, ...name, "guidelines"),
    brandFit: fit === "none" ? null : fit,
    startsAt: noonIn(start, today),
    endsAt: noonIn(end, today),
    status,
    playlistUri: status === "FULFILLED" ? `spotify:playlist:${spotifyId(...name)}` : null,
    requestedBy: `${pick(["marketing", "events", "store"], ...name, "by")}@venues.example`,
    requestedAt: new Date(today - age * DAY + integer(8, 17, ...name, "hour") * HOUR),
  };
}

/** Locations cycle through the chains; a sister chain copies the original's places. */
function placeOf([chain, nth]: Placed): number {
  return nth * CHAINS.length + CHAINS.findIndex(({ name }) => name === chain);
}

function drawn(name: readonly (string | number)[]): Placed {
  const start = integer(0, 40, ...name, "start");
  return [
    "",
    0,
    pick(USAGES, ...name, "usage"),
    integer(20, 120, ...name, "tracks"),
    random(...name, "explicit") < 0.2 ? 1 : 0,
    random(...name, "rated") < 0.85 ? integer(35, 100, ...name, "fit") : "none",
    start,
    random(...name, "open") < 0.2 ? null : start + integer(0, 60, ...name, "end"),
  ];
}

function noonIn(days: number | null, today: number): Date | null {
  return days === null ? null : new Date(today + days * DAY + 12 * HOUR);
}
