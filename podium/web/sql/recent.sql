-- The snapshots that came just before one of a board, newest first.
SELECT board, snapshot, as_of, cut_at
FROM ledger.published_snapshot
WHERE board = %(board)s AND (cut_at, snapshot) < (%(cut_at)s, %(snapshot)s)
ORDER BY cut_at DESC, snapshot DESC
LIMIT %(limit)s
