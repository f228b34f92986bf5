-- One board over all networks, once there is one.
SELECT 'all'                    AS id,
       'all networks'           AS title,
       '{}'::jsonb              AS parameters
WHERE EXISTS (SELECT FROM chess.networks)
