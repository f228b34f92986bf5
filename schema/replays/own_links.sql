-- The links of a job of a user, and nobody else's: what became of each, and where its raw JSON lies.
SELECT u.url,
       CASE WHEN u.status = 'queued' AND s.status = 'scraping' THEN 'scraping' ELSE u.status END AS status,
       s.epoch, s.attempt, s.error_kind, s.error, u.finished_at, d.s3_key
FROM replays.jobs AS j
JOIN replays.job_urls AS u ON u.job_id = j.id
JOIN replays.scrapes AS s USING (url)
LEFT JOIN replays.scraped_data AS d ON d.url = u.url AND u.status IN ('scraped', 'cached')
WHERE j.id = %(job_id)s AND j.user_id = %(user_id)s
ORDER BY u.url
