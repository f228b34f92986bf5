SELECT subject, "offset", parent_table, parent_key
  FROM ledger.parked
 WHERE topic = %s AND partition = %s
 ORDER BY "offset"
