-- Models that a round expected, known and active at its slot, and that have not answered although it is to close.
SELECT 'competition.prediction.absent.v1'                         AS type,
       jsonb_build_object(
           'model_id', m.id,
           'prediction_config_id', r.prediction_config_id,
           'performed_at', r.performed_at,
           'resolvable_at', r.resolvable_at,
           'scope_key', r.scope_key,
           'scope_jsonb', r.scope_jsonb)                          AS data
FROM competition.rounds AS r
JOIN competition.models AS m ON m.active AND m.created_at <= r.performed_at
WHERE r.status = 'open'
  AND NOT r.replayed
  AND r.closes_at <= %(now)s::timestamptz
  AND NOT EXISTS (
      SELECT FROM competition.predictions AS p
      WHERE p.prediction_config_id = r.prediction_config_id AND p.performed_at = r.performed_at AND p.model_id = m.id)
ORDER BY r.performed_at, r.prediction_config_id, m.id
LIMIT %(limit)s
