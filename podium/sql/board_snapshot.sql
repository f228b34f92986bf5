-- One snapshot of a board.
SELECT board, snapshot, as_of, cut_at, cut, rule, digest, parts, place_partition, place_offset,
       CASE WHEN %(whole)s THEN entries ELSE '' END AS entries
FROM ledger.published_snapshot
WHERE board = %(board)s AND snapshot = %(snapshot)s::uuid
