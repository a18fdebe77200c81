-- The standard words, as for status requests: a publication is requested, and Megaphone accepts it.
ALTER TABLE "episodes"."publications" RENAME COLUMN "asked_by" TO "requested_by";
--> statement-breakpoint
ALTER TABLE "episodes"."publications" RENAME COLUMN "asked_at" TO "requested_at";
--> statement-breakpoint
ALTER TABLE "episodes"."publications" RENAME COLUMN "settled_at" TO "accepted_at";
