-- Whether a session holds the name of a database, so that no login comes through any more.
SELECT EXISTS (SELECT
                 FROM pg_locks l JOIN pg_database d ON d.oid = l.objid
                WHERE l.locktype = 'object' AND l.classid = 'pg_database'::regclass AND l.granted
                  AND l.mode = 'AccessExclusiveLock' AND l.pid = %(pid)s AND d.datname = %(name)s)
