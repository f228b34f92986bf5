-- Parameter sets of the tunings that have all their sets, each with its games, and are not over.
SELECT t.task_id, p.param_set_id, p.params_args, p.params_uci_options, p.wins, p.losses, p.draws,
       p.ll, p.ld, p.dd, p.dw, p.ww
FROM (
    SELECT t.task_id, t.id
    FROM chess.tune_tasks AS t
    JOIN chess.tasks AS b ON b.id = t.task_id
    WHERE b.status IN ('PENDING', 'ACTIVE')
      AND t.param_sets = (
          SELECT count(*) FROM chess.tune_param_sets AS p WHERE p.tune_task_id = t.id AND p.status = 'DONE')
      AND %(now)s::timestamptz IS NOT NULL
    ORDER BY t.task_id
    LIMIT %(limit)s
) AS t
JOIN chess.tune_param_sets AS p ON p.tune_task_id = t.id
ORDER BY t.task_id, p.param_set_id
