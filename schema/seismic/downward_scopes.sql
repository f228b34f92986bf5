-- A board for every job type, metric, definition and data set with a completed job, where less is better.
SELECT concat_ws('-', j.type, s.metric, s.definition, j.dataset_id)                 AS id,
       initcap(left(j.type, 1)) || substr(j.type, 2) || ', '
           || regexp_replace(regexp_replace(replace(s.metric, '_', ' '), ' db$', ''),
                             '^(snr|psnr|rmse|mse|mae)\M', upper(split_part(s.metric, '_', 1)))
           || CASE WHEN s.definition > 1 THEN ' (definition ' || s.definition || ')' ELSE '' END
           || ', ' || d.name                                                        AS title,
       f.unit,
       jsonb_build_object(
           'type', j.type, 'metric', s.metric, 'definition', s.definition, 'dataset_id', j.dataset_id) AS parameters
FROM seismic.summaries AS s
JOIN seismic.jobs AS j ON j.id = s.job_id AND j.attempt = s.attempt AND j.status = 'completed'
JOIN seismic.datasets AS d ON d.id = j.dataset_id AND d.user_id = j.user_id AND d.job_id IS NULL
JOIN seismic.definitions AS f USING (metric, definition)
WHERE f.direction = 'down'
GROUP BY j.type, s.metric, s.definition, j.dataset_id, f.unit, d.name
ORDER BY j.type, s.metric, s.definition, j.dataset_id
