SELECT topic, partition, "offset"
  FROM ledger.operation
 WHERE verb = 'expire' AND (topic, partition) IN (SELECT * FROM unnest(%s::text[], %s::int[]))
