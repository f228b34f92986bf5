-- Where the tables stand in some topics, with the counts that must add up.
SELECT topic, partition, position, topic_id, read, applied, parked, released, dead, event_time::text
  FROM ledger.offset
 WHERE topic = ANY(%s)
 ORDER BY topic, partition
