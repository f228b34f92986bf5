-- The snapshot of a board that was cut at exactly these offsets.
SELECT board, snapshot, as_of, cut_at, cut, rule, digest, parts, place_partition, place_offset,
       CASE WHEN %(whole)s THEN entries ELSE '' END AS entries
FROM ledger.published_snapshot
WHERE board = %(board)s AND cut = %(cut)s
ORDER BY cut_at DESC
LIMIT 1
