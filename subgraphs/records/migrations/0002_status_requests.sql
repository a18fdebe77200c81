-- A requested status was called a wish, and its revision a turn.
ALTER TABLE "campaigns"."wishes" RENAME TO "status_requests";
--> statement-breakpoint
ALTER INDEX "campaigns"."wishes_pkey" RENAME TO "status_requests_pkey";
--> statement-breakpoint
ALTER TABLE "campaigns"."status_requests" RENAME COLUMN "turn" TO "revision";
--> statement-breakpoint
ALTER TABLE "campaigns"."status_requests" RENAME COLUMN "asked_by" TO "requested_by";
--> statement-breakpoint
ALTER TABLE "campaigns"."status_requests" RENAME COLUMN "asked_at" TO "requested_at";
--> statement-breakpoint
ALTER TABLE "campaigns"."status_requests" RENAME COLUMN "settled_at" TO "closed_at";
--> statement-breakpoint
ALTER TABLE "campaigns"."targetings" RENAME COLUMN "asked_by" TO "requested_by";
--> statement-breakpoint
ALTER TABLE "campaigns"."targetings" RENAME COLUMN "asked_at" TO "requested_at";
--> statement-breakpoint
-- Effects that were stored before the upgrade are carried out after it. A new database has no outbox yet.
DO $$
BEGIN
  IF to_regclass('outbox.job') IS NOT NULL THEN
    UPDATE outbox.job
    SET data = jsonb_set(data #- '{data,turn}', '{data,revision}', data #> '{data,turn}')
    WHERE data->>'kind' = 'campaigns.status' AND data->'data' ? 'turn';
  END IF;
END;
$$;
