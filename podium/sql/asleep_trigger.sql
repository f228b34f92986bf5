-- How a trigger that hears of inserted rows is called, and under what name it hears of them.
SELECT n.nspname::text, p.proname::text, t.tgnewtable::text
  FROM pg_trigger t
  JOIN pg_proc p ON p.oid = t.tgfoid
  JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE t.tgrelid = to_regclass(%s) AND t.tgname = %s AND t.tgnewtable IS NOT NULL AND t.tgoldtable IS NULL
   AND t.tgnargs = 0 AND t.tgqual IS NULL
