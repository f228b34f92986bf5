-- The sums of every model over the next period of each emitting checkpoint that is over and complete: no round that
-- resolves in it is unfinished. A period starts where the last one ended and goes on until there is something to pay.
WITH RECURSIVE scopes AS (
    (SELECT scope_key FROM competition.debuts ORDER BY scope_key LIMIT 1)
    UNION ALL
    SELECT (SELECT d.scope_key FROM competition.debuts AS d WHERE d.scope_key > s.scope_key ORDER BY d.scope_key LIMIT 1)
    FROM scopes AS s
    WHERE s.scope_key IS NOT NULL
), due AS (
    SELECT c.id, c.meta_jsonb, c.interval_seconds, p.since,
           p.since + make_interval(secs => c.interval_seconds * ceil(
               extract(epoch FROM f.hour - p.since) / c.interval_seconds)) AS until
    FROM competition.checkpoints AS c
    CROSS JOIN LATERAL (SELECT coalesce(c.last_run_at, c.starts_at) AS since) AS p
    CROSS JOIN LATERAL (
        SELECT min(t.hour) AS hour
        FROM scopes AS s
        CROSS JOIN LATERAL (
            SELECT t.hour FROM competition.tallies AS t
            WHERE t.scope_key = s.scope_key AND t.hour > p.since
            ORDER BY t.hour LIMIT 1) AS t) AS f
    WHERE right(c.checkpoint_kind, 8) = 'emission'
)
SELECT d.id                                                       AS checkpoint_id,
       d.meta_jsonb,
       d.since                                                    AS period_start,
       d.until                                                    AS period_end,
       d.until + make_interval(secs => d.interval_seconds)        AS next_run_at,
       t.model_id,
       sum(t.n)                                                   AS n,
       sum(t.billionths)                                          AS billionths
FROM due AS d
JOIN scopes AS s ON true
JOIN competition.tallies AS t ON t.scope_key = s.scope_key AND t.hour > d.since AND t.hour <= d.until
WHERE d.until <= %(now)s::timestamptz
  AND NOT EXISTS (
      SELECT FROM competition.rounds AS r
      WHERE r.status IN ('open', 'closed', 'overdue') AND r.resolvable_at <= d.until)
  AND %(limit)s > 0
GROUP BY d.id, d.meta_jsonb, d.since, d.until, d.interval_seconds, t.model_id
ORDER BY d.id, t.model_id
