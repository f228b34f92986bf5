-- The journal entry and the bytes of a database; its size is for those who may connect to it.
SELECT shobj_description(oid, 'pg_database'),
       CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END
  FROM pg_database
 WHERE datname = %s
