UPDATE ledger.dead AS d
   SET relayed_at = c.at
  FROM carried AS c
 WHERE d.topic = c.topic AND d.partition = c.partition AND d."offset" = c."offset"
