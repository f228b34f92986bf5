UPDATE ledger.dead d
   SET handled = v.operation, dropped_at = coalesce(v.dropped_at, d.dropped_at)
  FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::timestamptz[])
       AS v (topic, partition, "offset", operation, dropped_at)
 WHERE d.topic = v.topic AND d.partition = v.partition AND d."offset" = v."offset"
