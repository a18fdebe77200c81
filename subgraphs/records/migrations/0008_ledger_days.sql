CREATE TABLE "decisions"."ledger_days" (
	"day" date PRIMARY KEY NOT NULL,
	"closed_at" timestamp (3) with time zone NOT NULL,
	"evaluations" integer,
	"digest" text,
	"previous" text,
	"hash" text,
	"signature" text,
	"pruned_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "decisions"."model_versions" (
	"model" text NOT NULL,
	"version" integer NOT NULL,
	"digest" text NOT NULL,
	"source" text NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "model_versions_model_version_digest_pk" PRIMARY KEY("model","version","digest")
);
--> statement-breakpoint
ALTER TABLE "decisions"."evaluations" ADD COLUMN "recorded_on" date DEFAULT (now() at time zone 'utc')::date NOT NULL;--> statement-breakpoint
CREATE INDEX "evaluations_of_day" ON "decisions"."evaluations" USING btree ("recorded_on","id" collate "C");--> statement-breakpoint
CREATE INDEX "reviews_of_evaluation" ON "decisions"."reviews" USING btree ("evaluation_id");--> statement-breakpoint
-- Whoever adds to the ledger shares this lock with others who add, and not with who closes a day.
CREATE FUNCTION "decisions"."hold_days"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('decisions.ledger_days'));
  RETURN NULL;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "hold_days" BEFORE INSERT ON "decisions"."evaluations"
  FOR EACH STATEMENT EXECUTE FUNCTION "decisions"."hold_days"();
--> statement-breakpoint
-- A day that is closed gets no more: what is late is recorded on the day after.
CREATE FUNCTION "decisions"."record_on_open_day"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."recorded_on" := greatest(NEW."recorded_on", (SELECT max("day") + 1 FROM "decisions"."ledger_days"));
  RETURN NEW;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "record_on_open_day" BEFORE INSERT ON "decisions"."evaluations"
  FOR EACH ROW EXECUTE FUNCTION "decisions"."record_on_open_day"();
--> statement-breakpoint
-- The ledger only grows, but for days that are sealed: retention deletes them, and their seals stay.
CREATE OR REPLACE FUNCTION "decisions"."refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('decibel.retention', true) = 'on' THEN
    IF EXISTS (SELECT FROM "decisions"."ledger_days" WHERE "day" = OLD."recorded_on" AND "hash" IS NOT NULL) THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'the ledger is append-only: % of decisions.evaluations is refused', TG_OP
    USING ERRCODE = 'restrict_violation';
END;
$$;
--> statement-breakpoint
CREATE FUNCTION "decisions"."refuse_change_of_seal"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD."hash" IS NULL AND NEW."day" = OLD."day" THEN
      RETURN NEW;
    END IF;
    IF (NEW."day", NEW."closed_at", NEW."evaluations", NEW."digest", NEW."previous", NEW."hash", NEW."signature")
      IS NOT DISTINCT FROM
      (OLD."day", OLD."closed_at", OLD."evaluations", OLD."digest", OLD."previous", OLD."hash", OLD."signature") THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the ledger is append-only: % of decisions.ledger_days is refused', TG_OP
    USING ERRCODE = 'restrict_violation';
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE ON "decisions"."ledger_days"
  FOR EACH ROW EXECUTE FUNCTION "decisions"."refuse_change_of_seal"();
--> statement-breakpoint
CREATE TRIGGER "append_only_whole" BEFORE TRUNCATE ON "decisions"."ledger_days"
  FOR EACH STATEMENT EXECUTE FUNCTION "decisions"."refuse_change_of_seal"();
