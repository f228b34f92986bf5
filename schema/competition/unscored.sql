-- Answers of unfinished rounds whose truth is known and that nobody judged; once a round is closed, those that count.
SELECT 'competition.prediction.recorded.v1'                       AS type,
       jsonb_build_object(
           'model_id', p.model_id, 'prediction_config_id', p.prediction_config_id,
           'performed_at', p.performed_at, 'status', p.status,
           'inference_output_jsonb', p.inference_output_jsonb)    AS data,
       p.digest,
       p.answered_at                                              AS time,
       p.place_partition,
       p.place_offset
FROM competition.rounds AS r
JOIN competition.truths AS t USING (prediction_config_id, performed_at)
LEFT JOIN competition.closings AS c USING (prediction_config_id, performed_at)
JOIN competition.predictions AS p USING (prediction_config_id, performed_at)
WHERE r.status IN ('open', 'closed', 'overdue')
  AND p.status = 'SUCCESS'
  AND p.digest IS NOT NULL
  AND (c.answered IS NULL OR c.answered ? p.model_id)
  AND NOT EXISTS (
      SELECT FROM competition.judgements AS j
      WHERE j.prediction_id = p.id AND j.prediction_digest = p.digest)
LIMIT %(limit)s
