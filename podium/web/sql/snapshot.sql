SELECT board, snapshot, as_of, cut_at, cut, rule, digest, entries
FROM ledger.snapshot
WHERE board = %(board)s AND snapshot = ANY(%(snapshots)s)
