-- What every domain's triggers call, and the one row of ledger.identity.
CREATE FUNCTION ledger.refuse_update() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $refuse$
BEGIN
    RAISE EXCEPTION '%.%: a fact never changes', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
        HINT = 'Publish another event; what is no fact of this row may be updated in a statement of its own.';
END
$refuse$;

CREATE FUNCTION ledger.refuse_direct_write() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $refuse$
BEGIN
    RAISE EXCEPTION '%.%: only triggers write here', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
        HINT = 'Write the facts; the tallies follow.';
END
$refuse$;

CREATE FUNCTION ledger.record_outside_write() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $record$
DECLARE
    keys_max constant integer := 100;
    many bigint := 0;
    keys jsonb;
BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
        SELECT count(*) INTO many FROM changed;
        IF many = 0 THEN
            RETURN NULL;
        END IF;
        SELECT jsonb_agg((SELECT jsonb_object_agg(name, entry -> name) FROM unnest(TG_ARGV) name)) INTO keys
        FROM (SELECT to_jsonb(c) AS entry FROM changed c LIMIT keys_max) first_of_them;
    END IF;
    INSERT INTO ledger.outside_write (statement, relation, rows, keys)
    VALUES (TG_OP, format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME), many, keys);
    RETURN NULL;
END
$record$;

INSERT INTO ledger.identity DEFAULT VALUES;

GRANT DELETE ON ledger.parked, ledger.dead TO podium_consumer;
GRANT DELETE ON ledger.lease, ledger.loop, ledger.failure TO podium_consumer;
GRANT INSERT, UPDATE, DELETE ON ledger.lease, ledger.loop, ledger.failure TO podium_stream;
GRANT USAGE ON SEQUENCE ledger.epoch TO podium_stream;
