-- A board for every job type, metric, definition and data set with a completed job, where more is better.
SELECT concat_ws('-', j.type, s.metric, s.definition, j.dataset_id)                 AS id,
       format('%s, %s (%s), definition %s, on %s', j.type, s.metric, f.unit, s.definition, d.name) AS title,
       jsonb_build_object(
           'type', j.type, 'metric', s.metric, 'definition', s.definition, 'dataset_id', j.dataset_id) AS parameters
FROM seismic.summaries AS s
JOIN seismic.jobs AS j ON j.id = s.job_id AND j.attempt = s.attempt AND j.status = 'completed'
JOIN seismic.datasets AS d ON d.id = j.dataset_id AND d.user_id = j.user_id AND d.job_id IS NULL
JOIN seismic.definitions AS f USING (metric, definition)
WHERE f.direction = 'up'
GROUP BY j.type, s.metric, s.definition, j.dataset_id, f.unit, d.name
ORDER BY j.type, s.metric, s.definition, j.dataset_id
