-- The key of each row and a digest of its canonical text.
SELECT {keys}, md5(ROW({columns})::text) FROM {table} WHERE {rows}
