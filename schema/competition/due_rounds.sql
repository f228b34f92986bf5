-- The present slot of every active configuration, unless its round is there or its answers would be late already.
-- Slots are counted from 1970, so that none drifts; those that passed while nobody watched are left out.
SELECT 'competition.round.opened.v1'                              AS type,
       jsonb_build_object(
           'prediction_config_id', c.id,
           'performed_at', c.slot,
           'scope_key', c.scope_key,
           'scope_jsonb', c.scope_template_jsonb,
           'scoring_jsonb', c.scoring_jsonb,
           'closes_at', c.slot + c.grace,
           'resolvable_at', c.slot + c.horizon,
           'expires_at', c.slot + c.horizon + c.patience,
           'replayed', false)                                     AS data
FROM (
    SELECT c.*,
           to_timestamp(
               floor((extract(epoch FROM %(now)s::timestamptz) - s.phase) / s.step) * s.step + s.phase) AS slot,
           make_interval(secs => s.grace)                         AS grace,
           make_interval(secs => s.horizon)                       AS horizon,
           make_interval(secs => s.patience)                      AS patience
    FROM competition.scheduled_prediction_configs AS c
    CROSS JOIN LATERAL (
        SELECT (c.schedule_jsonb ->> 'prediction_interval_seconds')::integer AS step,
               (c.schedule_jsonb ->> 'offset_seconds')::integer              AS phase,
               (c.schedule_jsonb ->> 'grace_seconds')::integer               AS grace,
               (c.schedule_jsonb ->> 'resolve_after_seconds')::integer       AS horizon,
               (c.schedule_jsonb ->> 'expire_after_seconds')::integer        AS patience) AS s
    WHERE c.active
) AS c
WHERE c.slot + c.grace > %(now)s::timestamptz
  AND NOT EXISTS (
      SELECT FROM competition.rounds AS r
      WHERE r.prediction_config_id = c.id AND r.performed_at = c.slot)
ORDER BY c."order", c.id
LIMIT %(limit)s
