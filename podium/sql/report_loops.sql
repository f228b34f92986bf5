-- The state of every loop of this process.
INSERT INTO ledger.loop AS known (
    name, process, reported_at, ready, waits_for, turn_age_seconds, progress_age_seconds, done, restarts, error, failed_at
)
SELECT
    l.name, %(process)s, clock_timestamp(), l.ready, l.waits_for, l.turn_age, l.progress_age, l.done, l.restarts,
    l.error, l.failed_at
FROM jsonb_to_recordset(%(loops)s) AS l (
    name text, ready boolean, waits_for text, turn_age double precision, progress_age double precision, done bigint,
    restarts integer, error text, failed_at timestamptz
)
ON CONFLICT (name, process) DO UPDATE SET
    reported_at = excluded.reported_at, ready = excluded.ready, waits_for = excluded.waits_for,
    turn_age_seconds = excluded.turn_age_seconds, progress_age_seconds = excluded.progress_age_seconds,
    done = excluded.done, restarts = excluded.restarts, error = excluded.error, failed_at = excluded.failed_at
