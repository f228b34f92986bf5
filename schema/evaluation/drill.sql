-- The final predictions behind one entry, row by row, with the places of their records in the log.
SELECT t.row_id                                                          AS subject,
       t.row_id::text                                                    AS row,
       d.name                                                            AS data_set,
       r.content                                                         AS text,
       coalesce(t.gold, evaluation.label(r.expected_prediction))         AS gold,
       coalesce(t.predicted, evaluation.label(p.prediction))             AS predicted,
       CASE WHEN t.final_status = 'failed' THEN 0 ELSE (t.gold = t.predicted AND t.gold <> 'unknown')::integer END
                                                                         AS correct,
       p.status,
       p.error_kind,
       p.attempt,
       p.prediction_time                                                 AS latency_seconds,
       p.predicted_at                                                    AS time,
       'evaluation.predictions'                                          AS topic,
       p.place_partition                                                 AS partition,
       p.place_offset                                                    AS "offset",
       s.place_partition                                                 AS score_partition,
       s.place_offset                                                    AS score_offset
FROM evaluation.predictionstatus AS t
JOIN evaluation.rows AS r USING (row_id)
JOIN evaluation.datasets AS d ON d.dataset_id = t.dataset_id
JOIN evaluation.predictions AS p
  ON (p.model_id, p.prompt_id, p.row_id, p.attempt) = (t.model_id, t.prompt_id, t.row_id, t.final_attempt)
LEFT JOIN evaluation.scores AS s
  ON (s.model_id, s.prompt_id, s.row_id, s.attempt, s.truth_version)
     = (t.model_id, t.prompt_id, t.row_id, t.final_attempt, t.truth_version)
 AND s.prediction_digest = t.final_digest
WHERE t.model_id = split_part(%(entry)s, ':', 1)::integer
  AND t.prompt_id = split_part(%(entry)s, ':', 2)::integer
  AND (%(dataset_id)s::integer IS NULL OR t.dataset_id = %(dataset_id)s::integer)
  AND t.final_status IS NOT NULL
  AND (%(after)s::bigint IS NULL OR t.row_id > %(after)s::bigint)
ORDER BY t.row_id
LIMIT %(limit)s
