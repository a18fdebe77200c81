CREATE SCHEMA "webhooks";
--> statement-breakpoint
CREATE TABLE "locations"."escalations" (
	"location_id" text PRIMARY KEY NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"escalated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhooks"."gone_endpoints" (
	"endpoint" text PRIMARY KEY NOT NULL,
	"url_digest" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "campaigns"."sponsorships" ADD COLUMN "awaits" text[] DEFAULT '{}' NOT NULL;