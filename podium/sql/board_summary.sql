-- How many entries a snapshot has, and the name of the first; null where its entries were damaged.
SELECT CASE WHEN s.parts IS NOT NULL THEN (
               SELECT sum(p.entries_count) FROM ledger.snapshot_part AS p
               WHERE p.board = s.board AND p.snapshot = s.snapshot AND p.part <= s.parts)
            WHEN s.entries IS JSON ARRAY THEN json_array_length(s.entries::json)
       END AS total,
       CASE WHEN best.entries IS JSON ARRAY THEN best.entries::json -> 0 ->> 'name' END AS first
FROM ledger.snapshot AS s
CROSS JOIN LATERAL (
    SELECT s.entries WHERE s.parts IS NULL
    UNION ALL
    SELECT p.entries FROM ledger.snapshot_part AS p
    WHERE p.board = s.board AND p.snapshot = s.snapshot AND p.part = 1 AND s.parts IS NOT NULL
) AS best
WHERE s.board = %(board)s AND s.snapshot = %(snapshot)s
