-- The newest snapshot of a board, or the newest that was cut at or before a moment.
SELECT board, snapshot, as_of, cut_at, cut, rule, digest, parts, place_partition, place_offset,
       CASE WHEN %(whole)s THEN entries ELSE '' END AS entries
FROM ledger.published_snapshot
WHERE board = %(board)s
  AND (%(moment)s::timestamptz IS NULL OR cut_at <= %(moment)s::timestamptz)
ORDER BY cut_at DESC, snapshot DESC
LIMIT 1
