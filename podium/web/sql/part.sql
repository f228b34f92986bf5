SELECT entries FROM ledger.snapshot_part WHERE board = %(board)s AND snapshot = %(snapshot)s AND part = %(part)s
