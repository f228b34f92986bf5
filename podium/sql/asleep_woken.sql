DELETE FROM ledger.asleep WHERE relation = %s AND name = %s
