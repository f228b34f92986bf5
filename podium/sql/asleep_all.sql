SELECT relation, name, turn, wake, fired FROM ledger.asleep ORDER BY turn, relation, name
