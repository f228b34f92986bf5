-- Jobs whose worker gave no sign of life for longer than their lease: they have failed, in the attempt that was seen.
SELECT 'seismic.job.failed.v1'                           AS type,
       jsonb_build_object(
           'job_id', j.id, 'attempt', j.attempt,
           'error_message', format('no sign of life for %%s s', j.lease_seconds)) AS data
FROM seismic.jobs AS j
WHERE j.event_status = 'running'
  AND j.seen_at + make_interval(secs => j.lease_seconds) < %(now)s::timestamptz
ORDER BY j.id
LIMIT %(limit)s
