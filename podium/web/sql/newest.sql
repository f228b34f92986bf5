SELECT board, snapshot, as_of, cut_at
FROM ledger.published_snapshot
WHERE board = %(board)s
ORDER BY cut_at DESC, snapshot DESC
LIMIT 1
