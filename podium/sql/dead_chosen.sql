-- Open dead letters to decide about, in log order.
SELECT d.topic, d.partition, d."offset"
  FROM ledger.dead d
 WHERE (%(topic)s::text IS NULL OR d.topic = %(topic)s)
   AND (%(partition)s::int IS NULL OR d.partition = %(partition)s)
   AND (%(offset)s::bigint IS NULL OR d."offset" = %(offset)s)
   AND (%(reason)s::text IS NULL OR d.reason = %(reason)s)
   AND d.dropped_at IS NULL AND (%(again)s OR d.handled < 0)
 ORDER BY d.topic, d.partition, d."offset"
 LIMIT %(limit)s
