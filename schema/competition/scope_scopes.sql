-- A board for every scope that has a score; the index is hopped through, not read.
WITH RECURSIVE scopes AS (
    (SELECT scope_key FROM competition.debuts ORDER BY scope_key LIMIT 1)
    UNION ALL
    SELECT (SELECT d.scope_key FROM competition.debuts AS d WHERE d.scope_key > s.scope_key ORDER BY d.scope_key LIMIT 1)
    FROM scopes AS s
    WHERE s.scope_key IS NOT NULL
)
SELECT scope_key                                         AS id,
       scope_key                                         AS title,
       jsonb_build_object('scope_key', scope_key)        AS parameters
FROM scopes
WHERE scope_key IS NOT NULL
ORDER BY scope_key
