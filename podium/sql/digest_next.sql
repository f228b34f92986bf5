-- The last key of so many rows; none where there are fewer.
SELECT {keys} FROM {table} WHERE {rows} ORDER BY {keys} OFFSET %(rows)s - 1 LIMIT 1
