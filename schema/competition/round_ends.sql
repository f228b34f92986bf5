-- Rounds all of whose counted predictions are there and have their end.
SELECT CASE r.status WHEN 'overdue' THEN 'competition.round.expired.v1'
                     ELSE 'competition.round.scored.v1' END       AS type,
       jsonb_build_object('prediction_config_id', r.prediction_config_id, 'performed_at', r.performed_at) AS data
FROM competition.rounds AS r
JOIN competition.closings AS c USING (prediction_config_id, performed_at)
LEFT JOIN competition.truths AS t USING (prediction_config_id, performed_at)
CROSS JOIN LATERAL (
    SELECT count(*) AS n, count(*) FILTER (WHERE p.score_status = 'PENDING') AS pending
    FROM competition.predictions AS p
    WHERE p.prediction_config_id = r.prediction_config_id AND p.performed_at = r.performed_at
      AND p.absent <> (c.answered ? p.model_id)) AS p
WHERE (r.status = 'overdue' OR r.status = 'closed' AND t.published_at IS NOT NULL)
  AND r.resolvable_at <= %(now)s::timestamptz
  AND p.pending = 0
  AND p.n >= jsonb_array_length(c.answered) + c.absent
ORDER BY r.performed_at, r.prediction_config_id
LIMIT %(limit)s
