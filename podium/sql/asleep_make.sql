-- What sleeps while a database is filled: here only as long as something does.
CREATE TABLE IF NOT EXISTS ledger.asleep (
    family text NOT NULL,
    relation text NOT NULL,
    name text NOT NULL,
    turn integer NOT NULL,
    wake text NOT NULL,
    fired integer[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (relation, name)
);
GRANT SELECT, UPDATE ON ledger.asleep TO podium_consumer
