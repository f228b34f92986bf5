-- Counted predictions of rounds that are overdue.
SELECT 'competition.prediction.expired.v1'                        AS type,
       jsonb_build_object(
           'model_id', p.model_id,
           'prediction_config_id', p.prediction_config_id,
           'performed_at', p.performed_at,
           'absent', p.absent)                         AS data
FROM competition.rounds AS r
JOIN competition.closings AS c USING (prediction_config_id, performed_at)
JOIN competition.predictions AS p USING (prediction_config_id, performed_at)
WHERE r.status = 'overdue'
  AND p.score_status = 'PENDING'
  AND p.absent <> (c.answered ? p.model_id)
  AND %(now)s::timestamptz IS NOT NULL
ORDER BY p.performed_at, p.prediction_config_id, p.model_id
LIMIT %(limit)s
