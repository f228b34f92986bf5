-- @{table} (@{columns}) refers to @{parent} (@{parent_columns}): @{constraint}, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION @{schema}.@{trigger}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT @{lock_columns} FROM new_rows) c
        JOIN @{lock_table} p ON @{lock_match}
    ORDER BY @{lock_order}
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object(@{key_pairs}) INTO orphan
    FROM new_rows c
    WHERE num_nulls(@{child_columns}) = 0 AND NOT EXISTS (SELECT FROM @{parent} p WHERE @{match})
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in @{parent} has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = @{constraint_literal}, DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

@{triggers}
