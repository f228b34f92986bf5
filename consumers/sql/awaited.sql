SELECT DISTINCT parent_table
  FROM ledger.parked
 WHERE (topic, partition) IN (SELECT * FROM unnest(%s::text[], %s::int[]))
