-- The next dead letters that their topic has not acknowledged, after a place: a slice by records and by bytes, at least
-- one.
SELECT topic, partition, "offset", append_time, died_at, key, value, headers, reason, sqlstate, message, size, digest,
       truncated
  FROM (SELECT d.*, sum(coalesce(octet_length(value), 0)) OVER (ORDER BY topic, partition, "offset")
                    - coalesce(octet_length(value), 0) AS bytes_before
          FROM (SELECT *
                  FROM ledger.dead
                 WHERE relayed_at IS NULL AND (topic, partition, "offset") > (%(topic)s, %(partition)s, %(offset)s)
                 ORDER BY topic, partition, "offset"
                 LIMIT %(limit)s) d) summed
 WHERE bytes_before < %(bytes)s
 ORDER BY topic, partition, "offset"
