-- Move positions by compare-and-set and add what the batch came to; the row count says whether all were still ours.
UPDATE ledger.offset o
   SET position = v.next, read = o.read + v.read, applied = o.applied + v.applied, parked = o.parked + v.parked,
       released = o.released + v.released, dead = o.dead + v.dead,
       leader_epoch = coalesce(v.leader_epoch, o.leader_epoch),
       event_time = greatest(o.event_time, v.event_time), updated_at = clock_timestamp()
  FROM unnest(%(topics)s::text[], %(partitions)s::int[], %(positions)s::bigint[], %(epochs)s::bigint[],
              %(nexts)s::bigint[], %(reads)s::bigint[], %(applieds)s::bigint[], %(parkeds)s::bigint[],
              %(releaseds)s::bigint[], %(deads)s::bigint[], %(leader_epochs)s::int[], %(event_times)s::timestamptz[])
       AS v (topic, partition, position, epoch, next, read, applied, parked, released, dead, leader_epoch, event_time)
 WHERE o.topic = v.topic AND o.partition = v.partition AND o.position = v.position AND o.epoch = v.epoch
