INSERT INTO ledger.snapshot_part (board, snapshot, part, entries_count, entries)
VALUES (%s, %s, %s, %s, %s)
