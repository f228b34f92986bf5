-- A sequence goes on above the greatest value that was imported; one that starts higher stays.
SELECT setval(s.name, %(most)s)
  FROM (SELECT pg_get_serial_sequence(%(table)s, %(column)s)::regclass AS name) AS s
 WHERE %(most)s > coalesce(pg_sequence_last_value(s.name), (SELECT seqstart FROM pg_sequence WHERE seqrelid = s.name) - 1)
