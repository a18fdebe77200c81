/**
 * Which values are shared by all records of one episode?
 *
 * Its show, subject, title, number and stage. All others are random by name.
 */
import type { WorldShow } from "./episode.ts";
import { MARKETS, PROGRAMMES, SPIN_OFFS } from "./programmes.ts";
import type { Programme, Subject } from "./programmes.ts";
import { integer, spotifyId, uuid } from "./random.ts";

export interface EpisodePlan {
  readonly show: WorldShow;
  readonly programme: Programme;
  readonly subject: Subject;
  readonly title: string;
  /** Unique in the network. The episode's random values are drawn by it. */
  readonly externalId: string;
  /** From 1, which is the oldest episode of the show. */
  readonly number: number;
  /** The number of newer published episodes of the show. */
  readonly newer: number;
  readonly stage: Stage;
  readonly today: Date;
}
export type Stage = "DRAFT" | "SUBMITTED" | "SCHEDULED" | "PUBLISHED";

/** The stages of ten consecutive unpublished episodes. */
const UNPUBLISHED: readonly Stage[] = [
  "SCHEDULED",
  "DRAFT",
  "SUBMITTED",
  "DRAFT",
  "SUBMITTED",
  "SCHEDULED",
  "DRAFT",
  "DRAFT",
  "SUBMITTED",
  "DRAFT",
];
const DAY_MS = 86_400_000;

/** At scale 1. Edition 0 has the programmes; each later edition adds a spin-off of every one. */
export const EPISODES = 400;

/** `index` is of a show. */
export function slugAt(index: number): string {
  const { slug } = at(PROGRAMMES, index);
  const suffix = suffixOf(Math.floor(index / PROGRAMMES.length));
  return suffix === "" ? slug : `${slug}-${suffix.toLowerCase().replaceAll(" ", "-")}`;
}

export function podcastIdOf(slug: string): string {
  return uuid("podcast", slug);
}

/** The index of an episode's show. */
export function showOf(index: number): number {
  return placeOf(index).show;
}

export function externalIdAt(index: number): string {
  const { show, place } = placeOf(index);
  return `${slugAt(show)}-${String(place + 1).padStart(4, "0")}`;
}

export function daysAfter(date: Date, days: number): Date {
  return new Date(date.getTime() + days * DAY_MS);
}

export function startOfDay(date: Date): Date {
  return new Date(Math.floor(date.getTime() / DAY_MS) * DAY_MS);
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function suffixOf(edition: number): string {
  if (edition === 0) return "";
  const round = Math.floor((edition - 1) / SPIN_OFFS.length);
  return `${at(SPIN_OFFS, edition - 1)}${round === 0 ? "" : ` ${round + 1}`}`;
}

export function showAt(index: number, today: Date): WorldShow {
  const programme = at(PROGRAMMES, index);
  const suffix = suffixOf(Math.floor(index / PROGRAMMES.length));
  const slug = slugAt(index);
  return {
    podcastId: podcastIdOf(slug),
    spotifyId: spotifyId("show", slug),
    title: suffix === "" ? programme.name : `${programme.name}: ${suffix}`,
    slug,
    publisher: programme.publisher,
    author: programme.hosts,
    summary: programme.summary,
    languages: [programme.language],
    explicit: programme.explicit >= 0.5,
    categories: programme.categories,
    markets: MARKETS.filter((market) => !programme.notIn.includes(market)),
    createdAt: daysAfter(today, -integer(900, 2000, "podcast", slug, "created")),
    updatedAt: daysAfter(today, -integer(1, 30, "podcast", slug, "updated")),
  };
}

/** `before` is the number of episodes of earlier shows of the edition. */
const BEFORE: readonly number[] = PROGRAMMES.map((_programme, nth) =>
  PROGRAMMES.slice(0, nth).reduce((sum, { share }) => sum + share, 0),
);

/** Which episode of which show is at an index? */
function placeOf(index: number): { readonly show: number; readonly before: number; readonly place: number } {
  const [edition, own] = [Math.floor(index / EPISODES), index % EPISODES];
  const nth = BEFORE.findLastIndex((before) => before <= own);
  const before = BEFORE[nth] ?? 0;
  return { show: edition * PROGRAMMES.length + nth, before, place: own - before };
}

/** The newest fifth of a show is unpublished; so exactly 80 of 400 are. */
export function planAt(index: number, today: Date, showAtIndex: (index: number) => WorldShow): EpisodePlan {
  const { show: showIndex, before, place } = placeOf(index);
  const [show, programme] = [showAtIndex(showIndex), at(PROGRAMMES, showIndex)];
  const { share, subjects, titles } = programme;
  const unpublishedBefore = Math.floor(before / 5);
  const published = share - (Math.floor((before + share) / 5) - unpublishedBefore);
  const subject = at(subjects, place);
  // Each time a subject is used again it gets its next title, so no pair occurs twice.
  const round = Math.floor(place / subjects.length);
  const title = at(titles, round + integer(0, titles.length - 1, show.slug, subject.name));
  return {
    show,
    programme,
    subject,
    title: title.replace("{s}", subject.name).replace("{S}", capitalised(subject.name)),
    externalId: externalIdAt(index),
    number: place + 1,
    newer: Math.max(0, published - 1 - place),
    stage: place < published ? "PUBLISHED" : at(UNPUBLISHED, unpublishedBefore + place - published),
    today,
  };
}

/** The item at an index, which may exceed the length: the list repeats. */
function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError("at needs at least one item");
  return item;
}
