-- Runs of rebuilds, whole: who, when, why, up to where, what came of it.
SELECT * FROM ledger.rebuild
