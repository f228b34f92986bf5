-- One row a model version and data set: the sums of its newest completed job that has the metric, and how its jobs went.
-- Data sets that were uploaded alone: an output is no test bed. Jobs whose owner may not read the input do not count.
WITH tried AS (
    SELECT j.*, d.name AS dataset_name
    FROM seismic.jobs AS j
    JOIN seismic.datasets AS d ON d.id = j.dataset_id AND d.user_id = j.user_id AND d.job_id IS NULL
    WHERE j.type = %(type)s
      AND (%(dataset_id)s::uuid IS NULL OR j.dataset_id = %(dataset_id)s::uuid)
),
outcomes AS (
    SELECT model_id, dataset_id, min(dataset_name) AS dataset_name,
           count(*)                                     AS jobs,
           count(*) FILTER (WHERE status = 'completed') AS completed,
           count(*) FILTER (WHERE status = 'failed')    AS failed,
           count(*) FILTER (WHERE status = 'cancelled') AS cancelled
    FROM tried
    GROUP BY model_id, dataset_id
),
newest AS (
    SELECT DISTINCT ON (t.model_id, t.dataset_id) t.model_id, t.dataset_id, t.id AS job_id, t.attempt,
           s.n, s.perfect, s.undefined, s.total, s.squares
    FROM tried AS t
    JOIN seismic.summaries AS s
      ON s.job_id = t.id AND s.attempt = t.attempt AND s.metric = %(metric)s AND s.definition = %(definition)s::integer
    WHERE t.status = 'completed'
    ORDER BY t.model_id, t.dataset_id, t.completed_at DESC, t.id
)
SELECT m.name                     AS model,
       m.version,
       m.architecture,
       m.stage,
       o.dataset_id::text         AS dataset,
       o.dataset_name,
       f.direction,
       coalesce(w.n, 0)           AS n,
       coalesce(w.perfect, 0)     AS perfect,
       coalesce(w.undefined, 0)   AS undefined,
       coalesce(w.total, 0)       AS total,
       coalesce(w.squares, 0)     AS squares,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(p.near::text, p.n) ORDER BY p.near), '[]')
        FROM seismic.spread AS p
        WHERE (p.job_id, p.attempt, p.metric, p.definition)
            = (w.job_id, w.attempt, f.metric, f.definition)) AS spread,
       coalesce(t.n, 0)           AS timed,
       coalesce(t.seconds, 0)     AS seconds,
       o.completed,
       o.failed,
       o.cancelled,
       o.jobs
FROM outcomes AS o
JOIN seismic.models AS m ON m.id = o.model_id
JOIN seismic.definitions AS f ON f.metric = %(metric)s AND f.definition = %(definition)s::integer
LEFT JOIN newest AS w ON w.model_id = o.model_id AND w.dataset_id = o.dataset_id
LEFT JOIN seismic.timings AS t ON t.job_id = w.job_id AND t.attempt = w.attempt
ORDER BY m.name, m.version, o.dataset_id
