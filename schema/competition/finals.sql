-- Every counted prediction of closed rounds that can be scored now: the truth is there and each answer is judged.
-- A round waits until all that it counts are there. As many whole rounds as hold about `limit` predictions.
WITH ready AS (
    SELECT r.*, c.answered, w.whole,
           sum(w.whole) OVER (ORDER BY r.performed_at, r.prediction_config_id) - w.whole AS before
    FROM competition.rounds AS r
    JOIN competition.closings AS c USING (prediction_config_id, performed_at)
    JOIN competition.truths AS t USING (prediction_config_id, performed_at)
    CROSS JOIN LATERAL (SELECT jsonb_array_length(c.answered) + c.absent AS whole) AS w
    WHERE r.status = 'closed'
      AND r.resolvable_at <= %(now)s::timestamptz
), counted AS (
    SELECT r.prediction_config_id, r.performed_at, r.scoring_jsonb, r.whole, p.id, p.model_id, p.status, p.score_status,
           p.inference_output_jsonb, j.prediction_id, j.value, j.failed_reason
    FROM ready AS r
    JOIN competition.predictions AS p USING (prediction_config_id, performed_at)
    LEFT JOIN competition.judgements AS j
      ON p.status = 'SUCCESS' AND j.prediction_id = p.id AND j.prediction_digest = p.digest
    WHERE r.before < %(limit)s
      AND p.absent <> (r.answered ? p.model_id)
)
SELECT c.*
FROM counted AS c
WHERE (c.prediction_config_id, c.performed_at) IN (
    SELECT prediction_config_id, performed_at
    FROM counted
    GROUP BY prediction_config_id, performed_at
    HAVING count(*) >= max(whole)
       AND bool_or(score_status = 'PENDING')
       AND bool_and(status <> 'SUCCESS' OR prediction_id IS NOT NULL))
ORDER BY c.performed_at, c.prediction_config_id, c.model_id
