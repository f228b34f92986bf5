INSERT INTO ledger.offset
       (topic, partition, position, topic_id, read, applied, parked, released, dead, event_time, epoch)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0)
