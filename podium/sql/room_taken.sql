-- Bytes of the tables of some schemas with their indexes, and how many records of their topics they hold.
SELECT (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)
          FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.relkind = 'r' AND n.nspname = ANY(%(schemas)s)),
       (SELECT coalesce(sum(position), 0) FROM ledger.offset WHERE split_part(topic, '.', 1) = ANY(%(topics)s))
