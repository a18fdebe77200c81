/**
 * What does a query of Soundtrack cost?
 *
 * As documented: by the query, not by what it finds. Each account, location, sound zone and track that it may return costs a
 * token, and those of a list cost its `first` each, inside every object that has the list. So few are asked for first, and
 * more only where there are more. What a query really costs is learnt from its response (budget.ts).
 */

/** Zones that are read with each location: more than this have fewer than half of them. */
export const FIRST_ZONES = 2;
/** Zones that are read of a location: more than any has. */
export const MAX_ZONES = 100;

export const PRICES = {
  /** With its number of locations, for which one of them is asked for. */
  account: 2,
  /** The list of an account's locations needs the account. */
  accountPart: 1,
  location: 1 + FIRST_ZONES,
  /** With the name of its account. */
  locationById: 1 + FIRST_ZONES + 1,
  /** More zones of a location, besides a token for each of them. */
  moreZones: 1,
  nowPlaying: 1,
  source: 2,
  assignment: 1,
} as const;
