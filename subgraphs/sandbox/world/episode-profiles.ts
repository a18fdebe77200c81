/**
 * Which first-party data does an episode have?
 *
 * Most published episodes have a complete submission. Drafts have none, and others lack parts, so that every rule has an
 * example.
 */
import type { EpisodePlan, Stage } from "./episode-plan.ts";
import type { WorldEpisode } from "./episode.ts";
import type { SensitiveTopic, Topic } from "./programmes.ts";
import { random, some } from "./random.ts";

export interface EpisodeProfile {
  /** The id in Megaphone. */
  readonly episodeId: string;
  /** Empty if it is not classified. */
  readonly topics: readonly Topic[];
  readonly sensitiveTopics: readonly SensitiveTopic[];
  readonly transcriptUrl: string | null;
  readonly submission: EpisodeSubmission | null;
}

export interface EpisodeSubmission {
  readonly disclaimers: readonly Disclaimer[];
  readonly approvals: readonly Approval[];
  /** BCP-47 primary tags. */
  readonly languages: readonly string[];
  /** ISO countries. */
  readonly markets: readonly string[];
  readonly submittedAt: Date;
}
export type Disclaimer = (typeof DISCLAIMERS)[number];
export type Approval = (typeof APPROVALS)[number];

const DISCLAIMERS = ["sponsorship", "explicit-content", "health", "financial", "gambling", "alcohol"] as const;
const APPROVALS = ["editorial", "legal", "rights", "brand"] as const;
const DUE: Readonly<Record<Disclaimer, (plan: EpisodePlan, episode: WorldEpisode) => boolean>> = {
  sponsorship: (_plan, episode) => episode.promotionalContent || episode.advertisingTags.length > 0,
  "explicit-content": (_plan, episode) => episode.explicit === "yes",
  health: ({ programme, subject }) => [...programme.topics, ...(subject.topics ?? [])].includes("medical-health"),
  financial: ({ programme }) => programme.topics.includes("personal-finance"),
  gambling: ({ subject }) => subject.sensitive?.includes("gambling") ?? false,
  alcohol: ({ subject }) => subject.sensitive?.includes("alcohol") ?? false,
};
const TRANSCRIBED: Readonly<Record<Stage, number>> = { PUBLISHED: 0.85, SCHEDULED: 0.8, SUBMITTED: 0.65, DRAFT: 0.25 };
const SUBMITTED: Readonly<Record<Stage, number>> = { PUBLISHED: 0.9, SCHEDULED: 1, SUBMITTED: 1, DRAFT: 0 };
/** The probability that a submission has each part. */
const COMPLETE: Readonly<Record<Stage, number>> = { PUBLISHED: 0.98, SCHEDULED: 0.93, SUBMITTED: 0.8, DRAFT: 0 };

export function createProfile(plan: EpisodePlan, episode: WorldEpisode): EpisodeProfile {
  const { programme, subject, stage, externalId } = plan;
  const name = ["profile", externalId] as const;
  const isClassified = stage !== "DRAFT" || random(...name, "classified") < 0.8;
  return {
    episodeId: episode.id,
    topics: isClassified ? [...new Set([...programme.topics, ...(subject.topics ?? [])])] : [],
    sensitiveTopics: isClassified ? (subject.sensitive ?? []) : [],
    transcriptUrl:
      random(...name, "transcript") < TRANSCRIBED[stage] ? `https://transcripts.example/${externalId}.vtt` : null,
    submission: random(...name, "submitted") < SUBMITTED[stage] ? createSubmission(plan, episode) : null,
  };
}

function createSubmission(plan: EpisodePlan, episode: WorldEpisode): EpisodeSubmission {
  const { show, stage, today } = plan;
  const name = ["submission", plan.externalId] as const;
  const isComplete = (what: string): boolean => random(...name, what) < COMPLETE[stage];
  const latest = stage === "PUBLISHED" && episode.pubdate ? episode.pubdate : today;
  return {
    disclaimers: DISCLAIMERS.filter((disclaimer) => DUE[disclaimer](plan, episode) && isComplete(disclaimer)),
    approvals: APPROVALS.filter(isComplete),
    languages: isComplete("languages") ? episode.languages : [],
    markets: isComplete("markets") ? some(show.markets, 0.65, ...name, "market") : [],
    submittedAt: new Date((episode.createdAt.getTime() + latest.getTime()) / 2),
  };
}
