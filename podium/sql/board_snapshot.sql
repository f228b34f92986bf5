-- One snapshot of a board.
SELECT *
FROM ledger.snapshot
WHERE board = %(board)s AND snapshot = %(snapshot)s::uuid
