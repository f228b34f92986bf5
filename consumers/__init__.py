"""Events come to rest: Kafka to Postgres, exactly once in effect."""
