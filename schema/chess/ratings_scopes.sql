-- One board over all networks, once there is one.
SELECT 'all'                    AS id,
       'Networks by Elo'        AS title,
       '{}'::jsonb              AS parameters
WHERE EXISTS (SELECT FROM chess.networks)
