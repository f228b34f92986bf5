-- What raised and was confined, the oldest first.
SELECT loop, subject, error, topic, partition, "offset", since, tries, process
  FROM ledger.failure
 ORDER BY since, loop, subject
