/** Which tables are in the PostgreSQL schema `episodes`? Episodes have their id in Megaphone. */
import { pgSchema, text } from "drizzle-orm/pg-core";
import { instant, textArray } from "../database/columns.ts";

export const episodes = pgSchema("episodes");

export const episodeProfiles = episodes.table("profiles", {
  episodeId: text().primaryKey(),
  topics: textArray().notNull(),
  sensitiveTopics: textArray().notNull(),
  transcriptUrl: text(),
});

/** The latest submission of each episode. */
export const submissions = episodes.table("submissions", {
  episodeId: text().primaryKey(),
  disclaimers: textArray().notNull(),
  approvals: textArray().notNull(),
  languages: textArray().notNull(),
  markets: textArray().notNull(),
  submittedBy: text().notNull(),
  submittedAt: instant().notNull(),
});

/** The latest allowed publication of each episode. */
export const publications = episodes.table("publications", {
  episodeId: text().primaryKey(),
  podcastId: text().notNull(),
  publishAt: instant().notNull(),
  evaluationId: text().notNull(),
  requestedBy: text().notNull(),
  requestedAt: instant().notNull(),
  /** When Megaphone accepted it. */
  acceptedAt: instant(),
});
