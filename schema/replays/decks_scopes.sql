-- One board for all.
SELECT 'all' AS id, 'Deck types' AS title, '{}'::jsonb AS parameters
