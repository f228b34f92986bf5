-- Networks with what they did as candidates in decided matches, none of them with special parameters. Legacy matches
-- are counted from their games, where these came over: the stored counts exceed them.
WITH played AS (
    SELECT m.task_id AS id, m.candidate_network_id AS candidate, m.current_best_network_id AS opponent,
           m.wins, m.draws, m.losses, m.passed, m.test_only
    FROM chess.match_tasks AS m
    WHERE m.done AND NOT m.special_params
    UNION ALL
    SELECT m.id, m.candidate_id, m.current_best_id,
           coalesce(g.wins, m.wins, 0), coalesce(g.draws, m.draws, 0), coalesce(g.losses, m.losses, 0),
           coalesce(m.passed, false), coalesce(m.test_only, false)
    FROM chess.matches AS m
    LEFT JOIN (
        SELECT match_id, count(*) FILTER (WHERE result = 1) AS wins, count(*) FILTER (WHERE result = 0) AS draws,
               count(*) FILTER (WHERE result = -1) AS losses
        FROM chess.match_games WHERE done GROUP BY match_id) AS g ON g.match_id = m.id
    WHERE m.done AND NOT coalesce(m.special_params, false)
),
own AS (
    SELECT candidate, jsonb_agg(jsonb_build_array(id, opponent, wins, draws, losses, passed, test_only) ORDER BY id)
               AS matches
    FROM played WHERE candidate IS NOT NULL AND opponent IS NOT NULL GROUP BY candidate
)
SELECT n.id, n.training_run_id, n.network_number, n.elo, coalesce(n.elo_set, false) AS elo_set,
       coalesce(n.anchor, false) AS anchor, coalesce(o.matches, '[]') AS matches
FROM chess.networks AS n
LEFT JOIN own AS o ON o.candidate = n.id
WHERE n.anchor OR o.candidate IS NOT NULL OR EXISTS (SELECT FROM played AS p WHERE p.opponent = n.id)
ORDER BY n.id
