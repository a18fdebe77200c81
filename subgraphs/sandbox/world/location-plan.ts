/**
 * Which values are shared by all records of one location?
 *
 * Its chain, its number in the chain, its fixed values, and all ids. All others are random by name.
 */
import { at } from "./campaign-plan.ts";
import { PLACED } from "./location-placed.ts";
import type { Placed } from "./location-placed.ts";
import { spotifyId } from "./random.ts";
import { CHAINS, SISTERS } from "./venues.ts";
import type { Chain } from "./venues.ts";

export interface Plan {
  readonly chain: Chain;
  /** From 0 within its chain. */
  readonly nth: number;
  readonly placed: Placed;
  /** The start of the UTC day, in milliseconds. */
  readonly today: number;
}

/** At scale 1. */
export const LOCATIONS = 500;
/** In milliseconds. */
export const DAY = 86_400_000;

/** Edition 0 has the chains; each later edition adds a sister of every chain. */
export function chainAt(index: number): Chain {
  return sisterOf(at(CHAINS, index), Math.floor(index / CHAINS.length));
}

/** Locations cycle through the chains. Fixed values are looked up by the original chain's name, also for its sisters. */
export function planAt(index: number, today: number): Plan {
  const [edition, own] = [Math.floor(index / LOCATIONS), index % LOCATIONS];
  const nth = Math.floor(own / CHAINS.length);
  const original = at(CHAINS, own);
  return { chain: sisterOf(original, edition), nth, placed: PLACED[original.name]?.[nth] ?? {}, today };
}

/** The id has Soundtrack's format, with the type's name. */
export function accountIdOf(chain: Chain): string {
  return opaque(...accountPath(chain));
}
export function idOf(plan: Plan): string {
  return opaque(...locationPath(plan));
}
export function zoneIdOf(plan: Plan, index: number): string {
  return opaque(["SoundZone", token("zone", plan.chain.name, plan.nth, index)], ...locationPath(plan));
}

function sisterOf(chain: Chain, edition: number): Chain {
  if (edition === 0) return chain;
  const round = Math.floor((edition - 1) / SISTERS.length);
  const sister = `${chain.name} ${SISTERS[(edition - 1) % SISTERS.length] ?? ""}`;
  return { ...chain, name: round === 0 ? sister : `${sister} ${round + 1}` };
}

/** The content of an id: kind and token, then those of its parents. */
type Path = readonly (readonly [kind: string, token: string])[];

function accountPath({ name }: Chain): Path {
  return [["Account", token("account", name)]];
}

function locationPath({ chain, nth }: Plan): Path {
  return [["Location", token("location", chain.name, nth)], ...accountPath(chain)];
}

function token(...name: readonly (string | number)[]): string {
  return spotifyId(...name)
    .slice(0, 11)
    .toLowerCase();
}

/** `Location,,1x…/Account,,1s…/` in base64. */
function opaque(...path: Path): string {
  return Buffer.from(path.map(([kind, own]) => `${kind},,${own}/`).join("")).toString("base64");
}
