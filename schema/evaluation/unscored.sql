-- Final answers whose counted score is missing or judged an older edition of the truth. Only jobs whose confusion
-- counts lag behind their answers are looked into, so a system at rest pays for its jobs, not for its tasks.
WITH lagging AS (
    SELECT j.model_id, j.prompt_id, j.dataset_id
    FROM evaluation.modelpromptstatus AS j
    WHERE j.count - j.failed > (
        SELECT coalesce(sum(c.n), 0)
        FROM evaluation.confusion AS c
        WHERE (c.model_id, c.prompt_id, c.dataset_id) = (j.model_id, j.prompt_id, j.dataset_id))
)
SELECT 'evaluation.prediction.recorded.v1'               AS type,
       jsonb_build_object(
           'row_id', p.row_id, 'model_id', p.model_id, 'prompt_id', p.prompt_id, 'dataset_id', p.dataset_id,
           'attempt', p.attempt, 'prediction', p.prediction, 'prediction_time', p.prediction_time) AS data,
       p.digest,
       p.predicted_at                                    AS time,
       p.place_partition,
       p.place_offset
FROM lagging
JOIN evaluation.predictionstatus AS t USING (model_id, prompt_id, dataset_id)
JOIN evaluation.predictions AS p
  ON (p.model_id, p.prompt_id, p.row_id, p.attempt) = (t.model_id, t.prompt_id, t.row_id, t.final_attempt)
WHERE t.final_status = 'success'
  AND t.predicted IS NULL
  AND p.digest IS NOT NULL
LIMIT %(limit)s
