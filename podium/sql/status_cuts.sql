-- When and where each of these boards was cut last.
SELECT b.board, s.cut_at, s.cut
  FROM unnest(%(boards)s::text[]) AS b (board)
  LEFT JOIN LATERAL (
       SELECT cut_at, cut FROM ledger.snapshot WHERE board = b.board ORDER BY cut_at DESC, snapshot DESC LIMIT 1
  ) AS s ON true
