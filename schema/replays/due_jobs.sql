-- Jobs that have begun, and those whose links all have an outcome and whose teams are all confirmed. A job is completed
-- if at least one of its links could be scraped, and has failed otherwise.
SELECT CASE WHEN j.event_status = 'PENDING' THEN 'replays.job.started.v1'
            WHEN j.failed_urls < j.total_urls THEN 'replays.job.completed.v1'
            ELSE 'replays.job.failed.v1' END                                               AS type,
       CASE WHEN j.event_status = 'PENDING' OR j.failed_urls < j.total_urls
            THEN jsonb_build_object('job_id', j.id)
            ELSE jsonb_build_object('job_id', j.id, 'error_message',
                format('none of %%s links could be scraped', j.total_urls)) END            AS data
FROM replays.jobs AS j
WHERE %(now)s::timestamptz IS NOT NULL
  AND (j.status = 'PENDING'
           AND EXISTS (
               SELECT FROM replays.job_urls AS u JOIN replays.scrapes AS s USING (url)
               WHERE u.job_id = j.id AND (u.finished_at IS NOT NULL OR s.status = 'scraping'))
       OR j.status = 'RUNNING' AND j.event_status = 'RUNNING' AND j.phase = 'analysing'
       OR j.status = 'RUNNING' AND j.event_status = 'RUNNING' AND j.failed_urls = j.total_urls)
ORDER BY j.created_at, j.id
LIMIT %(limit)s
