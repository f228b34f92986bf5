-- Dead letters that no topic of dead letters has yet.
SELECT count(*), min(died_at)
  FROM ledger.dead
 WHERE relayed_at IS NULL
