-- The canonical entries of one part of a snapshot; part 0 is the snapshot itself, where it is in one.
SELECT entries FROM ledger.snapshot WHERE board = %(board)s AND snapshot = %(snapshot)s AND %(part)s = 0
UNION ALL
SELECT entries FROM ledger.snapshot_part WHERE board = %(board)s AND snapshot = %(snapshot)s AND part = %(part)s
