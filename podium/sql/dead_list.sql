-- Dead letters, the newest first.
SELECT d.topic, d.partition, d."offset", d.died_at, d.reason, d.sqlstate, d.type, d.size, d.message
  FROM ledger.dead d
 WHERE (%(topic)s::text IS NULL OR d.topic = %(topic)s) AND (%(reason)s::text IS NULL OR d.reason = %(reason)s)
   AND d.dropped_at IS NULL
 ORDER BY d.died_at DESC, d.topic, d.partition, d."offset" DESC
 LIMIT %(limit)s
