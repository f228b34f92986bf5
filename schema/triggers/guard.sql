-- @{table}: moves of @{status} follow the life cycle @{name}; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION @{schema}.@{trigger}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.@{status} AS origin, n.@{status} AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON @{same_key}
    WHERE CASE
        WHEN o.@{status} IS NULL THEN true
        WHEN @{same_order} THEN n.@{status} <> o.@{status} AND NOT CASE
            WHEN through_log THEN @{schema}.@{lifecycle}_reaches(o.@{status}, n.@{status})
            ELSE @{schema}.@{lifecycle}_moves(o.@{status}, n.@{status}) END
        WHEN @{later} THEN NOT (through_log OR @{schema}.@{lifecycle}_reopens(o.@{status}, n.@{status}))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle @{name}, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER @{trigger} AFTER UPDATE ON @{schema}.@{table}
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION @{schema}.@{trigger}();
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{trigger};
