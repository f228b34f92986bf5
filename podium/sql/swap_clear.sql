-- Send everybody away from some databases, but for the sessions named; how many there were.
SELECT count(*), count(*) FILTER (WHERE pg_terminate_backend(pid))
  FROM pg_stat_activity
 WHERE datname = ANY(%(names)s) AND backend_type = 'client backend' AND pid <> ALL(%(keep)s)
