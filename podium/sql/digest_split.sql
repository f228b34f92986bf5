-- Keys that cut the rows into ranges of about equal size.
SELECT {keys}
  FROM (SELECT {keys}, row_number() OVER (ORDER BY {keys}) AS n FROM {table} WHERE {rows}) AS numbered
 WHERE n %% %(every)s = 0
 ORDER BY n
