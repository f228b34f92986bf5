REVOKE SELECT ON @{schema}.@{table} FROM podium_stream, podium_reader;
GRANT SELECT (@{columns}) ON @{schema}.@{table} TO podium_stream, podium_reader;
