-- @{table} (@{parent_columns}) is referred to by @{child} (@{columns}): @{constraint}.
CREATE FUNCTION @{schema}.@{trigger}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        @{lock}SELECT jsonb_build_object(@{key_pairs}) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM @{child} c WHERE @{match})
            AND NOT EXISTS (SELECT FROM @{schema}.@{table} again WHERE @{again})
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object(@{child_pairs}) INTO used
        FROM @{child} c
        WHERE num_nulls(@{child_columns}) = 0 AND NOT EXISTS (SELECT FROM @{schema}.@{table} p WHERE @{match})
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: @{child} still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = @{constraint_literal}, DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER @{trigger} AFTER DELETE ON @{schema}.@{table}
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION @{schema}.@{trigger}();
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{trigger};

CREATE TRIGGER @{trigger}_key AFTER UPDATE OF @{parent_columns} ON @{schema}.@{table}
FOR EACH STATEMENT EXECUTE FUNCTION @{schema}.@{trigger}();
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{trigger}_key;

CREATE TRIGGER @{trigger}_truncate AFTER TRUNCATE ON @{schema}.@{table}
FOR EACH STATEMENT EXECUTE FUNCTION @{schema}.@{trigger}();
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{trigger}_truncate;
