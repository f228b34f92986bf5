-- The parts of a snapshot in which a piece of JSON stands.
SELECT part
FROM ledger.snapshot_part
WHERE board = %(board)s AND snapshot = %(snapshot)s AND position(%(piece)s IN entries) > 0
ORDER BY part
LIMIT 10
