CREATE SCHEMA "worklists";
--> statement-breakpoint
CREATE TABLE "locations"."worklist" (
	"location_id" text collate "C" PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"is_listed" boolean NOT NULL,
	"priority" double precision NOT NULL,
	"ends_at" double precision NOT NULL,
	"location" text NOT NULL,
	"as_of" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone,
	"error" text,
	"revision" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "worklists"."sweeps" (
	"worklist" text PRIMARY KEY NOT NULL,
	"as_of" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"holder" text,
	"held_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "worklist_by_urgency" ON "locations"."worklist" USING btree ("priority","ends_at","location_id") WHERE "locations"."worklist"."is_listed";--> statement-breakpoint
CREATE INDEX "worklist_by_account" ON "locations"."worklist" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "worklist_by_due" ON "locations"."worklist" USING btree ("due_at");