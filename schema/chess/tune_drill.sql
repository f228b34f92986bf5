-- The games of one parameter set, with their places in the log.
SELECT g.place_offset                           AS subject,
       g.pair_key, g.seq, g.result, g.candidate_is_white, g.detailed_outcome, g.crash_type,
       g.played_at                              AS time,
       'chess.predictions'                      AS topic,
       g.place_partition                        AS partition,
       g.place_offset                           AS "offset"
FROM chess.game_results AS g
WHERE g.task_id = %(task_id)s::bigint
  AND g.param_set_id = %(entry)s
  AND g.place_offset IS NOT NULL
  AND (%(after)s::bigint IS NULL OR g.place_offset > %(after)s::bigint)
ORDER BY g.place_offset
LIMIT %(limit)s
