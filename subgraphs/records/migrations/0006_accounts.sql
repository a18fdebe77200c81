CREATE TABLE "campaigns"."accounts" (
	"campaign_id" text PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"account" text NOT NULL,
	"place" integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE "locations"."worklist" ADD COLUMN "subject" text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX "campaigns_of_account" ON "campaigns"."accounts" USING btree ("account","place" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "worklist_of_account_by_urgency" ON "locations"."worklist" USING btree ("account_id","priority","ends_at","location_id") WHERE "locations"."worklist"."is_listed";