-- What keeps databases from being renamed, or would be cut off by it.
SELECT format('transaction %%s is prepared in %%s', quote_literal(gid), database)
  FROM pg_prepared_xacts WHERE database = ANY(%(names)s)
UNION ALL
SELECT format('replication slot %%s belongs to %%s', slot_name, database)
  FROM pg_replication_slots WHERE database = ANY(%(names)s)
UNION ALL
SELECT format('subscription %%s belongs to %%s', s.subname, d.datname)
  FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = ANY(%(names)s)
UNION ALL
SELECT format('process %%s of %%s in %%s: %%s', pid, usename, datname,
              CASE WHEN backend_type = 'walsender' THEN 'it sends the log to a replica'
                   WHEN application_name ~ '^pg_(dump|dumpall|restore|basebackup)' THEN application_name || ' is at work'
                   ELSE 'only a superuser may end the session of a superuser' END)
  FROM pg_stat_activity
 WHERE datname = ANY(%(names)s)
   AND (backend_type = 'walsender'
        OR application_name ~ '^pg_(dump|dumpall|restore|basebackup)'
        OR (backend_type = 'client backend' AND pid <> pg_backend_pid()
            AND (SELECT rolsuper FROM pg_roles WHERE oid = usesysid)
            AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)))
