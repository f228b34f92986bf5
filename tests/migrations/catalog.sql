-- Everything that makes up a schema, as (kind, name, definition), read from the catalogs; without owners and ids.
WITH ours AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')
), relation AS (
    SELECT c.*, n.nspname, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN ours n ON n.oid = c.relnamespace
), granted (class, object, owner, acl) AS (
    SELECT 'schema', nspname::text, nspowner, nspacl FROM ours
    UNION ALL SELECT 'relation', name, relowner, relacl FROM relation
    UNION ALL SELECT 'column', format('%s.%I', r.name, a.attname), r.relowner, a.attacl
        FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid
    UNION ALL SELECT 'function', p.oid::regprocedure::text, p.proowner, p.proacl
        FROM pg_proc p JOIN ours n ON n.oid = p.pronamespace
)
SELECT 'schema' AS kind, nspname::text AS name, coalesce(obj_description(oid, 'pg_namespace'), '') AS definition FROM ours
UNION ALL
SELECT 'relation', name, concat_ws(' ', relkind, relpersistence, array_to_string(reloptions, ','),
    obj_description(oid, 'pg_class'))
FROM relation
UNION ALL
SELECT 'column', format('%s %s %I', r.name, lpad(a.attnum::text, 2, '0'), a.attname), concat_ws(' ',
    format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
    CASE WHEN a.attidentity <> '' THEN 'IDENTITY ' || a.attidentity::text END,
    'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '-- ' || col_description(r.oid, a.attnum))
FROM relation r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
WHERE r.relkind IN ('r', 'c', 'v')
UNION ALL
SELECT 'constraint', format('%s %I', r.name, o.conname), pg_get_constraintdef(o.oid)
FROM pg_constraint o JOIN relation r ON r.oid = o.conrelid
UNION ALL
SELECT 'index', r.name, pg_get_indexdef(r.oid) FROM relation r WHERE r.relkind = 'i'
UNION ALL
SELECT 'sequence', r.name, concat_ws(' ', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
    'OWNED BY ' || (SELECT format('%s.%I', d.refobjid::regclass, a.attname) FROM pg_depend d
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.objid = r.oid AND d.deptype IN ('a', 'i') AND d.classid = 'pg_class'::regclass))
FROM relation r JOIN pg_sequence s ON s.seqrelid = r.oid
UNION ALL
SELECT 'enumeration', format('%I.%I', n.nspname, t.typname), string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
FROM pg_type t JOIN ours n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid
GROUP BY n.nspname, t.typname
UNION ALL
SELECT 'view', r.name, pg_get_viewdef(r.oid) FROM relation r WHERE r.relkind = 'v'
UNION ALL
SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
FROM pg_proc p JOIN ours n ON n.oid = p.pronamespace
UNION ALL
SELECT 'trigger', format('%s %I', r.name, t.tgname), concat_ws(' ', pg_get_triggerdef(t.oid), '--', t.tgenabled)
FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'grant', format('%s %s TO %s', g.class, g.object, coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC')),
    string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type)
FROM granted g, LATERAL aclexplode(g.acl) x WHERE x.grantee <> g.owner
GROUP BY 1, 2
ORDER BY kind, name, definition
