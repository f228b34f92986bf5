-- The games that may be public.
SELECT url, played_at, player1, player2, game, first, winner, unfinished
FROM replays.public_games
