-- Marathon: how far runners are follows from their splits, whoever writes them.
-- Runners are locked in the order of their keys before their splits are counted: what others wrote meanwhile is seen.
CREATE FUNCTION marathon.tally_splits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $tally$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE marathon.runners SET marks = 0, metres = 0, milliseconds = 0 WHERE marks > 0;
        RETURN NULL;
    END IF;
    PERFORM FROM marathon.runners r
    WHERE (r.race_id, r.bib) IN (SELECT race_id, bib FROM touched)
    ORDER BY r.race_id, r.bib
    FOR NO KEY UPDATE;
    UPDATE marathon.runners r SET (marks, metres, milliseconds) = (
        SELECT count(*), coalesce(max(s.metres), 0), coalesce(max(s.milliseconds), 0)
        FROM marathon.splits s WHERE (s.race_id, s.bib) = (r.race_id, r.bib))
    WHERE (r.race_id, r.bib) IN (SELECT race_id, bib FROM touched);
    RETURN NULL;
END
$tally$;

CREATE TRIGGER splits_500_tally AFTER INSERT ON marathon.splits
REFERENCING NEW TABLE AS touched
FOR EACH STATEMENT EXECUTE FUNCTION marathon.tally_splits();
ALTER TABLE marathon.splits ENABLE ALWAYS TRIGGER splits_500_tally;

CREATE TRIGGER splits_500_tally_delete AFTER DELETE ON marathon.splits
REFERENCING OLD TABLE AS touched
FOR EACH STATEMENT EXECUTE FUNCTION marathon.tally_splits();
ALTER TABLE marathon.splits ENABLE ALWAYS TRIGGER splits_500_tally_delete;

CREATE TRIGGER splits_500_tally_truncate AFTER TRUNCATE ON marathon.splits
FOR EACH STATEMENT EXECUTE FUNCTION marathon.tally_splits();
ALTER TABLE marathon.splits ENABLE ALWAYS TRIGGER splits_500_tally_truncate;
