-- Parked events, the oldest first.
SELECT k.topic, k.partition, k."offset", k.parked_at, k.parent_table AS waits_for, k.parent_key AS key,
       k.held IS NOT NULL AS given_up
  FROM ledger.parked k
 WHERE (%(topic)s::text IS NULL OR k.topic = %(topic)s)
 ORDER BY k.parked_at, k.topic, k.partition, k."offset"
 LIMIT %(limit)s
