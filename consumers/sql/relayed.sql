UPDATE ledger.dead d
   SET relayed_at = clock_timestamp()
  FROM unnest(%(topics)s::text[], %(partitions)s::int[], %(offsets)s::bigint[]) AS v (topic, partition, "offset")
 WHERE d.topic = v.topic AND d.partition = v.partition AND d."offset" = v."offset" AND d.relayed_at IS NULL
