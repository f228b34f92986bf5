-- The jobs of a user, and nobody else's, newest first; in one status or of one type, if given.
SELECT id, job_type, status, phase, total_urls, processed_urls, failed_urls, error_message, is_public,
       CASE WHEN is_public THEN shareable_id END                                AS shareable_id,
       round(100.0 * processed_urls / total_urls, 2)                            AS progress,
       created_at, started_at, completed_at
FROM replays.jobs
WHERE user_id = %(user_id)s
  AND (%(status)s::replays.status IS NULL OR status = %(status)s::replays.status)
  AND (%(job_type)s::replays.job_type IS NULL OR job_type = %(job_type)s::replays.job_type)
ORDER BY created_at DESC, id
LIMIT %(limit)s
