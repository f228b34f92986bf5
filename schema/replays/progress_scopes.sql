-- One board for all.
SELECT 'all' AS id, 'Jobs' AS title, '{}'::jsonb AS parameters
