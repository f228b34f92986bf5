-- The scored predictions of one entry, with the places of their records in the log.
SELECT p.id                                                       AS subject,
       p.scope_key                                                AS scope,
       p.performed_at                                             AS round,
       p.score_value                                              AS score,
       j.value                                                    AS measured,
       lower(p.status)                                            AS status,
       p.score_failed_reason                                      AS reason,
       p.exec_time_ms / 1000.0                                    AS run_seconds,
       p.answered_at                                              AS time,
       'competition.predictions'                                  AS topic,
       p.place_partition                                          AS partition,
       p.place_offset                                             AS "offset",
       j.place_partition                                          AS score_partition,
       j.place_offset                                             AS score_offset
FROM competition.predictions AS p
LEFT JOIN competition.judgements AS j ON j.prediction_id = p.id AND j.prediction_digest = p.digest
WHERE p.model_id = %(entry)s
  AND (%(scope_key)s::text IS NULL OR p.scope_key = %(scope_key)s::text)
  AND p.score_scored_at IS NOT NULL
  AND (%(after)s::text IS NULL OR p.id > %(after)s::text)
ORDER BY p.id
LIMIT %(limit)s
