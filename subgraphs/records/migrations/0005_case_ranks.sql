DROP INDEX "campaigns"."cases_by_status";--> statement-breakpoint
ALTER TABLE "campaigns"."cases" ADD COLUMN "rank" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "campaigns"."cases" ADD COLUMN "rank_error" text;--> statement-breakpoint
CREATE INDEX "cases_by_urgency" ON "campaigns"."cases" USING btree ("rank","opened_at","id" collate "C") WHERE "campaigns"."cases"."status" <> 'RESOLVED';