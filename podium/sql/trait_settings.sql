-- What is set for a database, for every role (empty) or for one.
SELECT CASE s.setrole WHEN 0 THEN '' ELSE pg_get_userbyid(s.setrole) END::text, c.setting
  FROM pg_db_role_setting s
  JOIN pg_database d ON d.oid = s.setdatabase
 CROSS JOIN unnest(s.setconfig) AS c (setting)
 WHERE d.datname = %s
