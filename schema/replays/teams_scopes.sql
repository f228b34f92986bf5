-- One board for all, once there is a job.
SELECT 'all' AS id, 'Teams' AS title, '{}'::jsonb AS parameters
WHERE EXISTS (SELECT FROM replays.job_types)
