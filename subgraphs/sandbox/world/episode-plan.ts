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

/**
 * Twelve shows with their 400 episodes. Edition 0 has the programmes; each later edition adds a spin-off of every one.
 */
export function planEdition(
  edition: number,
  today: Date,
): readonly { readonly show: WorldShow; readonly plans: readonly EpisodePlan[] }[] {
  let before = 0;
  return PROGRAMMES.map((programme) => {
    const show = createShow(programme, edition, today);
    const plans = plansOf(show, programme, before, today);
    before += programme.share;
    return { show, plans };
  });
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

function createShow(programme: Programme, edition: number, today: Date): WorldShow {
  const round = Math.floor((edition - 1) / SPIN_OFFS.length);
  const suffix = edition === 0 ? "" : `${at(SPIN_OFFS, edition - 1)}${round === 0 ? "" : ` ${round + 1}`}`;
  const slug = suffix === "" ? programme.slug : `${programme.slug}-${suffix.toLowerCase().replaceAll(" ", "-")}`;
  return {
    podcastId: uuid("podcast", slug),
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

/**
 * The newest fifth is unpublished. `before` is the number of episodes of earlier shows: with it, exactly 80 of 400 are
 * unpublished.
 */
function plansOf(show: WorldShow, programme: Programme, before: number, today: Date): readonly EpisodePlan[] {
  const { share, subjects, titles } = programme;
  const unpublishedBefore = Math.floor(before / 5);
  const published = share - (Math.floor((before + share) / 5) - unpublishedBefore);
  return Array.from({ length: share }, (_, place) => {
    const subject = at(subjects, place);
    // Each time a subject is used again it gets its next title, so no pair occurs twice.
    const round = Math.floor(place / subjects.length);
    const title = at(titles, round + integer(0, titles.length - 1, show.slug, subject.name));
    return {
      show,
      programme,
      subject,
      title: title.replace("{s}", subject.name).replace("{S}", capitalised(subject.name)),
      externalId: `${show.slug}-${String(place + 1).padStart(4, "0")}`,
      number: place + 1,
      newer: Math.max(0, published - 1 - place),
      stage: place < published ? "PUBLISHED" : at(UNPUBLISHED, unpublishedBefore + place - published),
      today,
    };
  });
}

/** The item at an index, which may exceed the length: the list repeats. */
function at<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError("at needs at least one item");
  return item;
}
