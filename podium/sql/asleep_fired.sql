UPDATE ledger.asleep SET fired = fired || %s::integer WHERE relation = %s AND name = %s
