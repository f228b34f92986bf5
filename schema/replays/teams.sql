-- The games on the pages of public jobs, beside the team that they are looked at for; a team without games once.
SELECT t.shareable_id, t.team_name, t.confirmed_players,
       g.url, g.played_at, g.player1, g.player2, g.game, g.first, g.winner, g.unfinished
FROM replays.public_teams AS t
LEFT JOIN replays.public_games AS g USING (url)
