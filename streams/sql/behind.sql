-- How many partitions the tables have not yet read up to the given ends.
SELECT count(*)
FROM unnest(%(topics)s::text[], %(partitions)s::integer[], %(ends)s::bigint[]) AS e (topic, partition, ends)
LEFT JOIN ledger.offset AS o USING (topic, partition)
WHERE coalesce(o.position, 0) < e.ends
