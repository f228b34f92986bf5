-- A board for every tuning with parameter sets.
SELECT t.task_id::text                                               AS id,
       'Tuning, ' || coalesce(nullif(b.description, ''), 'task ' || t.task_id) AS title,
       jsonb_build_object('task_id', t.task_id)                      AS parameters
FROM chess.tune_tasks AS t
JOIN chess.tasks AS b ON b.id = t.task_id
WHERE EXISTS (SELECT FROM chess.tune_param_sets AS p WHERE p.tune_task_id = t.id)
ORDER BY t.task_id
