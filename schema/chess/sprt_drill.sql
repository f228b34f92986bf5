-- The games of one test, late ones among them, with their places in the log.
SELECT g.place_offset                           AS subject,
       g.pair_key, g.seq, g.result, g.candidate_is_white, g.detailed_outcome, g.crash_type, g.late,
       g.assignment_id,
       g.played_at                              AS time,
       'chess.predictions'                      AS topic,
       g.place_partition                        AS partition,
       g.place_offset                           AS "offset"
FROM chess.games AS g
WHERE g.task_id = %(entry)s::bigint
  AND g.place_offset IS NOT NULL
  AND (%(after)s::bigint IS NULL OR g.place_offset > %(after)s::bigint)
ORDER BY g.place_offset
LIMIT %(limit)s
