-- Pages that had failed before a job asked for them: they are tried again, in the next epoch, unless that was the last.
SELECT 'replays.url.retried.v1'                                                        AS type,
       jsonb_build_object('url', s.url, 'epoch', s.epoch + 1, 'actor', 'watch')        AS data
FROM replays.scrapes AS s
WHERE s.status = 'failed'
  AND s.epoch < 1000000
  AND %(now)s::timestamptz IS NOT NULL
  AND EXISTS (
      SELECT FROM replays.job_urls AS u JOIN replays.jobs AS j ON j.id = u.job_id
      WHERE u.url = s.url AND u.status = 'queued' AND j.status IN ('PENDING', 'RUNNING'))
ORDER BY s.url
LIMIT %(limit)s
