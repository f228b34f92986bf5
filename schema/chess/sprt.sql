-- Every sequential test with its counts, late games left out.
SELECT s.task_id, b.status, b.description, s.baseline_network_id, s.candidate_network_id,
       s.elo0, s.elo1, s.alpha, s.beta, s.model, s.lower, s.upper,
       s.wins, s.losses, s.draws, s.ll, s.ld, s.dd, s.dw, s.ww, s.unpaired, s.crashes, s.timeouts, s.late, s.verdict
FROM chess.sprt_tasks AS s
JOIN chess.tasks AS b ON b.id = s.task_id
ORDER BY s.task_id
