-- Whoever may log in to the cluster may not therefore connect here; each role looks whether the tables fit its code.
DO $rights$
DECLARE
    here constant text := current_database();
BEGIN
    EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', here);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO podium_owner, podium_consumer, podium_stream, podium_reader', here);
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO podium_owner, podium_consumer', here);
    GRANT SELECT ON public.alembic_version TO podium_consumer, podium_stream, podium_reader;
END
$rights$
