DROP TABLE ledger.repair;
DROP TABLE ledger.rebuild;
