CREATE SCHEMA "campaigns";
--> statement-breakpoint
CREATE SCHEMA "decisions";
--> statement-breakpoint
CREATE SCHEMA "episodes";
--> statement-breakpoint
CREATE SCHEMA "listeners";
--> statement-breakpoint
CREATE SCHEMA "locations";
--> statement-breakpoint
CREATE SCHEMA "mutations";
--> statement-breakpoint
CREATE TABLE "campaigns"."profiles" (
	"campaign_id" text PRIMARY KEY NOT NULL,
	"tier" text NOT NULL,
	"competitors" text[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "campaigns"."wishes" (
	"campaign_id" text PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"turn" integer NOT NULL,
	"evaluation_id" text,
	"asked_by" text NOT NULL,
	"asked_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "campaigns"."cases" (
	"id" text PRIMARY KEY NOT NULL,
	"campaign_id" text,
	"account" text NOT NULL,
	"customer_value" text NOT NULL,
	"country" text NOT NULL,
	"issue" text NOT NULL,
	"severity" text NOT NULL,
	"description" text NOT NULL,
	"status" text NOT NULL,
	"opened_by" text NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"evaluation_id" text,
	"queue" text,
	"priority" integer,
	"resolved_by" text,
	"resolved_at" timestamp (3) with time zone,
	"note" text
);
--> statement-breakpoint
CREATE TABLE "campaigns"."sponsorships" (
	"id" text PRIMARY KEY NOT NULL,
	"campaign_id" text NOT NULL,
	"podcast_id" text NOT NULL,
	"episode_id" text NOT NULL,
	"brand" text NOT NULL,
	"product_category" text NOT NULL,
	"competitors" text[] NOT NULL,
	"status" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"evaluation_id" text,
	"review_id" text
);
--> statement-breakpoint
CREATE TABLE "campaigns"."targetings" (
	"id" text PRIMARY KEY NOT NULL,
	"campaign_id" text NOT NULL,
	"include" text[] NOT NULL,
	"exclude" text[] NOT NULL,
	"offer" text,
	"evaluation_id" text,
	"asked_by" text NOT NULL,
	"asked_at" timestamp (3) with time zone NOT NULL,
	"applied_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "decisions"."evaluations" (
	"id" text PRIMARY KEY NOT NULL,
	"model" text NOT NULL,
	"version" text NOT NULL,
	"subject" text NOT NULL,
	"facts" jsonb NOT NULL,
	"facts_digest" text NOT NULL,
	"rows" jsonb NOT NULL,
	"verdict" text NOT NULL,
	"origin" text NOT NULL,
	"decided_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"requested_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "decisions"."pseudonyms" (
	"subject" text PRIMARY KEY NOT NULL,
	"pseudonym" text NOT NULL,
	CONSTRAINT "pseudonyms_pseudonym_unique" UNIQUE("pseudonym")
);
--> statement-breakpoint
CREATE TABLE "decisions"."reviews" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"queue" text NOT NULL,
	"status" text NOT NULL,
	"evaluation_id" text NOT NULL,
	"verdict" text,
	"note" text,
	"reviewer" text,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"resolved_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "episodes"."profiles" (
	"episode_id" text PRIMARY KEY NOT NULL,
	"topics" text[] NOT NULL,
	"sensitive_topics" text[] NOT NULL,
	"transcript_url" text
);
--> statement-breakpoint
CREATE TABLE "episodes"."publications" (
	"episode_id" text PRIMARY KEY NOT NULL,
	"podcast_id" text NOT NULL,
	"publish_at" timestamp (3) with time zone NOT NULL,
	"evaluation_id" text NOT NULL,
	"asked_by" text NOT NULL,
	"asked_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "episodes"."submissions" (
	"episode_id" text PRIMARY KEY NOT NULL,
	"disclaimers" text[] NOT NULL,
	"approvals" text[] NOT NULL,
	"languages" text[] NOT NULL,
	"markets" text[] NOT NULL,
	"submitted_by" text NOT NULL,
	"submitted_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "listeners"."consents" (
	"id" serial PRIMARY KEY NOT NULL,
	"listener_id" text NOT NULL,
	"purpose" text NOT NULL,
	"granted" boolean NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"recorded_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "listeners"."engagement" (
	"listener_id" text NOT NULL,
	"day" date NOT NULL,
	"kind" text NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "engagement_listener_id_day_kind_pk" PRIMARY KEY("listener_id","day","kind")
);
--> statement-breakpoint
CREATE TABLE "listeners"."engagement_events" (
	"id" text PRIMARY KEY NOT NULL,
	"listener_id" text NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"campaign_id" text,
	"episode_id" text
);
--> statement-breakpoint
CREATE TABLE "listeners"."leads" (
	"id" text PRIMARY KEY NOT NULL,
	"listener_id" text NOT NULL,
	"evaluation_id" text NOT NULL,
	"score" integer NOT NULL,
	"route" text NOT NULL,
	"queue" text,
	"routed_by" text NOT NULL,
	"routed_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "listeners"."listeners" (
	"id" text PRIMARY KEY NOT NULL,
	"spotify_account_id" text,
	"country" text NOT NULL,
	"region" text,
	"age" integer,
	"customer_value" text NOT NULL,
	"industry" text,
	"products_owned" text[] NOT NULL,
	"product_interest" text,
	"last_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "locations"."licences" (
	"location_id" text PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"tier" text NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"recorded_by" text NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "locations"."profiles" (
	"location_id" text PRIMARY KEY NOT NULL,
	"store_type" text NOT NULL,
	"opening_hours" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "locations"."playlist_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"location_id" text NOT NULL,
	"title" text NOT NULL,
	"usage" text NOT NULL,
	"track_uris" text[] NOT NULL,
	"explicit_tracks" integer NOT NULL,
	"brand_guidelines" text,
	"brand_fit" integer,
	"starts_at" timestamp (3) with time zone,
	"ends_at" timestamp (3) with time zone,
	"status" text NOT NULL,
	"playlist_uri" text,
	"requested_by" text NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"evaluation_id" text,
	"review_id" text
);
--> statement-breakpoint
CREATE TABLE "mutations"."keys" (
	"caller" text NOT NULL,
	"mutation" text NOT NULL,
	"key" text NOT NULL,
	"digest" text NOT NULL,
	"result" jsonb,
	"made_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "keys_caller_mutation_key_pk" PRIMARY KEY("caller","mutation","key")
);
--> statement-breakpoint
ALTER TABLE "decisions"."reviews" ADD CONSTRAINT "reviews_evaluation_id_evaluations_id_fk" FOREIGN KEY ("evaluation_id") REFERENCES "decisions"."evaluations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cases_of_campaign" ON "campaigns"."cases" USING btree ("campaign_id","opened_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "cases_by_status" ON "campaigns"."cases" USING btree ("status");--> statement-breakpoint
CREATE INDEX "sponsorships_of_campaign" ON "campaigns"."sponsorships" USING btree ("campaign_id","requested_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "targetings_of_campaign" ON "campaigns"."targetings" USING btree ("campaign_id","asked_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "evaluations_newest" ON "decisions"."evaluations" USING btree ("decided_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "evaluations_of_subject" ON "decisions"."evaluations" USING btree ("subject","decided_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "evaluations_of_model" ON "decisions"."evaluations" USING btree ("model","decided_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "reviews_of_queue" ON "decisions"."reviews" USING btree ("status","queue","opened_at","id");--> statement-breakpoint
CREATE INDEX "reviews_of_subject" ON "decisions"."reviews" USING btree ("subject");--> statement-breakpoint
CREATE INDEX "consents_of_listener" ON "listeners"."consents" USING btree ("listener_id");--> statement-breakpoint
CREATE INDEX "engagement_events_of_listener" ON "listeners"."engagement_events" USING btree ("listener_id");--> statement-breakpoint
CREATE INDEX "leads_of_listener" ON "listeners"."leads" USING btree ("listener_id");--> statement-breakpoint
CREATE INDEX "listeners_by_country" ON "listeners"."listeners" USING btree ("country","id");--> statement-breakpoint
CREATE INDEX "playlist_requests_of_location" ON "locations"."playlist_requests" USING btree ("location_id","requested_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "keys_by_age" ON "mutations"."keys" USING btree ("made_at");