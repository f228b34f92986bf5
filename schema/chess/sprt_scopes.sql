-- One board over all sequential tests, once there is one.
SELECT 'all'                    AS id,
       'Sequential tests'       AS title,
       '{}'::jsonb              AS parameters
WHERE EXISTS (SELECT FROM chess.sprt_tasks)
