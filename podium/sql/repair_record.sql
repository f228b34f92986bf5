INSERT INTO ledger.repair (by, why, relation, key, before, after)
VALUES (%(by)s, %(why)s, %(relation)s, %(key)s, %(before)s, %(after)s)
