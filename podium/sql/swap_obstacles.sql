-- What keeps databases from being renamed, or would be cut off by it, and what to do about it.
WITH session AS (
    SELECT pid, application_name, backend_type,
           format('process %%s of %%I in %%I%%s', pid, usename, datname, ' from ' || host(client_addr)) AS who,
           (SELECT rolsuper FROM pg_roles WHERE oid = usesysid) AS above
      FROM pg_stat_activity
     -- A worker of the server, as of autovacuum, has no user.
     WHERE datname = ANY(%(names)s) AND pid <> pg_backend_pid() AND usename IS NOT NULL
)
SELECT format('transaction %%L is prepared in %%I', gid, database),
       format('COMMIT PREPARED %%L or ROLLBACK PREPARED %%1$L', gid)
  FROM pg_prepared_xacts WHERE database = ANY(%(names)s)
UNION ALL
SELECT format('replication slot %%I belongs to %%I', slot_name, database),
       format('stop its reader, SELECT pg_drop_replication_slot(%%L), and make it anew after the swap', slot_name)
  FROM pg_replication_slots WHERE database = ANY(%(names)s)
UNION ALL
SELECT format('subscription %%I belongs to %%I', s.subname, d.datname),
       format('DROP SUBSCRIPTION %%I, and make it anew after the swap', s.subname)
  FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = ANY(%(names)s)
UNION ALL
SELECT who || ' sends the log to a replica', 'stop the replica'
  FROM session WHERE backend_type = 'walsender'
UNION ALL
SELECT format('%%s: %%s is at work', who, application_name), 'let it end'
  FROM session
 WHERE backend_type = 'client backend' AND application_name ~ '^pg_(dump|dumpall|restore)'
UNION ALL
SELECT who || ': only a superuser may end the session of a superuser',
       format('end it, or as a superuser SELECT pg_terminate_backend(%%s)', pid)
  FROM session
 WHERE backend_type = 'client backend' AND above
   AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
UNION ALL
SELECT format('%%I may neither see nor end the sessions of others', current_user),
       format('as an administrator GRANT pg_signal_backend, pg_read_all_stats TO %%I', current_user)
 WHERE NOT (pg_has_role('pg_signal_backend', 'USAGE') AND pg_has_role('pg_read_all_stats', 'USAGE'))
