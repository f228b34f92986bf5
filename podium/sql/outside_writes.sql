-- Writes that did not come through the log, by table, kind and who made them.
SELECT relation, statement, role, coalesce(application, '') AS application, count(*) AS writes,
       sum(rows)::bigint AS rows, max(written_at) AS last,
       (array_agg(keys ORDER BY written_at DESC, id DESC))[1] AS keys
  FROM ledger.outside_write
 GROUP BY relation, statement, role, coalesce(application, '')
 ORDER BY last DESC
 LIMIT 50
