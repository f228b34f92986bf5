-- The public games of one player, with the places of their records in the log.
SELECT g.subject, g.url AS replay, g.game, g.opponent, lower(btrim(g.opponent)) AS opponent_entry,
       g.result, g.went_first, g.played_at AS time,
       'replays.scores'  AS topic,
       g.place_partition AS partition,
       g.place_offset    AS "offset"
FROM (
    SELECT (substring(p.url FROM '[0-9]+$')::bigint * 1000 + p.game) * 2 + seat.n AS subject,
           p.url, p.game, p.played_at, p.place_partition, p.place_offset,
           CASE seat.n WHEN 1 THEN p.player2 ELSE p.player1 END    AS opponent,
           p.first = seat.n                                        AS went_first,
           CASE WHEN p.unfinished THEN 'unfinished' WHEN p.winner IS NULL THEN 'draw'
                WHEN p.winner = seat.n THEN 'won' ELSE 'lost' END  AS result
    FROM replays.public_games AS p
    CROSS JOIN LATERAL (VALUES (1, p.player1), (2, p.player2)) AS seat (n, name)
    WHERE ledger.folded(seat.name) = %(entry)s
) AS g
WHERE %(after)s::bigint IS NULL OR g.subject > %(after)s::bigint
ORDER BY g.subject
LIMIT %(limit)s
