-- The games of decided matches of one network, as candidate or opponent, with their places in the log.
SELECT g.place_offset * 64 + g.place_partition                        AS subject,
       g.task_id::text                                                AS task,
       m.candidate_network_id::text                                   AS candidate,
       m.current_best_network_id::text                                AS opponent,
       g.pair_key, g.seq, g.result, g.candidate_is_white, g.detailed_outcome,
       g.played_at                                                    AS time,
       'chess.predictions'                                            AS topic,
       g.place_partition                                              AS partition,
       g.place_offset                                                 AS "offset"
FROM chess.match_tasks AS m
JOIN chess.games AS g USING (task_id)
WHERE m.done
  AND NOT m.special_params
  AND %(entry)s::bigint IN (m.candidate_network_id, m.current_best_network_id)
  AND NOT g.late
  AND g.result IS NOT NULL
  AND g.place_offset IS NOT NULL
  AND (%(after)s::bigint IS NULL OR g.place_offset * 64 + g.place_partition > %(after)s::bigint)
ORDER BY 1
LIMIT %(limit)s
