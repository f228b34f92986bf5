-- One board for all.
SELECT 'all' AS id, 'Teams' AS title, '{}'::jsonb AS parameters
