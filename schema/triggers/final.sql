-- @{table}: what comes through the log after the end is superseded.
CREATE FUNCTION @{schema}.@{trigger}() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $final$
BEGIN
    RETURN NULL;
END
$final$;

CREATE TRIGGER @{trigger} BEFORE UPDATE ON @{schema}.@{table}
FOR EACH ROW WHEN (OLD.@{status} IN (@{states}) AND session_user = 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION @{schema}.@{trigger}();
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{trigger};
