-- Publications of this database, as one would make them anew. What may only be in newer versions is asked for by name.
SELECT format('CREATE PUBLICATION %%I%%s WITH (publish = %%L, publish_via_partition_root = %%s%%s)', p.pubname,
              CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE ' FOR ' || parts.listed END,
              concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
              p.pubviaroot::text,
              CASE WHEN to_jsonb(p) ->> 'pubgencols' = 's' THEN ', publish_generated_columns = stored' END)
  FROM pg_publication p
 CROSS JOIN LATERAL (
       SELECT string_agg(part, ', ' ORDER BY part)
         FROM (SELECT format('TABLE %%I.%%I%%s%%s', n.nspname, c.relname,
                             (SELECT format(' (%%s)', string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname))
                                FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY(r.prattrs)
                              HAVING count(*) > 0),
                             ' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')')
                 FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
                 JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE r.prpubid = p.oid
               UNION ALL
               SELECT format('TABLES IN SCHEMA %%I', n.nspname)
                 FROM pg_publication_namespace s JOIN pg_namespace n ON n.oid = s.pnnspid
                WHERE s.pnpubid = p.oid) AS each (part)
       ) AS parts (listed)
