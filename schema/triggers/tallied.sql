CREATE TRIGGER @{trigger} BEFORE UPDATE OF @{columns} ON @{schema}.@{table}
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{trigger};
