-- Jobs that can never be done: every task has ended, and some of them without an answer.
SELECT 'evaluation.job.failed.v1'                        AS type,
       jsonb_build_object(
           'model_id', j.model_id, 'prompt_id', j.prompt_id, 'dataset_id', j.dataset_id, 'epoch', j.epoch,
           'reason', format('%%s of %%s tasks used up their attempts', given_up.n, j.total_rows),
           'actor', 'watch') AS data
FROM evaluation.modelpromptstatus AS j
CROSS JOIN LATERAL (
    SELECT count(*) AS n
    FROM evaluation.predictionstatus AS t
    WHERE (t.model_id, t.prompt_id, t.dataset_id) = (j.model_id, j.prompt_id, j.dataset_id)
      AND t.event_status = 'failed'
      AND t.final_status IS NULL
) AS given_up
WHERE j.status IN ('pending', 'running')
  AND j.count < j.total_rows
  AND given_up.n > 0
  AND j.count + given_up.n >= j.total_rows
  AND %(now)s::timestamptz IS NOT NULL
ORDER BY j.model_id, j.prompt_id, j.dataset_id
LIMIT %(limit)s
