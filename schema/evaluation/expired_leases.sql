-- Claims whose lease has run out: the task waits again under the next attempt, or has failed if that was the last.
SELECT CASE WHEN t.attempt < j.attempts_max
            THEN 'evaluation.task.released.v1' ELSE 'evaluation.task.failed.v1' END   AS type,
       jsonb_build_object(
           'model_id', t.model_id, 'prompt_id', t.prompt_id, 'dataset_id', t.dataset_id, 'row_id', t.row_id,
           'attempt', CASE WHEN t.attempt < j.attempts_max THEN t.attempt + 1 ELSE t.attempt END,
           'reason', CASE WHEN t.attempt < j.attempts_max
                          THEN 'lease expired' ELSE 'lease expired, attempts used up' END) AS data
FROM evaluation.modelpromptstatus AS j
JOIN evaluation.predictionstatus AS t USING (model_id, prompt_id, dataset_id)
WHERE j.status IN ('pending', 'running')
  AND t.event_status = 'in_progress'
  AND t.final_status IS NULL
  AND t.lease_until < %(now)s::timestamptz
ORDER BY t.model_id, t.prompt_id, t.row_id
LIMIT %(limit)s
