-- Rounds whose time is over and whose absences are all on record: what has answered by now counts, for good.
-- An answer beside an absence came too late.
SELECT 'competition.round.closed.v1'                              AS type,
       jsonb_build_object(
           'prediction_config_id', r.prediction_config_id,
           'performed_at', r.performed_at,
           'answered', a.answered,
           'absent', a.absent)                                    AS data
FROM competition.rounds AS r
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(p.model_id ORDER BY p.model_id) FILTER (WHERE NOT p.is_absent), '[]') AS answered,
           count(*) FILTER (WHERE p.is_absent)                                                     AS absent
    FROM (
        SELECT p.model_id, bool_or(p.absent) AS is_absent
        FROM competition.predictions AS p
        WHERE p.prediction_config_id = r.prediction_config_id AND p.performed_at = r.performed_at
        GROUP BY p.model_id) AS p) AS a
WHERE r.status = 'open'
  AND NOT r.replayed
  AND r.closes_at <= %(now)s::timestamptz
  AND NOT EXISTS (
      SELECT FROM competition.models AS m
      WHERE m.active AND m.created_at <= r.performed_at
        AND NOT EXISTS (
            SELECT FROM competition.predictions AS p
            WHERE p.prediction_config_id = r.prediction_config_id AND p.performed_at = r.performed_at
              AND p.model_id = m.id))
ORDER BY r.performed_at, r.prediction_config_id
LIMIT %(limit)s
