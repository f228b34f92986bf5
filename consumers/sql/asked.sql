-- The newest operation on each record of our partitions that still has something to act upon.
SELECT *
  FROM (SELECT DISTINCT ON (o.topic, o.partition, o."offset")
               o.verb, o.place_offset, o."by", o.why, o.asked_at, o.topic, o.partition, o."offset",
               coalesce(d.append_time, k.append_time), coalesce(d.key, k.key), coalesce(d.value, k.value),
               coalesce(d.headers, k.headers)
          FROM ledger.operation o
          LEFT JOIN ledger.dead d
            ON o.verb <> 'expire' AND d.handled < o.place_offset
               AND d.topic = o.topic AND d.partition = o.partition AND d."offset" = o."offset"
          LEFT JOIN ledger.parked k
            ON o.verb = 'expire' AND k.topic = o.topic AND k.partition = o.partition AND k."offset" = o."offset"
         WHERE o.place_offset > %s AND (o.topic, o.partition) IN (SELECT * FROM unnest(%s::text[], %s::int[]))
           AND num_nonnulls(d.topic, k.topic) > 0
         ORDER BY o.topic, o.partition, o."offset", o.place_offset DESC) newest
 ORDER BY topic, partition, "offset"
 LIMIT %s
