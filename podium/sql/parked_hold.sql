-- Hold parked events back from being released; who is held already keeps the request.
UPDATE ledger.parked k
   SET held = coalesce(k.held, gen_random_uuid())
 WHERE (%(topic)s::text IS NULL OR k.topic = %(topic)s)
   AND (%(partition)s::int IS NULL OR k.partition = %(partition)s)
   AND (%(offset)s::bigint IS NULL OR k."offset" = %(offset)s)
RETURNING k.topic, k.partition, k."offset", k.held AS request
