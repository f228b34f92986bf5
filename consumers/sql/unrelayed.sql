-- The next dead letters that their topic has not acknowledged, after a place.
SELECT topic, partition, "offset", append_time, died_at, key, value, headers, reason, sqlstate, message
  FROM ledger.dead
 WHERE relayed_at IS NULL AND (topic, partition, "offset") > (%(topic)s, %(partition)s, %(offset)s)
 ORDER BY topic, partition, "offset"
 LIMIT %(limit)s
