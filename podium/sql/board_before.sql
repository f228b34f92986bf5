-- The snapshot that came just before another.
SELECT board, snapshot, as_of, cut_at, cut, rule, digest, parts, place_partition, place_offset,
       CASE WHEN %(whole)s THEN entries ELSE '' END AS entries
FROM ledger.published_snapshot
WHERE board = %(board)s AND (cut_at, snapshot) < (%(cut_at)s, %(snapshot)s)
ORDER BY cut_at DESC, snapshot DESC
LIMIT 1
