CREATE TABLE "locations"."worklist_counts" (
	"listed" integer NOT NULL
);
--> statement-breakpoint
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
