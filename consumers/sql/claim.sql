-- Take partitions over: a new epoch fences whoever held them. A row comes back for each partition that is ours now.
WITH mine AS (
    SELECT v.topic, v.partition, v.topic_id, v.epoch
      FROM unnest(%(topics)s::text[], %(partitions)s::int[], %(topic_ids)s::text[], %(epochs)s::bigint[])
           AS v (topic, partition, topic_id, epoch)
     ORDER BY v.topic, v.partition
)
INSERT INTO ledger.offset AS o (topic, partition, position, epoch, topic_id, owner)
SELECT topic, partition, 0, epoch, topic_id, %(owner)s FROM mine
ON CONFLICT (topic, partition) DO UPDATE
   SET epoch = excluded.epoch, owner = excluded.owner, updated_at = clock_timestamp()
 WHERE o.topic_id = excluded.topic_id AND o.epoch < excluded.epoch
RETURNING o.topic, o.partition, o.position, o.epoch, o.leader_epoch
