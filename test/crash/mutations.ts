/**
 * What is asked while the process dies again and again?
 *
 * Mutations of every kind, each with a key and with a mark of its own by which it is found again in the records.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../support/decibel.ts";
import type { Random } from "../support/random.ts";
import type { Subjects } from "./subjects.ts";

export interface Mutation {
  readonly kind: Kind;
  /** In a text or an id that is written down, where the kind has one. */
  readonly mark: string;
  /** Whom it is about. */
  readonly subject: string;
  /** Asks again with the same key until it is answered. Rejects where that takes minutes. */
  untilAcknowledged(url: () => Promise<string>): Promise<void>;
  /** What it was answered: done, or refused for a reason that asking again does not change. */
  outcome(): "done" | "refused" | undefined;
}

export type Kind =
  | "submitSponsorship"
  | "activateCampaign"
  | "pauseCampaign"
  | "applyTargeting"
  | "openCase"
  | "publishEpisode"
  | "requestPlaylist"
  | "recordLicence"
  | "recordConsent"
  | "recordEngagement"
  | "routeLead";

/** How many of a hundred. */
const SHARES: readonly (readonly [Kind, number])[] = [
  ["openCase", 22],
  ["recordConsent", 18],
  ["requestPlaylist", 14],
  ["recordEngagement", 12],
  ["submitSponsorship", 10],
  ["routeLead", 8],
  ["activateCampaign", 5],
  ["pauseCampaign", 4],
  ["recordLicence", 3],
  ["applyTargeting", 3],
  ["publishEpisode", 1],
];
const FINAL = new Set(["BAD_USER_INPUT", "CONFLICT", "NOT_FOUND"]);
const PATIENCE_MS = 240_000;
const TRACKS = 130;

export function createMutations(random: Random, subjects: Subjects, count: number): readonly Mutation[] {
  const inputs = inputsOf(random, subjects);
  const deck = SHARES.flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
  // Nobody is a lead, and no episode published, twice.
  const leads = subjects.listeners.toReversed().values();
  const publishable = subjects.publishable.values();
  return Array.from({ length: count }, (_none, number) => {
    const kind = random.pick(deck);
    const lead = kind === "routeLead" ? leads.next().value : undefined;
    const episode = kind === "publishEpisode" ? publishable.next().value : undefined;
    if ((kind === "routeLead" && !lead) || (kind === "publishEpisode" && !episode)) return made("openCase", number);
    return made(kind, number, lead ?? episode);
  });

  function made(kind: Kind, number: number, given?: string): Mutation {
    const mark = `crash-${number}`;
    const subject = given ?? subjectOf(kind);
    const input = {
      ...inputs[kind](subject, mark, number),
      ...(kind !== "recordEngagement" && { idempotencyKey: mark }),
    };
    const type = `${kind[0]?.toUpperCase()}${kind.slice(1)}Input`;
    const text = `mutation ($input: ${type}!) { ${kind}(input: $input) { __typename } }`;
    let outcome: "done" | "refused" | undefined;
    return {
      kind,
      mark,
      subject,
      outcome: () => outcome,
      async untilAcknowledged(url) {
        const until = performance.now() + PATIENCE_MS;
        let last = "";
        while (performance.now() < until) {
          try {
            const { errors } = await ask(await url(), text, { input });
            const [first] = errors;
            if (!first || FINAL.has(String(first.extensions["code"]))) {
              outcome = first ? "refused" : "done";
              return;
            }
            last = first.message;
          } catch (error) {
            // It died before it could answer: nobody knows whether it did it.
            last = String(error);
          }
          await sleep(100);
        }
        throw new Error(`${kind} ${mark} is not acknowledged: ${last}`);
      },
    };
  }

  function subjectOf(kind: Kind): string {
    if (kind === "requestPlaylist" || kind === "recordLicence") return random.pick(subjects.locations);
    if (kind === "recordConsent" || kind === "recordEngagement") return random.pick(subjects.listeners.slice(0, 50));
    return random.pick(subjects.campaigns);
  }
}

/** What a mutation is asked with, beside its key. */
function inputsOf(
  random: Random,
  subjects: Subjects,
): Readonly<Record<Kind, (subject: string, mark: string, number: number) => object>> {
  return {
    submitSponsorship: (campaignId, brand) => {
      return { campaignId, episodeId: random.pick(subjects.episodes), brand, productCategory: "test" };
    },
    activateCampaign: (campaignId) => ({ campaignId }),
    pauseCampaign: (campaignId) => ({ campaignId }),
    applyTargeting: (campaignId, offer) => ({ campaignId, include: ["crash-testers"], exclude: [], offer }),
    openCase: (_subject, description) => ({
      account: "crash",
      customerValue: "HIGH",
      country: "DE",
      issue: "BILLING",
      severity: "HIGH",
      description,
    }),
    publishEpisode: (episodeId) => ({ episodeId }),
    requestPlaylist: (locationId, title, number) => ({
      locationId,
      title,
      usage: "IN_STORE",
      trackUris: Array.from({ length: TRACKS }, (_none, place) => `spotify:track:${idOf(number * TRACKS + place)}`),
    }),
    recordLicence: (locationId) => {
      return { locationId, status: "ACTIVE", tier: "background", expiresAt: "2030-01-01T00:00:00.000Z" };
    },
    // The moment is its mark.
    recordConsent: (listenerId, _mark, number) => {
      return { listenerId, purpose: "MARKETING", granted: random.isLucky(0.5), recordedAt: momentOf(number) };
    },
    recordEngagement: (listenerId, id, number) => {
      return { events: [{ id, listenerId, kind: "LISTEN", at: momentOf(number) }] };
    },
    routeLead: (listenerId) => ({ listenerId }),
  };
}

/** Each of its own, and some time ago. */
export function momentOf(number: number): string {
  return new Date(Date.parse("2026-01-01T00:00:00Z") + number).toISOString();
}

/** Of a track that Spotify knows, and that is not explicit. */
function idOf(number: number): string {
  return `crash${number.toString(36).padStart(17, "0")}`;
}
