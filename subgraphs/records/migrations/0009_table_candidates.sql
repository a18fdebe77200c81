CREATE TABLE "decisions"."candidate_steps" (
	"candidate_id" text NOT NULL,
	"step" integer NOT NULL,
	"state" text NOT NULL,
	"by" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"note" text NOT NULL,
	CONSTRAINT "candidate_steps_candidate_id_step_pk" PRIMARY KEY("candidate_id","step")
);
--> statement-breakpoint
CREATE TABLE "decisions"."candidates" (
	"id" text PRIMARY KEY NOT NULL,
	"number" serial NOT NULL,
	"model" text NOT NULL,
	"version" integer NOT NULL,
	"digest" text NOT NULL,
	"source" text NOT NULL,
	"table_digest" text NOT NULL,
	"base" text NOT NULL,
	"base_version" integer NOT NULL,
	"after_deployment" integer NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "decisions"."deployments" (
	"id" text PRIMARY KEY NOT NULL,
	"number" serial NOT NULL,
	"candidate_id" text NOT NULL,
	"model" text NOT NULL,
	"target" text NOT NULL,
	"by" text NOT NULL,
	"begun_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"problem" text
);
--> statement-breakpoint
ALTER TABLE "decisions"."candidate_steps" ADD CONSTRAINT "candidate_steps_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "decisions"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions"."deployments" ADD CONSTRAINT "deployments_candidate_id_candidates_id_fk" FOREIGN KEY ("candidate_id") REFERENCES "decisions"."candidates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "candidates_of_model" ON "decisions"."candidates" USING btree ("model","proposed_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "candidates_of_digest" ON "decisions"."candidates" USING btree ("model","digest");--> statement-breakpoint
CREATE INDEX "deployments_of_model" ON "decisions"."deployments" USING btree ("model","number" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "deployments_of_candidate" ON "decisions"."deployments" USING btree ("candidate_id");--> statement-breakpoint
-- What was proposed and approved stays as it was seen.
CREATE FUNCTION "decisions"."refuse_change_of_candidate"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'deployments' THEN
    -- A deployment ends once.
    IF OLD."ended_at" IS NULL AND
      (NEW."id", NEW."number", NEW."candidate_id", NEW."model", NEW."target", NEW."by", NEW."begun_at")
      IS NOT DISTINCT FROM
      (OLD."id", OLD."number", OLD."candidate_id", OLD."model", OLD."target", OLD."by", OLD."begun_at") THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the record of tables is append-only: % of decisions.% is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE ON "decisions"."candidates"
  FOR EACH ROW EXECUTE FUNCTION "decisions"."refuse_change_of_candidate"();
--> statement-breakpoint
CREATE TRIGGER "append_only_whole" BEFORE TRUNCATE ON "decisions"."candidates"
  FOR EACH STATEMENT EXECUTE FUNCTION "decisions"."refuse_change_of_candidate"();
--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE ON "decisions"."candidate_steps"
  FOR EACH ROW EXECUTE FUNCTION "decisions"."refuse_change_of_candidate"();
--> statement-breakpoint
CREATE TRIGGER "append_only_whole" BEFORE TRUNCATE ON "decisions"."candidate_steps"
  FOR EACH STATEMENT EXECUTE FUNCTION "decisions"."refuse_change_of_candidate"();
--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE ON "decisions"."deployments"
  FOR EACH ROW EXECUTE FUNCTION "decisions"."refuse_change_of_candidate"();
--> statement-breakpoint
CREATE TRIGGER "append_only_whole" BEFORE TRUNCATE ON "decisions"."deployments"
  FOR EACH STATEMENT EXECUTE FUNCTION "decisions"."refuse_change_of_candidate"();
