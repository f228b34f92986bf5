-- How two entries fared on the rows that both answered or failed; a failed call is a wrong answer.
WITH judged AS (
    SELECT t.row_id,
           t.model_id || ':' || t.prompt_id                                                          AS entry,
           t.final_status = 'success' AND t.gold = t.predicted AND t.predicted <> 'unknown'          AS correct
    FROM evaluation.predictionstatus AS t
    WHERE (t.model_id, t.prompt_id) IN (
              (split_part(%(a)s, ':', 1)::integer, split_part(%(a)s, ':', 2)::integer),
              (split_part(%(b)s, ':', 1)::integer, split_part(%(b)s, ':', 2)::integer))
      AND (%(dataset_id)s::integer IS NULL OR t.dataset_id = %(dataset_id)s::integer)
      AND (t.final_status = 'failed' OR t.final_status = 'success' AND t.predicted IS NOT NULL)
)
SELECT count(*)                                            AS common,
       count(*) FILTER (WHERE a.correct AND b.correct)         AS both,
       count(*) FILTER (WHERE a.correct AND NOT b.correct)     AS only_a,
       count(*) FILTER (WHERE NOT a.correct AND b.correct)     AS only_b,
       count(*) FILTER (WHERE NOT a.correct AND NOT b.correct) AS neither
FROM judged AS a
JOIN judged AS b USING (row_id)
WHERE a.entry = %(a)s AND b.entry = %(b)s
