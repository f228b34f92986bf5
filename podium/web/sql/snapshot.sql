-- Snapshots with their entries; of one whose entries are in parts, those of the first, and how many there are in all.
SELECT s.board, s.snapshot, s.as_of, s.cut_at, s.cut, s.rule, s.digest, s.parts,
       CASE WHEN s.parts IS NULL THEN s.entries
            ELSE (SELECT p.entries FROM ledger.snapshot_part AS p
                  WHERE p.board = s.board AND p.snapshot = s.snapshot AND p.part = 1)
       END AS entries,
       (SELECT sum(p.entries_count)::int FROM ledger.snapshot_part AS p
        WHERE p.board = s.board AND p.snapshot = s.snapshot AND p.part <= s.parts) AS total
FROM ledger.published_snapshot AS s
WHERE s.board = %(board)s AND s.snapshot = ANY(%(snapshots)s)
