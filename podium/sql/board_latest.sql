-- The newest snapshot of every board: one index descent a board, whatever the number of snapshots.
WITH RECURSIVE boards AS (
    (SELECT board FROM ledger.snapshot ORDER BY board LIMIT 1)
    UNION ALL
    SELECT (SELECT s.board FROM ledger.snapshot AS s WHERE s.board > b.board ORDER BY s.board LIMIT 1)
    FROM boards AS b
    WHERE b.board IS NOT NULL
)
SELECT newest.*
FROM boards AS b
CROSS JOIN LATERAL (
    SELECT board, snapshot, as_of, cut_at, cut, rule, digest, parts, place_partition, place_offset,
           CASE WHEN %(whole)s THEN entries ELSE '' END AS entries
    FROM ledger.published_snapshot AS s
    WHERE s.board = b.board
    ORDER BY s.cut_at DESC, s.snapshot DESC
    LIMIT 1
) AS newest
ORDER BY newest.board
