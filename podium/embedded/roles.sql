-- The four roles of Podium, made once for a cluster by an administrator. Migrations grant them what they need.
-- Run it again whenever you like; set passwords with \password or ALTER ROLE.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['podium_owner', 'podium_consumer', 'podium_stream', 'podium_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', wanted);
        END IF;
        EXECUTE format('ALTER ROLE %I SET timezone = %L', wanted, 'UTC');
    END LOOP;
END
$$;

-- The owner migrates, makes the database of a rebuild, renames both at a swap and sends the sessions of others away.
ALTER ROLE podium_owner CREATEDB;
GRANT pg_signal_backend, pg_read_all_stats TO podium_owner;
