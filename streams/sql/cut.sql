-- How far the tables have read each partition, and the append time of the last record there.
SELECT topic, partition, position, event_time
FROM ledger.offset
WHERE topic = ANY(%(topics)s)
