SELECT to_regclass('ledger.snapshot') IS NOT NULL AS migrated
