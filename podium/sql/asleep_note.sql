INSERT INTO ledger.asleep (family, relation, name, turn, wake) VALUES (%s, %s, %s, %s, %s)
