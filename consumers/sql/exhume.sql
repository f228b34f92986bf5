DELETE FROM ledger.dead d
 USING unnest(%s::text[], %s::int[], %s::bigint[]) AS v (topic, partition, "offset")
 WHERE d.topic = v.topic AND d.partition = v.partition AND d."offset" = v."offset"
