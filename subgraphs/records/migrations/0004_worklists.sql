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
	"question" text,
	"decided_at" timestamp (3) with time zone,
	"revision" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "locations"."worklist_counts" (
	"listed" integer NOT NULL
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
DROP INDEX "campaigns"."cases_by_status";--> statement-breakpoint
ALTER TABLE "campaigns"."cases" ADD COLUMN "rank" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "campaigns"."cases" ADD COLUMN "rank_error" text;--> statement-breakpoint
ALTER TABLE "campaigns"."cases" ADD COLUMN "rank_question" text;--> statement-breakpoint
ALTER TABLE "campaigns"."cases" ADD COLUMN "ranked_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "worklist_by_urgency" ON "locations"."worklist" USING btree ("priority","ends_at","location_id") WHERE "locations"."worklist"."is_listed";--> statement-breakpoint
CREATE INDEX "worklist_by_account" ON "locations"."worklist" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "worklist_by_due" ON "locations"."worklist" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "cases_by_urgency" ON "campaigns"."cases" USING btree ("rank","opened_at","id" collate "C") WHERE "campaigns"."cases"."status" <> 'RESOLVED';--> statement-breakpoint
INSERT INTO "locations"."worklist_counts" SELECT count(*) FROM "locations"."worklist" WHERE "is_listed";
--> statement-breakpoint
CREATE FUNCTION "locations"."count_listed"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  change integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT count(*) INTO change FROM added WHERE is_listed;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT -count(*) INTO change FROM removed WHERE is_listed;
  ELSE
    SELECT (SELECT count(*) FROM added WHERE is_listed) - (SELECT count(*) FROM removed WHERE is_listed) INTO change;
  END IF;
  -- Most changes are of other columns: those do not wait for each other.
  IF change <> 0 THEN
    UPDATE locations.worklist_counts SET listed = listed + change;
  END IF;
  RETURN NULL;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "count_added" AFTER INSERT ON "locations"."worklist"
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "locations"."count_listed"();
--> statement-breakpoint
CREATE TRIGGER "count_changed" AFTER UPDATE ON "locations"."worklist"
  REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "locations"."count_listed"();
--> statement-breakpoint
CREATE TRIGGER "count_removed" AFTER DELETE ON "locations"."worklist"
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION "locations"."count_listed"();
