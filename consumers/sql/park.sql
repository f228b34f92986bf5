INSERT INTO ledger.parked
       (topic, partition, "offset", append_time, key, value, headers, subject, parent_table, parent_key)
SELECT v.topic, v.partition, v."offset", v.append_time, v.key, v.value, v.headers::jsonb, v.subject, v.parent,
       v.parent_key
  FROM unnest(%(topics)s::text[], %(partitions)s::int[], %(offsets)s::bigint[], %(append_times)s::timestamptz[],
              %(keys)s::bytea[], %(values)s::bytea[], %(headers)s::text[], %(subjects)s::text[],
              %(parents)s::text[], %(parent_keys)s::jsonb[])
       AS v (topic, partition, "offset", append_time, key, value, headers, subject, parent, parent_key)
 ORDER BY v.topic, v.partition, v."offset"
ON CONFLICT (topic, partition, "offset") DO UPDATE
   SET parent_table = excluded.parent_table, parent_key = excluded.parent_key
