-- Where the tables stand in each partition, and what became of all that was read.
SELECT topic, partition, position, topic_id, read, applied, parked, released, dead, event_time, updated_at, owner
  FROM ledger.offset
 ORDER BY topic, partition
