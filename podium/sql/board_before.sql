-- The snapshot that came just before another.
SELECT *
FROM ledger.published_snapshot
WHERE board = %(board)s AND (cut_at, snapshot) < (%(cut_at)s, %(snapshot)s)
ORDER BY cut_at DESC, snapshot DESC
LIMIT 1
