-- Matches that were passed against the network that still is the best of its run, and were not followed by a promotion.
SELECT 'chess.network.promoted.v1'                                          AS type,
       jsonb_build_object(
           'training_run_id', t.training_run_id, 'match_task_id', m.task_id,
           'network_id', m.candidate_network_id, 'expected_network_id', m.current_best_network_id) AS data
FROM chess.match_tasks AS m
JOIN chess.training_tasks AS t ON t.id = m.training_task_id
JOIN chess.tasks AS b ON b.id = m.task_id
JOIN chess.training_runs AS r ON r.id = t.training_run_id
WHERE m.passed
  AND b.status = 'DONE'
  AND r.best_network_id = m.current_best_network_id
  AND NOT EXISTS (SELECT FROM chess.promotions AS p
                  WHERE p.training_run_id = t.training_run_id AND p.match_task_id = m.task_id)
  AND %(now)s::timestamptz IS NOT NULL
ORDER BY m.task_id
LIMIT %(limit)s
