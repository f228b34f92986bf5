CREATE TEMP TABLE {stand_in} (LIKE {table});
CREATE TEMP VIEW {heard} AS SELECT * FROM {table} WHERE {place} = {partition};
GRANT SELECT ON {heard} TO PUBLIC;
CREATE TRIGGER {trigger} AFTER INSERT ON {stand_in} FOR EACH STATEMENT EXECUTE FUNCTION {function}();
-- No row, but a statement: that is what the trigger fires after.
INSERT INTO {stand_in} SELECT * FROM {stand_in}
