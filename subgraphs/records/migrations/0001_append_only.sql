-- The ledger only grows: whoever may write to it may not rewrite it.
CREATE FUNCTION "decisions"."refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % of decisions.evaluations is refused', TG_OP
    USING ERRCODE = 'restrict_violation';
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE ON "decisions"."evaluations"
  FOR EACH ROW EXECUTE FUNCTION "decisions"."refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "append_only_whole" BEFORE TRUNCATE ON "decisions"."evaluations"
  FOR EACH STATEMENT EXECUTE FUNCTION "decisions"."refuse_change"();
