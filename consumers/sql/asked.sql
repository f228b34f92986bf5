-- The newest operation on each record of our partitions that still has something to act upon; a slice by records and
-- by the bytes that carrying it out reads, at least one.
SELECT verb, place_offset, "by", why, asked_at, topic, partition, "offset", append_time, key, value, headers,
       truncated, reason
  FROM (SELECT sliced.*, sum(bytes) OVER (ORDER BY topic, partition, "offset") - bytes AS bytes_before
          FROM (SELECT *
                  FROM (SELECT DISTINCT ON (o.topic, o.partition, o."offset")
                               o.verb, o.place_offset, o."by", o.why, o.asked_at, o.topic, o.partition, o."offset",
                               coalesce(d.append_time, k.append_time) AS append_time,
                               coalesce(d.key, k.key) AS key, coalesce(d.value, k.value) AS value,
                               coalesce(d.headers, k.headers) AS headers, coalesce(d.truncated, false) AS truncated,
                               d.reason, coalesce(d.size, octet_length(k.value), 0) AS bytes
                          FROM ledger.operation o
                          LEFT JOIN ledger.dead d
                            ON o.verb <> 'expire' AND d.handled < o.place_offset
                               AND d.topic = o.topic AND d.partition = o.partition AND d."offset" = o."offset"
                          LEFT JOIN ledger.parked k
                            ON o.verb = 'expire' AND k.topic = o.topic AND k.partition = o.partition
                               AND k."offset" = o."offset"
                         WHERE o.place_offset > %s
                           AND (o.topic, o.partition) IN (SELECT * FROM unnest(%s::text[], %s::int[]))
                           AND num_nonnulls(d.topic, k.topic) > 0
                         ORDER BY o.topic, o.partition, o."offset", o.place_offset DESC) newest
                 ORDER BY topic, partition, "offset"
                 LIMIT %s) sliced) summed
 WHERE bytes_before < %s
 ORDER BY topic, partition, "offset"
