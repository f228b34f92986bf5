-- The newest snapshot of a board that was cut at or before a moment.
SELECT board, snapshot, as_of, cut_at
FROM ledger.published_snapshot
WHERE board = %(board)s AND cut_at <= %(moment)s
ORDER BY cut_at DESC, snapshot DESC
LIMIT 1
