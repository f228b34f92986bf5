-- Who holds what only one process at a time may do.
SELECT name, holder
  FROM ledger.lease
 WHERE expires_at > clock_timestamp()
