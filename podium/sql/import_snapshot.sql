INSERT INTO ledger.snapshot
SELECT * FROM json_populate_record(NULL::ledger.snapshot, %s::json)
