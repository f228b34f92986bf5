CREATE TRIGGER @{table}_900_outside_insert AFTER INSERT ON @{schema}.@{table}
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write(@{key_arguments});
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{table}_900_outside_insert;

CREATE TRIGGER @{table}_900_outside_update AFTER UPDATE ON @{schema}.@{table}
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write(@{key_arguments});
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{table}_900_outside_update;

CREATE TRIGGER @{table}_900_outside_delete AFTER DELETE ON @{schema}.@{table}
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write(@{key_arguments});
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{table}_900_outside_delete;

CREATE TRIGGER @{table}_900_outside_truncate AFTER TRUNCATE ON @{schema}.@{table}
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{table}_900_outside_truncate;
