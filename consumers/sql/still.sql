-- Which of these places are parked and not given up; locked, so that nobody gives them up meanwhile.
SELECT k.topic, k.partition, k."offset"
  FROM ledger.parked k
  JOIN unnest(%s::text[], %s::int[], %s::bigint[]) AS v (topic, partition, "offset")
    ON k.topic = v.topic AND k.partition = v.partition AND k."offset" = v."offset"
 WHERE k.held IS NULL
 ORDER BY k.topic, k.partition, k."offset"
   FOR UPDATE OF k
