-- What of a table goes by some names: its turn when waking, and the statements that put it to sleep and wake it.
-- References that a constraint carries sleep with it: they wake after it, and are checked then if they are enforced.
-- A function that sleeps does nothing.
WITH parts AS (
    SELECT 0 AS turn, tgname AS name, 'DISABLE TRIGGER %%I' AS sleep, 'ENABLE ALWAYS TRIGGER %%I' AS wake,
           tgrelid AS relation, '' AS definition
      FROM pg_trigger
     WHERE tgrelid = to_regclass(%(table)s) AND tgname = ANY(%(names)s) AND tgenabled = 'A'
    UNION ALL
    SELECT 1, c.conname, 'DROP CONSTRAINT %%I', 'ADD CONSTRAINT %%I ', c.conrelid, pg_get_constraintdef(c.oid)
      FROM pg_constraint c
     WHERE c.conrelid = to_regclass(%(table)s) AND c.conname = ANY(%(names)s) AND c.contype IN ('p', 'u')
    UNION ALL
    SELECT 2, f.conname, 'DROP CONSTRAINT %%I', 'ADD CONSTRAINT %%I ', f.conrelid, pg_get_constraintdef(f.oid)
      FROM pg_constraint c
      JOIN pg_constraint f ON f.contype = 'f' AND f.conindid = c.conindid
     WHERE c.conrelid = to_regclass(%(table)s) AND c.conname = ANY(%(names)s) AND c.contype IN ('p', 'u')
)
SELECT turn, relation::regclass::text, name::text, format('ALTER TABLE %%s ' || sleep, relation::regclass, name),
       format('ALTER TABLE %%s ' || wake, relation::regclass, name) || definition
  FROM parts
UNION ALL
SELECT 1, i.indrelid::regclass::text, o.relname, format('DROP INDEX %%s', i.indexrelid::regclass),
       pg_get_indexdef(i.indexrelid)
  FROM pg_index i
  JOIN pg_class o ON o.oid = i.indexrelid
 WHERE i.indrelid = to_regclass(%(table)s) AND o.relname = ANY(%(names)s)
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
UNION ALL
SELECT 3, p.oid::regprocedure::text, p.proname,
       format('CREATE OR REPLACE FUNCTION %%s(%%s) RETURNS void LANGUAGE sql AS %%L', p.oid::regproc,
              pg_get_function_arguments(p.oid), 'SELECT'),
       pg_get_functiondef(p.oid)
  FROM pg_proc p
  JOIN pg_class r ON r.relnamespace = p.pronamespace
 WHERE r.oid = to_regclass(%(table)s) AND p.proname = ANY(%(names)s) AND p.prorettype = 'void'::regtype
 ORDER BY 1 DESC, 3
