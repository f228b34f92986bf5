-- Parts of tasks whose worker has been silent for six minutes.
SELECT 'chess.assignment.expired.v1'                                        AS type,
       jsonb_build_object('task_id', task_id, 'assignment_id', assignment_id,
                          'reason', 'silent for 360 s')                     AS data
FROM chess.task_assignments
WHERE status = 'ACTIVE'
  AND last_heartbeat_at < %(now)s::timestamptz - interval '360 seconds'
ORDER BY task_id, assignment_id
LIMIT %(limit)s
