-- One snapshot of a board.
SELECT *
FROM ledger.published_snapshot
WHERE board = %(board)s AND snapshot = %(snapshot)s::uuid
