-- The public games of one deck type against another.
SELECT count(*)                                       AS common,
       count(*) FILTER (WHERE a.winner = a.player)    AS only_a,
       count(*) FILTER (WHERE a.winner = b.player)    AS only_b,
       count(*) FILTER (WHERE a.winner IS NULL)       AS drawn
FROM replays.public_decks AS a
JOIN replays.public_decks AS b USING (url, game)
WHERE a.player <> b.player AND NOT a.unfinished AND a.deck = %(a)s AND b.deck = %(b)s
