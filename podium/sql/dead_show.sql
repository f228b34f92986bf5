SELECT topic, partition, "offset", append_time, died_at, relayed_at, dropped_at, handled, reason, sqlstate, type,
       message, size, digest, truncated, key, value, headers
  FROM ledger.dead
 WHERE topic = %(topic)s AND partition = %(partition)s AND "offset" = %(offset)s
