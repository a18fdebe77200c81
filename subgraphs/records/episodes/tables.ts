/** What is written down about episodes, in the PostgreSQL schema `episodes`? Episodes go by the id Megaphone gives them. */
import { pgSchema, text } from "drizzle-orm/pg-core";
import { moment, words } from "../database/columns.ts";

export const episodes = pgSchema("episodes");

export const episodeProfiles = episodes.table("profiles", {
  episodeId: text().primaryKey(),
  topics: words().notNull(),
  sensitiveTopics: words().notNull(),
  transcriptUrl: text(),
});

/** What was handed in last for publishing. */
export const submissions = episodes.table("submissions", {
  episodeId: text().primaryKey(),
  disclaimers: words().notNull(),
  approvals: words().notNull(),
  languages: words().notNull(),
  markets: words().notNull(),
  submittedBy: text().notNull(),
  submittedAt: moment().notNull(),
});

/** Episodes that were let go out, and what Megaphone was told. */
export const publications = episodes.table("publications", {
  episodeId: text().primaryKey(),
  podcastId: text().notNull(),
  publishAt: moment().notNull(),
  evaluationId: text().notNull(),
  askedBy: text().notNull(),
  askedAt: moment().notNull(),
  /** When Megaphone was told. */
  settledAt: moment(),
});
