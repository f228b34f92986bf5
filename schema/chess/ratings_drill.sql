-- The games of decided matches of one network, as candidate or opponent, with their places in the log.
SELECT g.place_offset * 64 + g.place_partition                        AS subject,
       CASE WHEN o.network_number IS NULL THEN 'network ' || o.id
            WHEN o.training_run_id <> 0 THEN o.training_run_id || '/' || o.network_number
            ELSE o.network_number::text END                           AS opponent,
       o.id::text                                                     AS opponent_entry,
       CASE g.result * m.side WHEN 1 THEN 'won' WHEN 0 THEN 'draw' ELSE 'lost' END   AS result,
       CASE WHEN g.candidate_is_white = (m.side = 1) THEN 'white' ELSE 'black' END   AS colour,
       lower(replace(g.detailed_outcome, '_', ' '))                   AS outcome,
       g.pair_key                                                     AS pair,
       g.seq                                                          AS game,
       g.task_id::text                                                AS match,
       g.played_at                                                    AS time,
       'chess.predictions'                                            AS topic,
       g.place_partition                                              AS partition,
       g.place_offset                                                 AS "offset"
FROM (
    SELECT task_id, 1 AS side, current_best_network_id AS opponent_id
    FROM chess.match_tasks
    WHERE done AND NOT special_params AND candidate_network_id = %(entry)s::bigint
    UNION ALL
    SELECT task_id, -1, candidate_network_id
    FROM chess.match_tasks
    WHERE done AND NOT special_params AND current_best_network_id = %(entry)s::bigint
      AND candidate_network_id <> %(entry)s::bigint
) AS m
JOIN chess.games AS g USING (task_id)
JOIN chess.networks AS o ON o.id = m.opponent_id
WHERE NOT g.late
  AND g.result IS NOT NULL
  AND g.place_offset IS NOT NULL
  AND (%(after)s::bigint IS NULL OR g.place_offset * 64 + g.place_partition > %(after)s::bigint)
ORDER BY 1
LIMIT %(limit)s
