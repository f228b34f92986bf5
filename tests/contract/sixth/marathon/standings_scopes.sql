-- A board for every race.
SELECT race_id::text AS id, name AS title, jsonb_build_object('race_id', race_id) AS parameters
FROM marathon.races
ORDER BY race_id
