-- A JSON object a row; what is NULL is left out, so that a null inside a JSON column stays one.
SELECT (SELECT json_object_agg_strict(name, value)::text FROM (VALUES {pairs}) AS v (name, value))
  FROM ({query}) AS t
