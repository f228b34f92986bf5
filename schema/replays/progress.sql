-- Totals over the jobs of each type; what is waiting is measured at the newest time that an event of a job named.
WITH now AS (SELECT max(updated_at) AS at FROM replays.jobs)
SELECT j.job_type::text                                                     AS job_type,
       count(*) FILTER (WHERE j.status = 'PENDING')                         AS pending,
       count(*) FILTER (WHERE j.status = 'RUNNING')                         AS running,
       count(*) FILTER (WHERE j.status = 'COMPLETED')                       AS completed,
       count(*) FILTER (WHERE j.status = 'FAILED')                          AS failed,
       count(*) FILTER (WHERE j.status = 'CANCELLED')                       AS cancelled,
       count(*) FILTER (WHERE j.phase = 'awaiting_confirmation')            AS awaiting,
       coalesce(sum(j.processed_urls) FILTER (WHERE j.completed_at IS NULL), 0) AS processed_urls,
       coalesce(sum(j.total_urls) FILTER (WHERE j.completed_at IS NULL), 0) AS total_urls,
       coalesce(sum(j.cached_urls), 0)                                      AS cached,
       coalesce(sum(j.processed_urls - j.cached_urls - j.failed_urls), 0)   AS scraped,
       coalesce(sum(l.attempts), 0)                                         AS attempts,
       coalesce(sum(l.scrapes), 0)                                          AS scrapes,
       coalesce(array_agg(extract(epoch FROM j.completed_at - j.created_at)::float8)
           FILTER (WHERE j.status = 'COMPLETED'), '{}')                     AS seconds,
       coalesce(array_agg(extract(epoch FROM now.at - j.created_at)::float8)
           FILTER (WHERE j.status = 'PENDING'), '{}')                       AS waiting
FROM replays.jobs AS j
CROSS JOIN now
LEFT JOIN LATERAL (
    SELECT sum(s.attempt) AS attempts, count(*) AS scrapes
    FROM replays.job_urls AS u
    JOIN replays.scraped_data AS s USING (url)
    WHERE u.job_id = j.id AND u.status = 'scraped'
) AS l ON true
GROUP BY j.job_type
