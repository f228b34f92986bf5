-- How two models fared in the rounds in which both have a score that counts.
SELECT count(*)                                                   AS common,
       count(*) FILTER (WHERE a.score_value = b.score_value)      AS both,
       count(*) FILTER (WHERE a.score_value > b.score_value)      AS only_a,
       count(*) FILTER (WHERE a.score_value < b.score_value)      AS only_b
FROM competition.predictions AS a
JOIN competition.predictions AS b USING (prediction_config_id, performed_at)
WHERE a.model_id = %(a)s
  AND b.model_id = %(b)s
  AND a.score_value IS NOT NULL
  AND b.score_value IS NOT NULL
  AND (%(scope_key)s::text IS NULL OR a.scope_key = %(scope_key)s::text)
