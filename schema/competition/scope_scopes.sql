-- A board for every scope that has a score; the index is hopped through, not read.
WITH RECURSIVE scopes AS (
    (SELECT scope_key FROM competition.debuts ORDER BY scope_key LIMIT 1)
    UNION ALL
    SELECT (SELECT d.scope_key FROM competition.debuts AS d WHERE d.scope_key > s.scope_key ORDER BY d.scope_key LIMIT 1)
    FROM scopes AS s
    WHERE s.scope_key IS NOT NULL
)
SELECT s.scope_key                                       AS id,
       coalesce(c.title, 'Scope ' || s.scope_key)        AS title,
       jsonb_build_object('scope_key', s.scope_key)      AS parameters
FROM scopes AS s
LEFT JOIN LATERAL (
    SELECT coalesce(nullif(left(c.meta_jsonb ->> 'title', 200), ''), concat_ws(', ',
               coalesce(c.scope_template_jsonb ->> 'asset', c.scope_template_jsonb ->> 'station'),
               CASE WHEN mod(c.seconds, 86400) = 0 THEN c.seconds / 86400 || ' d ahead'
                    WHEN mod(c.seconds, 3600) = 0 THEN c.seconds / 3600 || ' h ahead'
                    WHEN mod(c.seconds, 60) = 0 THEN c.seconds / 60 || ' min ahead'
                    ELSE c.seconds || ' s ahead' END))   AS title
    FROM (
        SELECT d.id, d.meta_jsonb, d.scope_template_jsonb,
               CASE WHEN d.scope_template_jsonb ->> 'horizon' ~ '^[1-9][0-9]{0,8}$'
                    THEN (d.scope_template_jsonb ->> 'horizon')::integer END AS seconds
        FROM competition.scheduled_prediction_configs AS d
        WHERE d.scope_key = s.scope_key
    ) AS c
    WHERE c.meta_jsonb ->> 'title' <> '' OR c.seconds IS NOT NULL AND c.scope_template_jsonb ?| ARRAY['asset', 'station']
    ORDER BY c.id
    LIMIT 1
) AS c ON true
WHERE s.scope_key IS NOT NULL
ORDER BY s.scope_key
