-- What others than Podium's roles may do with schemas, relations and columns: what, who, whether it may be passed on.
SELECT format('%%s ON %%s', r.privilege, r.thing),
       CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.grantee)) END, r.passed_on
  FROM (SELECT a.privilege_type, format('SCHEMA %%I', n.nspname), a.grantee, a.is_grantable, n.nspname, n.nspowner
          FROM pg_namespace n, aclexplode(n.nspacl) a
        UNION ALL
        SELECT a.privilege_type, format('%%s %%I.%%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                                        n.nspname, c.relname), a.grantee, a.is_grantable, n.nspname, c.relowner
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
        UNION ALL
        SELECT format('%%s (%%I)', a.privilege_type, t.attname), format('TABLE %%I.%%I', n.nspname, c.relname),
               a.grantee, a.is_grantable, n.nspname, c.relowner
          FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(t.attacl) a
       ) AS r (privilege, thing, grantee, passed_on, schema, owner)
 WHERE r.schema = ANY(%(ours)s) AND r.grantee <> r.owner
   AND NOT EXISTS (SELECT FROM pg_roles WHERE oid = r.grantee AND rolname = ANY(%(roles)s))
