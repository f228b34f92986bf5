INSERT INTO ledger.dead
       (topic, partition, "offset", append_time, key, value, headers, size, digest, truncated, type, reason, sqlstate,
        message)
SELECT v.topic, v.partition, v."offset", v.append_time, v.key, v.value, v.headers::jsonb, v.size, v.digest, v.truncated,
       v.type, v.reason, v.sqlstate, v.message
  FROM unnest(%(topics)s::text[], %(partitions)s::int[], %(offsets)s::bigint[], %(append_times)s::timestamptz[],
              %(keys)s::bytea[], %(values)s::bytea[], %(headers)s::text[], %(sizes)s::bigint[], %(digests)s::text[],
              %(truncated)s::bool[], %(types)s::text[], %(reasons)s::text[], %(sqlstates)s::text[],
              %(messages)s::text[])
       AS v (topic, partition, "offset", append_time, key, value, headers, size, digest, truncated, type, reason,
             sqlstate, message)
 ORDER BY v.topic, v.partition, v."offset"
ON CONFLICT (topic, partition, "offset") DO UPDATE
   SET type = excluded.type, reason = excluded.reason, sqlstate = excluded.sqlstate, message = excluded.message,
       died_at = clock_timestamp()
 WHERE dead.handled >= 0
