-- Tables as one would write them without Podium: what raw COPY is measured on.
CREATE SCHEMA plain;

CREATE TABLE plain.predictions (
    id uuid PRIMARY KEY,
    model_id text NOT NULL,
    horizon integer NOT NULL,
    value double precision NOT NULL,
    made_at timestamptz NOT NULL,
    payload text NOT NULL
);
CREATE INDEX idx_predictions_model_id_made_at ON plain.predictions (model_id, made_at);

CREATE TABLE plain.forecasts (
    id uuid PRIMARY KEY,
    model_id text NOT NULL,
    horizon integer NOT NULL,
    value double precision NOT NULL,
    made_at timestamptz NOT NULL,
    payload text NOT NULL,
    latest_time timestamptz,
    latest_id uuid,
    latest_digest bytea
);
CREATE INDEX idx_forecasts_model_id_made_at ON plain.forecasts (model_id, made_at);

GRANT USAGE ON SCHEMA plain TO podium_consumer;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA plain TO podium_consumer;
