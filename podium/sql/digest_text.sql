-- How many rows, and a digest of their canonical text in the order of their keys.
SELECT count(*), coalesce(md5(string_agg(md5(ROW({columns})::text), '' ORDER BY {keys})), '')
  FROM {table}
 WHERE {rows}
