REVOKE SELECT ON ledger.parked, ledger.dead, ledger.operation, ledger.outside_write, ledger.repair FROM podium_reader;

ALTER VIEW replays.jobs_over_rate SET (security_invoker = true);
