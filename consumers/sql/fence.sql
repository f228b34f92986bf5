-- Lock the positions of a batch and count those that still are where we left them, under our epoch.
SELECT count(*)
  FROM (SELECT 1
          FROM ledger.offset o
          JOIN unnest(%(topics)s::text[], %(partitions)s::int[], %(positions)s::bigint[], %(epochs)s::bigint[])
               AS v (topic, partition, position, epoch)
            ON o.topic = v.topic AND o.partition = v.partition AND o.position = v.position AND o.epoch = v.epoch
         ORDER BY o.topic, o.partition
           FOR UPDATE OF o) AS held
