-- Extensions of this database, as one would make them anew.
SELECT format('CREATE EXTENSION IF NOT EXISTS %%I SCHEMA %%I', e.extname, n.nspname)
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
