DELETE FROM ledger.parked k
 USING unnest(%s::text[], %s::int[], %s::bigint[]) AS v (topic, partition, "offset")
 WHERE k.topic = v.topic AND k.partition = v.partition AND k."offset" = v."offset"
