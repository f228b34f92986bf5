-- The parameter sets of one tuning with their counts.
SELECT p.param_set_id, p.status, p.params_args, p.params_uci_options, t.games_per_param_set,
       p.wins, p.losses, p.draws, p.ll, p.ld, p.dd, p.dw, p.ww, p.unpaired, p.crashes, p.timeouts
FROM chess.tune_tasks AS t
JOIN chess.tune_param_sets AS p ON p.tune_task_id = t.id
WHERE t.task_id = %(task_id)s::bigint
ORDER BY p.param_set_id
