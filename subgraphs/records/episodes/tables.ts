/** What is written down about episodes, in the PostgreSQL schema `episodes`? Episodes go by the id Megaphone gives them. */
import { pgSchema, text } from "drizzle-orm/pg-core";
import { instant, textArray } from "../database/columns.ts";

export const episodes = pgSchema("episodes");

export const episodeProfiles = episodes.table("profiles", {
  episodeId: text().primaryKey(),
  topics: textArray().notNull(),
  sensitiveTopics: textArray().notNull(),
  transcriptUrl: text(),
});

/** What was handed in last for publishing. */
export const submissions = episodes.table("submissions", {
  episodeId: text().primaryKey(),
  disclaimers: textArray().notNull(),
  approvals: textArray().notNull(),
  languages: textArray().notNull(),
  markets: textArray().notNull(),
  submittedBy: text().notNull(),
  submittedAt: instant().notNull(),
});

/** Episodes that were let go out, and what Megaphone was told. */
export const publications = episodes.table("publications", {
  episodeId: text().primaryKey(),
  podcastId: text().notNull(),
  publishAt: instant().notNull(),
  evaluationId: text().notNull(),
  askedBy: text().notNull(),
  askedAt: instant().notNull(),
  /** When Megaphone was told. */
  settledAt: instant(),
});
