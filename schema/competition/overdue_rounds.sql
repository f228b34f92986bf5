-- Closed rounds whose truth did not come in time.
SELECT 'competition.round.overdue.v1'                             AS type,
       jsonb_build_object('prediction_config_id', r.prediction_config_id, 'performed_at', r.performed_at) AS data
FROM competition.rounds AS r
WHERE r.status = 'closed'
  AND r.expires_at <= %(now)s::timestamptz
  AND NOT EXISTS (
      SELECT FROM competition.truths AS t
      WHERE t.prediction_config_id = r.prediction_config_id AND t.performed_at = r.performed_at)
ORDER BY r.performed_at, r.prediction_config_id
LIMIT %(limit)s
