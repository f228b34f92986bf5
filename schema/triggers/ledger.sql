-- What every domain's triggers call, and the one row of ledger.identity.
-- What is trimmed from a text that is compared: `schema.types.BLANKS`. Its source is kept as text, with its escapes.
CREATE FUNCTION ledger.blanks() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $blanks$
    SELECT E'\u0009\u000A\u000B\u000C\u000D\u001C\u001D\u001E\u001F \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005'
    '\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000'
$blanks$;

-- A text as it is compared: `schema.types.folded` in Python is the same, for every character of its Unicode version.
CREATE FUNCTION ledger.folded(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN normalize(lower(btrim(normalize(value, NFC), ledger.blanks()) COLLATE pg_catalog.pg_unicode_fast), NFC);

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

-- Every snapshot with its entries whole; one whose parts are not all there is none yet.
CREATE VIEW ledger.published_snapshot AS
SELECT s.board, s.snapshot, s.as_of, s.cut_at, s.cut, s.rule, s.digest,
       CASE WHEN s.parts IS NULL THEN s.entries
            ELSE (SELECT '[' || string_agg(substr(p.entries, 2, length(p.entries) - 2), ',' ORDER BY p.part) || ']'
                  FROM ledger.snapshot_part p
                  WHERE p.board = s.board AND p.snapshot = s.snapshot AND p.part <= s.parts)
       END AS entries,
       s.parts, s.place_partition, s.place_offset
FROM ledger.snapshot s
WHERE s.parts IS NULL
   OR s.parts = (SELECT count(*) FROM ledger.snapshot_part p
                 WHERE p.board = s.board AND p.snapshot = s.snapshot AND p.part <= s.parts);

INSERT INTO ledger.identity DEFAULT VALUES;

GRANT DELETE ON ledger.parked, ledger.dead TO podium_consumer;
GRANT DELETE ON ledger.lease, ledger.loop, ledger.failure TO podium_consumer;
GRANT INSERT, UPDATE, DELETE ON ledger.lease, ledger.loop, ledger.failure TO podium_stream;
GRANT USAGE ON SEQUENCE ledger.epoch TO podium_stream;
