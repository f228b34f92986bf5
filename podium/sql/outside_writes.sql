-- Writes that did not come through the log, by table, kind and who made them.
SELECT relation, statement, role, coalesce(application, '') AS application, count(*) AS writes,
       sum(rows)::bigint AS rows, max(written_at) AS last
  FROM ledger.outside_write
 GROUP BY relation, statement, role, coalesce(application, '')
 ORDER BY last DESC
 LIMIT 50
