SELECT topic, partition, "offset", relayed_at FROM ledger.dead WHERE relayed_at IS NOT NULL
