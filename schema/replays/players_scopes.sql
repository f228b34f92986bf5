-- One board for all.
SELECT 'all' AS id, 'Players' AS title, '{}'::jsonb AS parameters
