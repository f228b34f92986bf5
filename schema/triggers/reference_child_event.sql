CREATE TRIGGER @{trigger}@{suffix} AFTER @{event} ON @{schema}.@{table}
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT @{when}EXECUTE FUNCTION @{schema}.@{trigger}();
ALTER TABLE @{schema}.@{table} ENABLE ALWAYS TRIGGER @{trigger}@{suffix};
