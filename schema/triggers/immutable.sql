CREATE TRIGGER @{trigger} BEFORE UPDATE OF @{columns} ON @{schema}.@{table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{trigger};
