-- The newest snapshot of a board.
SELECT cut_at, cut, digest
FROM ledger.snapshot
WHERE board = %(board)s
ORDER BY cut_at DESC, snapshot DESC
LIMIT 1
