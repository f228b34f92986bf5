GRANT USAGE ON SCHEMA @{schema} TO podium_consumer, podium_stream, podium_reader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA @{schema} TO podium_consumer;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA @{schema} TO podium_consumer;
GRANT SELECT ON ALL TABLES IN SCHEMA @{schema} TO podium_stream, podium_reader;
