-- Dead letters by reason, the newest place of each.
SELECT d.topic, d.reason, count(*) AS letters, count(*) FILTER (WHERE d.relayed_at IS NULL) AS unrelayed,
       max(d.died_at) AS last
  FROM ledger.dead d
 WHERE d.dropped_at IS NULL
 GROUP BY d.topic, d.reason
 ORDER BY letters DESC, d.topic, d.reason
