-- The public games of one deck type, with the places of their records in the log.
SELECT d.subject, d.url AS replay, d.game, d.result, d.name AS player, d.confidence AS confidence_share,
       d.model_version AS classifier, d.played_at AS time,
       'replays.predictions' AS topic,
       d.place_partition     AS partition,
       d.place_offset        AS "offset"
FROM (
    SELECT (substring(p.url FROM '[0-9]+$')::bigint * 1000 + p.game) * 2 + p.player AS subject,
           p.url, p.game, p.played_at, p.name, p.confidence::float8 AS confidence, p.model_version,
           p.place_partition, p.place_offset,
           CASE WHEN p.winner IS NULL THEN 'draw' WHEN p.winner = p.player THEN 'won' ELSE 'lost' END AS result
    FROM replays.public_decks AS p
    WHERE p.deck = %(entry)s AND NOT p.unfinished
) AS d
WHERE %(after)s::bigint IS NULL OR d.subject > %(after)s::bigint
ORDER BY d.subject
LIMIT %(limit)s
