-- The public games between two players.
SELECT count(*)                                   AS common,
       count(*) FILTER (WHERE g.winner = g.seat)  AS only_a,
       count(*) FILTER (WHERE g.winner <> g.seat) AS only_b,
       count(*) FILTER (WHERE g.winner IS NULL)   AS drawn
FROM (
    SELECT p.winner, CASE WHEN ledger.folded(p.player1) = %(a)s THEN 1 ELSE 2 END AS seat
    FROM replays.public_games AS p
    WHERE NOT p.unfinished
      AND ((ledger.folded(p.player1), ledger.folded(p.player2)) = (%(a)s, %(b)s)
           OR (ledger.folded(p.player1), ledger.folded(p.player2)) = (%(b)s, %(a)s))
) AS g
