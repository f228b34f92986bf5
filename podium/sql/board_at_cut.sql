-- The snapshot of a board that was cut at exactly these offsets.
SELECT *
FROM ledger.published_snapshot
WHERE board = %(board)s AND cut = %(cut)s
ORDER BY cut_at DESC
LIMIT 1
