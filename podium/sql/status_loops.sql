-- The last report of every loop of every process, with its age by this server's clock.
SELECT name, process, extract(epoch FROM clock_timestamp() - reported_at)::float8 AS age_seconds, ready, waits_for,
       turn_age_seconds, progress_age_seconds, done, restarts, error, failed_at
  FROM ledger.loop
 WHERE reported_at > clock_timestamp() - interval '1 day'
 ORDER BY name, process
