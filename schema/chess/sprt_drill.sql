-- The games of one test, late ones among them, with their places in the log.
SELECT g.place_offset                           AS subject,
       CASE g.result WHEN 1 THEN 'won' WHEN 0 THEN 'draw' WHEN -1 THEN 'lost' ELSE 'crashed' END   AS candidate,
       CASE WHEN g.candidate_is_white THEN 'white' ELSE 'black' END                                AS colour,
       coalesce(lower(replace(g.detailed_outcome, '_', ' ')), lower(g.crash_type))                 AS outcome,
       g.late,
       g.pair_key                               AS pair,
       g.seq                                    AS game,
       g.assignment_id::text                    AS assignment,
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
