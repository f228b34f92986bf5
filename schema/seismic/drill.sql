-- The measurements behind one entry, trace by trace, with the places of their records in the log.
WITH newest AS (
    SELECT DISTINCT ON (j.dataset_id) j.id, j.attempt, j.dataset_id, d.name AS data_set
    FROM seismic.jobs AS j
    JOIN seismic.models AS m ON m.id = j.model_id
    JOIN seismic.datasets AS d ON d.id = j.dataset_id AND d.user_id = j.user_id AND d.job_id IS NULL
    JOIN seismic.summaries AS s
      ON s.job_id = j.id AND s.attempt = j.attempt AND s.metric = %(metric)s AND s.definition = %(definition)s::integer
    WHERE m.name || '@' || m.version = %(entry)s
      AND j.type = %(type)s
      AND j.status = 'completed'
      AND (%(dataset_id)s::uuid IS NULL OR j.dataset_id = %(dataset_id)s::uuid)
    ORDER BY j.dataset_id, j.completed_at DESC, j.id
)
SELECT w.dataset_id || '/' || lpad(x.trace::text, 10, '0')       AS subject,
       w.data_set,
       x.trace::text                                             AS trace,
       x.value,
       x.flag,
       x.n                                                       AS samples,
       t.seconds                                                 AS run_seconds,
       t.reference                                               AS stored_at,
       x.measured_at                                             AS time,
       'seismic.scores'                                          AS topic,
       x.place_partition                                         AS partition,
       x.place_offset                                            AS "offset"
FROM newest AS w
JOIN seismic.measurements AS x
  ON x.job_id = w.id AND x.attempt = w.attempt AND x.metric = %(metric)s AND x.definition = %(definition)s::integer
LEFT JOIN seismic.denoised AS t ON (t.job_id, t.attempt, t.trace) = (x.job_id, x.attempt, x.trace)
WHERE %(after)s::text IS NULL OR w.dataset_id || '/' || lpad(x.trace::text, 10, '0') > %(after)s::text
ORDER BY subject
LIMIT %(limit)s
