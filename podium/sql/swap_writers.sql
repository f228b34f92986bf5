-- Who has written to some tables in a transaction that goes on, or is about to.
SELECT DISTINCT format('process %%s of %%I, %%s, in a transaction since %%s', a.pid, a.usename,
                       coalesce(nullif(a.application_name, ''), a.state), a.xact_start::timestamptz(0))
  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'relation' AND l.relation = ANY(%(tables)s::regclass[]::oid[]) AND l.granted
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND l.mode <> 'AccessShareLock'
