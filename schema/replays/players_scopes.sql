-- One board for all, once there is a public job.
SELECT 'all' AS id, 'Players' AS title, '{}'::jsonb AS parameters
WHERE EXISTS (SELECT FROM replays.public_jobs)
