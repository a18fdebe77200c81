/**
 * Which mutations are sent while the process is killed?
 *
 * Random ones of every kind, each with an idempotency key and a unique mark by which its record is found.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../support/decibel.ts";
import type { Random } from "../support/random.ts";
import type { Subjects } from "./subjects.ts";

export interface Mutation {
  readonly kind: Kind;
  /** Unique; stored in a text, an id or a time of the record, if the kind has one. */
  readonly mark: string;
  /** The id in the graph. */
  readonly subject: string;
  /** Retries with the same key until it is answered. Rejects after some minutes. */
  untilAcknowledged(url: () => Promise<string>): Promise<void>;
  /** Whether it succeeded, or was refused with an error that is not retryable. */
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

/** Per cent of the mutations. */
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
const PERMANENT_ERRORS = new Set(["BAD_USER_INPUT", "CONFLICT", "NOT_FOUND"]);
const TIMEOUT_MS = 240_000;
const TRACKS = 130;

export function createMutations(random: Random, subjects: Subjects, count: number): readonly Mutation[] {
  const inputs = inputsOf(random, subjects);
  const kinds = SHARES.flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
  // A listener is routed as a lead once, and an episode is published once.
  const leads = subjects.listeners.toReversed().values();
  const publishable = subjects.publishable.values();
  return Array.from({ length: count }, (_none, number) => {
    const kind = random.pick(kinds);
    const lead = kind === "routeLead" ? leads.next().value : undefined;
    const episode = kind === "publishEpisode" ? publishable.next().value : undefined;
    if ((kind === "routeLead" && !lead) || (kind === "publishEpisode" && !episode)) return mutation("openCase", number);
    return mutation(kind, number, lead ?? episode);
  });

  function mutation(kind: Kind, number: number, given?: string): Mutation {
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
        const until = performance.now() + TIMEOUT_MS;
        let last = "";
        while (performance.now() < until) {
          try {
            const { errors } = await ask(await url(), text, { input });
            const [first] = errors;
            if (!first || PERMANENT_ERRORS.has(String(first.extensions["code"]))) {
              outcome = first ? "refused" : "done";
              return;
            }
            last = first.message;
          } catch (error) {
            // The process was killed before it could answer: the mutation may be stored or not.
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

/** The inputs without their keys. */
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
      trackUris: Array.from(
        { length: TRACKS },
        (_none, index) => `spotify:track:${trackIdOf(number * TRACKS + index)}`,
      ),
    }),
    recordLicence: (locationId) => {
      return { locationId, status: "ACTIVE", tier: "background", expiresAt: "2030-01-01T00:00:00.000Z" };
    },
    // The time is its mark.
    recordConsent: (listenerId, _mark, number) => {
      return { listenerId, purpose: "MARKETING", granted: random.isLucky(0.5), recordedAt: timeOf(number) };
    },
    recordEngagement: (listenerId, id, number) => {
      return { events: [{ id, listenerId, kind: "LISTEN", at: timeOf(number) }] };
    },
    routeLead: (listenerId) => ({ listenerId }),
  };
}

/** A unique time in the past. */
export function timeOf(number: number): string {
  return new Date(Date.parse("2026-01-01T00:00:00Z") + number).toISOString();
}

/** The id of a track that the Spotify sandbox has, not explicit. */
function trackIdOf(number: number): string {
  return `crash${number.toString(36).padStart(17, "0")}`;
}
