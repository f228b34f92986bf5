-- The newest snapshot of every board: one index descent a board, whatever the number of snapshots.
WITH RECURSIVE boards AS (
    (SELECT board FROM ledger.snapshot ORDER BY board LIMIT 1)
    UNION ALL
    SELECT (SELECT s.board FROM ledger.snapshot AS s WHERE s.board > b.board ORDER BY s.board LIMIT 1)
    FROM boards AS b
    WHERE b.board IS NOT NULL
)
SELECT newest.board, newest.snapshot, newest.as_of, newest.cut_at
FROM boards AS b
CROSS JOIN LATERAL (
    SELECT s.board, s.snapshot, s.as_of, s.cut_at
    FROM ledger.published_snapshot AS s
    WHERE s.board = b.board
    ORDER BY s.cut_at DESC, s.snapshot DESC
    LIMIT 1
) AS newest
ORDER BY newest.board
