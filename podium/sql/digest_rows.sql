-- How many rows, and what they hash to in any order: sums and exclusive ors of a hash of each.
SELECT count(*), coalesce(sum(h), 0)::text, coalesce(bit_xor(h), 0)
  FROM (SELECT hash_record_extended(ROW({columns}), 0) AS h FROM {table} WHERE {rows}) AS hashed
