-- The snapshot of a board that was cut at exactly these offsets.
SELECT board, snapshot, as_of, cut_at
FROM ledger.published_snapshot
WHERE board = %(board)s AND cut = %(cut)s::jsonb
ORDER BY cut_at DESC
LIMIT 1
