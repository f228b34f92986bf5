ALTER VIEW replays.jobs_over_rate RESET (security_invoker);

GRANT SELECT ON ledger.parked, ledger.dead, ledger.operation, ledger.outside_write, ledger.repair TO podium_reader;
