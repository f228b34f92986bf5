-- Rows that were put back to what the log says, the last ones first.
SELECT repaired_at, by, why, relation, key, before, after FROM ledger.repair ORDER BY repaired_at DESC, id DESC
