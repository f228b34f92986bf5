-- The tallies of every job of a data set, or of all of them: one row a model, prompt and data set.
SELECT j.model_id,
       j.prompt_id,
       j.dataset_id,
       m.name          AS model,
       d.labels,
       j.status,
       j.total_rows,
       j.count         AS done,
       j.failed,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(c.gold, c.predicted, c.n) ORDER BY c.gold, c.predicted), '[]')
        FROM evaluation.confusion AS c
        WHERE (c.model_id, c.prompt_id, c.dataset_id) = (j.model_id, j.prompt_id, j.dataset_id)) AS confusion,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(l.bucket, l.n) ORDER BY l.bucket), '[]')
        FROM evaluation.latency AS l
        WHERE (l.model_id, l.prompt_id, l.dataset_id) = (j.model_id, j.prompt_id, j.dataset_id)) AS latency
FROM evaluation.modelpromptstatus AS j
JOIN evaluation.models AS m USING (model_id)
JOIN evaluation.datasets AS d USING (dataset_id)
WHERE %(dataset_id)s::integer IS NULL OR j.dataset_id = %(dataset_id)s::integer
ORDER BY j.model_id, j.prompt_id, j.dataset_id
