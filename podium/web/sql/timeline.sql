-- At most `points` snapshots of a board up to and with one of them, evenly spread, that one always among them.
-- The stride is a power of two, so that the same few are chosen again while the board grows.
WITH numbered AS (
    SELECT snapshot, as_of, cut_at,
           row_number() OVER (ORDER BY cut_at, snapshot) AS place,
           count(*) OVER () AS total
    FROM ledger.published_snapshot
    WHERE board = %(board)s AND (cut_at, snapshot) <= (%(cut_at)s, %(snapshot)s)
)
SELECT %(board)s AS board, snapshot, as_of, cut_at
FROM numbered
WHERE place = total
   OR place %% power(2, ceil(log(2, greatest(total::numeric / %(points)s, 1))))::bigint = 0
ORDER BY place
