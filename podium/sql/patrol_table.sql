-- How far the patrol has come in each table: kept in the database that it compares with.
CREATE TABLE IF NOT EXISTS public.patrol (
    relation text PRIMARY KEY,
    cursor jsonb,
    compared bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    rounds bigint NOT NULL DEFAULT 0,
    wrong bigint NOT NULL DEFAULT 0,
    whole_at timestamptz,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
)
