-- Sums of the last 24, 72 and 168 hours of every model in every scope that has a score in them: up to the end of the
-- newest hour that has one anywhere. A model without any is one row without a scope. Only those hours are read.
WITH RECURSIVE scopes AS (
    (SELECT scope_key FROM competition.debuts ORDER BY scope_key LIMIT 1)
    UNION ALL
    SELECT (SELECT d.scope_key FROM competition.debuts AS d WHERE d.scope_key > s.scope_key ORDER BY d.scope_key LIMIT 1)
    FROM scopes AS s
    WHERE s.scope_key IS NOT NULL
), newest AS (
    SELECT s.scope_key, t.hour
    FROM scopes AS s
    CROSS JOIN LATERAL (
        SELECT t.hour FROM competition.tallies AS t WHERE t.scope_key = s.scope_key ORDER BY t.hour DESC LIMIT 1) AS t
), edge AS (
    SELECT max(hour) AS at FROM newest
), live AS (
    SELECT n.scope_key, e.at
    FROM newest AS n CROSS JOIN edge AS e
    WHERE n.hour > e.at - interval '168 hours'
      AND (%(scope_key)s::text IS NULL OR n.scope_key = %(scope_key)s::text)
), sums AS (
    SELECT l.scope_key, l.at, t.*
    FROM live AS l
    CROSS JOIN LATERAL (
        SELECT t.model_id,
               sum(t.n)                                                                 AS n,
               sum(t.succeeded)                                                         AS succeeded,
               sum(t.billionths)                                                        AS anchor_sum,
               sum(t.n) FILTER (WHERE t.hour > l.at - interval '72 hours')              AS steady_n,
               sum(t.billionths) FILTER (WHERE t.hour > l.at - interval '72 hours')     AS steady_sum,
               sum(t.n) FILTER (WHERE t.hour > l.at - interval '24 hours')              AS recent_n,
               sum(t.billionths) FILTER (WHERE t.hour > l.at - interval '24 hours')     AS recent_sum
        FROM competition.tallies AS t
        WHERE t.scope_key = l.scope_key AND t.hour > l.at - interval '168 hours'
        GROUP BY t.model_id) AS t
), pairs AS (
    SELECT m.id AS model_id, m.name, m.player_name, l.scope_key, l.at
    FROM competition.models AS m LEFT JOIN live AS l ON true
)
SELECT p.model_id,
       p.name,
       p.player_name,
       p.scope_key,
       coalesce(s.n, 0)                                           AS n,
       coalesce(s.succeeded, 0)                                   AS succeeded,
       coalesce(s.n, 0)                                           AS anchor_n,
       s.anchor_sum,
       coalesce(s.steady_n, 0)                                    AS steady_n,
       s.steady_sum,
       coalesce(s.recent_n, 0)                                    AS recent_n,
       s.recent_sum,
       extract(epoch FROM p.at - d.hour) / 3600 + 1               AS age_hours
FROM pairs AS p
LEFT JOIN sums AS s USING (model_id, scope_key)
LEFT JOIN competition.debuts AS d USING (model_id, scope_key)
ORDER BY p.model_id, p.scope_key
