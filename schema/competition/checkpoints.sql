-- Checkpoints that emit nothing and are due: once, at the newest planned time, however many were missed.
SELECT 'competition.checkpoint.reached.v1'                        AS type,
       jsonb_build_object(
           'id', c.id,
           'last_run_at', c.due,
           'next_run_at', c.due + make_interval(secs => c.interval_seconds)) AS data
FROM (
    SELECT c.id, c.interval_seconds, p.since,
           p.since + make_interval(secs => c.interval_seconds * floor(
               extract(epoch FROM %(now)s::timestamptz - p.since) / c.interval_seconds)) AS due
    FROM competition.checkpoints AS c
    CROSS JOIN LATERAL (SELECT coalesce(c.last_run_at, c.starts_at) AS since) AS p
    WHERE right(c.checkpoint_kind, 8) <> 'emission'
) AS c
WHERE c.due > c.since
ORDER BY c.id
LIMIT %(limit)s
