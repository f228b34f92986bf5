-- How two entries fared on the traces that both returned with a finite figure, in the metric's direction.
WITH newest AS (
    SELECT DISTINCT ON (j.model_id, j.dataset_id) j.id, j.attempt, j.dataset_id, m.name || '@' || m.version AS entry
    FROM seismic.jobs AS j
    JOIN seismic.models AS m ON m.id = j.model_id
    JOIN seismic.datasets AS d ON d.id = j.dataset_id AND d.user_id = j.user_id AND d.job_id IS NULL
    JOIN seismic.summaries AS s
      ON s.job_id = j.id AND s.attempt = j.attempt AND s.metric = %(metric)s AND s.definition = %(definition)s::integer
    WHERE m.name || '@' || m.version IN (%(a)s, %(b)s)
      AND j.type = %(type)s
      AND j.status = 'completed'
      AND (%(dataset_id)s::uuid IS NULL OR j.dataset_id = %(dataset_id)s::uuid)
    ORDER BY j.model_id, j.dataset_id, j.completed_at DESC, j.id
),
figures AS (
    SELECT w.entry, w.dataset_id, x.trace, CASE f.direction WHEN 'up' THEN x.value ELSE -x.value END AS goodness
    FROM newest AS w
    JOIN seismic.measurements AS x
      ON x.job_id = w.id AND x.attempt = w.attempt AND x.metric = %(metric)s AND x.definition = %(definition)s::integer
    JOIN seismic.definitions AS f USING (metric, definition)
    WHERE x.value IS NOT NULL
)
SELECT count(*)                                          AS common,
       count(*) FILTER (WHERE a.goodness > b.goodness)   AS only_a,
       count(*) FILTER (WHERE a.goodness < b.goodness)   AS only_b,
       count(*) FILTER (WHERE a.goodness = b.goodness)   AS equal
FROM figures AS a
JOIN figures AS b USING (dataset_id, trace)
WHERE a.entry = %(a)s AND b.entry = %(b)s
