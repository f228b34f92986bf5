-- All at once: a row may refer to one that comes later.
INSERT INTO {table} ({names})
SELECT {values}
  FROM imported
 CROSS JOIN LATERAL json_populate_record(NULL::{table}, line) AS t
