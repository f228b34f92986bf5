CREATE SCHEMA competition;

CREATE TABLE competition.checkpoints (
    id VARCHAR NOT NULL, 
    checkpoint_kind VARCHAR NOT NULL, 
    interval_seconds INTEGER NOT NULL, 
    last_run_at TIMESTAMP WITH TIME ZONE, 
    next_run_at TIMESTAMP WITH TIME ZONE, 
    meta_jsonb JSONB DEFAULT '{}' NOT NULL, 
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    CONSTRAINT pk_checkpoints PRIMARY KEY (id), 
    CONSTRAINT ck_checkpoints_interval_seconds CHECK (interval_seconds > 0), 
    CONSTRAINT ck_checkpoints_whole_hours CHECK (right(checkpoint_kind, 8) <> 'emission' OR mod(interval_seconds, 3600) = 0 AND mod(extract(epoch FROM starts_at), 3600) = 0)
);

COMMENT ON COLUMN competition.checkpoints.last_run_at IS 'as planned; where the next period starts';

COMMENT ON COLUMN competition.checkpoints.starts_at IS 'where the first period starts';

CREATE TABLE competition.debuts (
    scope_key VARCHAR NOT NULL, 
    model_id VARCHAR NOT NULL, 
    hour TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_debuts PRIMARY KEY (scope_key, model_id)
);

COMMENT ON COLUMN competition.debuts.hour IS 'the first that tallies something';

CREATE TABLE competition.leaderboards (
    id VARCHAR NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    entries_jsonb JSONB DEFAULT '[]' NOT NULL, 
    meta_jsonb JSONB DEFAULT '{}' NOT NULL, 
    board VARCHAR NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_leaderboards PRIMARY KEY (id)
);

CREATE INDEX idx_leaderboards_board_created_at ON competition.leaderboards (board, created_at);

CREATE TABLE competition.models (
    id VARCHAR NOT NULL, 
    name VARCHAR NOT NULL, 
    deployment_identifier VARCHAR NOT NULL, 
    player_id VARCHAR DEFAULT 'unknown-player' NOT NULL, 
    player_name VARCHAR DEFAULT 'Unknown' NOT NULL, 
    overall_score_jsonb JSONB DEFAULT '{}' NOT NULL, 
    scores_by_scope_jsonb JSONB DEFAULT '[]' NOT NULL, 
    meta_jsonb JSONB DEFAULT '{}' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    latest_id UUID, 
    latest_digest BYTEA, 
    active BOOLEAN DEFAULT true NOT NULL, 
    active_time TIMESTAMP WITH TIME ZONE, 
    active_id UUID, 
    active_digest BYTEA, 
    CONSTRAINT pk_models PRIMARY KEY (id)
);

CREATE INDEX idx_models_player_id ON competition.models (player_id);

COMMENT ON COLUMN competition.models.deployment_identifier IS 'of the running version';

COMMENT ON COLUMN competition.models.created_at IS 'first seen; rounds from then on expect its answer';

COMMENT ON COLUMN competition.models.updated_at IS 'last event of its metadata';

COMMENT ON COLUMN competition.models.active IS 'whether rounds expect its answer';

CREATE TABLE competition.scheduled_prediction_configs (
    id VARCHAR NOT NULL, 
    scope_key VARCHAR NOT NULL, 
    scope_template_jsonb JSONB DEFAULT '{}' NOT NULL, 
    schedule_jsonb JSONB DEFAULT '{}' NOT NULL, 
    active BOOLEAN DEFAULT true NOT NULL, 
    "order" INTEGER DEFAULT 0 NOT NULL, 
    meta_jsonb JSONB DEFAULT '{}' NOT NULL, 
    scoring_jsonb JSONB DEFAULT '{}' NOT NULL, 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    active_time TIMESTAMP WITH TIME ZONE, 
    active_id UUID, 
    active_digest BYTEA, 
    CONSTRAINT pk_scheduled_prediction_configs PRIMARY KEY (id)
);

CREATE TABLE competition.tallies (
    scope_key VARCHAR NOT NULL, 
    hour TIMESTAMP WITH TIME ZONE NOT NULL, 
    model_id VARCHAR NOT NULL, 
    n INTEGER NOT NULL, 
    succeeded INTEGER NOT NULL, 
    billionths BIGINT NOT NULL, 
    CONSTRAINT pk_tallies PRIMARY KEY (scope_key, hour, model_id)
)
 WITH (fillfactor = 50);

COMMENT ON COLUMN competition.tallies.hour IS 'its end: resolvable_at in (hour - 1 h, hour]';

COMMENT ON COLUMN competition.tallies.billionths IS 'sum of the scores, each in billionths';

CREATE TABLE competition.emission_checkpoints (
    id VARCHAR NOT NULL, 
    checkpoint_id VARCHAR NOT NULL, 
    emitted_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    payload_jsonb JSONB DEFAULT '{}' NOT NULL, 
    period_start TIMESTAMP WITH TIME ZONE NOT NULL, 
    period_end TIMESTAMP WITH TIME ZONE NOT NULL, 
    ranking_jsonb JSONB DEFAULT '[]' NOT NULL, 
    prizes_jsonb JSONB DEFAULT '[]' NOT NULL, 
    status VARCHAR DEFAULT 'PENDING' NOT NULL, 
    tx_hash VARCHAR, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_emission_checkpoints PRIMARY KEY (id), 
    CONSTRAINT ck_emission_checkpoints_period CHECK (period_start < period_end), 
    CONSTRAINT ck_emission_checkpoints_tx_hash CHECK ((status = 'PENDING') = (tx_hash IS NULL)), 
    CONSTRAINT uq_emission_checkpoints_checkpoint_id_period_start UNIQUE (checkpoint_id, period_start), 
    CONSTRAINT fk_emission_checkpoints_checkpoint_id FOREIGN KEY(checkpoint_id) REFERENCES competition.checkpoints (id)
);

CREATE TABLE competition.model_scores (
    id VARCHAR NOT NULL, 
    model_id VARCHAR NOT NULL, 
    score_payload_jsonb JSONB DEFAULT '{}' NOT NULL, 
    computed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_model_scores PRIMARY KEY (id)
);

CREATE INDEX idx_model_scores_computed_at ON competition.model_scores (computed_at);

CREATE INDEX idx_model_scores_model_id_computed_at ON competition.model_scores (model_id, computed_at);

COMMENT ON COLUMN competition.model_scores.computed_at IS 'when the board that shows it was cut';

CREATE TABLE competition.rounds (
    prediction_config_id VARCHAR NOT NULL, 
    performed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    scope_key VARCHAR NOT NULL, 
    scope_jsonb JSONB DEFAULT '{}' NOT NULL, 
    scoring_jsonb JSONB DEFAULT '{}' NOT NULL, 
    closes_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    resolvable_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    replayed BOOLEAN NOT NULL, 
    status VARCHAR NOT NULL, 
    CONSTRAINT pk_rounds PRIMARY KEY (prediction_config_id, performed_at), 
    CONSTRAINT uq_rounds_prediction_config_id_performed_at_resolvable__5676 UNIQUE (prediction_config_id, performed_at, resolvable_at, scope_key), 
    CONSTRAINT ck_rounds_times CHECK (performed_at <= closes_at AND performed_at <= resolvable_at AND resolvable_at <= expires_at), 
    CONSTRAINT fk_rounds_prediction_config_id FOREIGN KEY(prediction_config_id) REFERENCES competition.scheduled_prediction_configs (id)
);

CREATE INDEX idx_rounds_unfinished ON competition.rounds (resolvable_at, prediction_config_id, performed_at) WHERE status IN ('open', 'closed', 'overdue');

COMMENT ON COLUMN competition.rounds.performed_at IS 'the slot';

COMMENT ON COLUMN competition.rounds.closes_at IS 'answers count until then';

COMMENT ON COLUMN competition.rounds.expires_at IS 'without a truth until then it expires';

COMMENT ON COLUMN competition.rounds.replayed IS 'closed by its publisher, not by the clock';

CREATE TABLE competition.closings (
    prediction_config_id VARCHAR NOT NULL, 
    performed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    answered JSONB DEFAULT '[]' NOT NULL, 
    absent INTEGER NOT NULL, 
    closed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_closings PRIMARY KEY (prediction_config_id, performed_at), 
    CONSTRAINT fk_closings_prediction_config_id_performed_at FOREIGN KEY(prediction_config_id, performed_at) REFERENCES competition.rounds (prediction_config_id, performed_at)
);

COMMENT ON COLUMN competition.closings.absent IS 'models that were expected and did not answer';

CREATE TABLE competition.predictions (
    id VARCHAR NOT NULL, 
    model_id VARCHAR NOT NULL, 
    prediction_config_id VARCHAR NOT NULL, 
    scope_key VARCHAR NOT NULL, 
    scope_jsonb JSONB DEFAULT '{}' NOT NULL, 
    status VARCHAR NOT NULL, 
    exec_time_ms DOUBLE PRECISION NOT NULL, 
    inference_input_jsonb JSONB DEFAULT '{}' NOT NULL, 
    inference_output_jsonb JSONB DEFAULT '{}' NOT NULL, 
    meta_jsonb JSONB DEFAULT '{}' NOT NULL, 
    performed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    resolvable_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    score_value DOUBLE PRECISION, 
    score_success BOOLEAN, 
    score_failed_reason VARCHAR, 
    score_scored_at TIMESTAMP WITH TIME ZONE, 
    score_status VARCHAR DEFAULT 'PENDING' NOT NULL, 
    absent BOOLEAN NOT NULL, 
    answered_at TIMESTAMP WITH TIME ZONE, 
    digest BYTEA, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_predictions PRIMARY KEY (id), 
    CONSTRAINT ck_predictions_status CHECK (status IN ('SUCCESS', 'FAILED', 'TIMEOUT', 'ABSENT')), 
    CONSTRAINT ck_predictions_exec_time_ms CHECK (exec_time_ms >= 0 AND exec_time_ms < 'Infinity'), 
    CONSTRAINT ck_predictions_score_value CHECK (score_value BETWEEN -1000000 AND 1000000), 
    CONSTRAINT ck_predictions_score CHECK (CASE WHEN score_status = 'PENDING' THEN num_nonnulls(score_value, score_success, score_failed_reason, score_scored_at) = 0 WHEN score_scored_at IS NULL THEN false WHEN score_success THEN score_value IS NOT NULL AND score_failed_reason IS NULL ELSE score_success IS NOT NULL AND coalesce(score_failed_reason, '') <> '' END), 
    CONSTRAINT ck_predictions_score_scored_at CHECK (score_scored_at >= resolvable_at), 
    CONSTRAINT ck_predictions_absent CHECK (absent = (status = 'ABSENT')), 
    CONSTRAINT uq_predictions_prediction_config_id_performed_at_model__880f UNIQUE (prediction_config_id, performed_at, model_id, absent)
)
 WITH (fillfactor = 50);

CREATE INDEX idx_predictions_model_id_scope_key ON competition.predictions (model_id, scope_key, performed_at);

COMMENT ON COLUMN competition.predictions.status IS 'outcome of the call';

COMMENT ON COLUMN competition.predictions.exec_time_ms IS 'milliseconds';

COMMENT ON COLUMN competition.predictions.score_value IS 'final: more is better';

COMMENT ON COLUMN competition.predictions.score_status IS 'life of the score';

COMMENT ON COLUMN competition.predictions.absent IS 'the lack of an answer, beside which a late one may stand';

COMMENT ON COLUMN competition.predictions.digest IS 'digest of the event''s data; a judgement names it';

CREATE TABLE competition.submissions (
    emission_id VARCHAR NOT NULL, 
    tx_hash VARCHAR NOT NULL, 
    submitted_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_submissions PRIMARY KEY (emission_id), 
    CONSTRAINT fk_submissions_emission_id FOREIGN KEY(emission_id) REFERENCES competition.emission_checkpoints (id)
);

CREATE TABLE competition.truths (
    prediction_config_id VARCHAR NOT NULL, 
    performed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    truth_jsonb JSONB DEFAULT '{}' NOT NULL, 
    lag_seconds DOUBLE PRECISION NOT NULL, 
    published_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_truths PRIMARY KEY (prediction_config_id, performed_at), 
    CONSTRAINT fk_truths_prediction_config_id_performed_at FOREIGN KEY(prediction_config_id, performed_at) REFERENCES competition.rounds (prediction_config_id, performed_at)
);

COMMENT ON COLUMN competition.truths.lag_seconds IS 'from resolvable_at to the observation';

CREATE TABLE competition.confirmations (
    emission_id VARCHAR NOT NULL, 
    status VARCHAR NOT NULL, 
    tx_hash VARCHAR NOT NULL, 
    confirmed_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_confirmations PRIMARY KEY (emission_id, status), 
    CONSTRAINT ck_confirmations_status CHECK (status IN ('CLAIMABLE', 'PAID')), 
    CONSTRAINT fk_confirmations_emission_id FOREIGN KEY(emission_id) REFERENCES competition.submissions (emission_id)
);

COMMENT ON COLUMN competition.confirmations.tx_hash IS 'that of the submission';

CREATE TABLE competition.judgements (
    prediction_id VARCHAR NOT NULL, 
    prediction_digest BYTEA NOT NULL, 
    value DOUBLE PRECISION, 
    failed_reason VARCHAR, 
    judged_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_judgements PRIMARY KEY (prediction_id, prediction_digest), 
    CONSTRAINT ck_judgements_value CHECK ((value IS NULL) = (failed_reason IS NOT NULL))
);

COMMENT ON COLUMN competition.judgements.prediction_digest IS 'digest of the prediction that was judged';

COMMENT ON COLUMN competition.judgements.value IS 'raw, as its metric gives it; NULL: could not be judged';

ALTER TABLE competition.model_scores ADD CONSTRAINT fk_model_scores_model_id
    FOREIGN KEY (model_id) REFERENCES competition.models (id) NOT ENFORCED;

ALTER TABLE competition.predictions ADD CONSTRAINT fk_predictions_model_id
    FOREIGN KEY (model_id) REFERENCES competition.models (id) NOT ENFORCED;
ALTER TABLE competition.predictions ADD CONSTRAINT fk_predictions_prediction_config_id
    FOREIGN KEY (prediction_config_id) REFERENCES competition.scheduled_prediction_configs (id) NOT ENFORCED;
ALTER TABLE competition.predictions ADD CONSTRAINT fk_predictions_prediction_config_id_performed_at_resolv_3169
    FOREIGN KEY (prediction_config_id, performed_at, resolvable_at, scope_key) REFERENCES competition.rounds (prediction_config_id, performed_at, resolvable_at, scope_key) NOT ENFORCED;

ALTER TABLE competition.judgements ADD CONSTRAINT fk_judgements_prediction_id
    FOREIGN KEY (prediction_id) REFERENCES competition.predictions (id) NOT ENFORCED;

-- The life cycle round: ranks and moves of its states, as declared.
CREATE FUNCTION competition.round_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'open' THEN 0 WHEN 'closed' THEN 1 WHEN 'overdue' THEN 2 WHEN 'scored' THEN 3 WHEN 'expired' THEN 3 END;

CREATE FUNCTION competition.round_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'open' THEN target IN ('closed') WHEN 'closed' THEN target IN ('overdue', 'scored') WHEN 'overdue' THEN target IN ('expired') ELSE false END;

CREATE FUNCTION competition.round_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'open' THEN target IN ('closed', 'overdue', 'scored', 'expired') WHEN 'closed' THEN target IN ('overdue', 'scored', 'expired') WHEN 'overdue' THEN target IN ('expired') ELSE false END;

CREATE FUNCTION competition.round_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'open' OR CASE origin WHEN NULL THEN false ELSE false END;

-- The life cycle score: ranks and moves of its states, as declared.
CREATE FUNCTION competition.score_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'PENDING' THEN 0 WHEN 'SCORED' THEN 1 WHEN 'EXPIRED' THEN 1 END;

CREATE FUNCTION competition.score_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING' THEN target IN ('SCORED', 'EXPIRED') ELSE false END;

CREATE FUNCTION competition.score_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING' THEN target IN ('SCORED', 'EXPIRED') ELSE false END;

CREATE FUNCTION competition.score_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'PENDING' OR CASE origin WHEN NULL THEN false ELSE false END;

-- The life cycle emission: ranks and moves of its states, as declared.
CREATE FUNCTION competition.emission_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'PENDING' THEN 0 WHEN 'SUBMITTED' THEN 1 WHEN 'CLAIMABLE' THEN 2 WHEN 'PAID' THEN 3 END;

CREATE FUNCTION competition.emission_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING' THEN target IN ('SUBMITTED') WHEN 'SUBMITTED' THEN target IN ('CLAIMABLE') WHEN 'CLAIMABLE' THEN target IN ('PAID') ELSE false END;

CREATE FUNCTION competition.emission_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING' THEN target IN ('SUBMITTED', 'CLAIMABLE', 'PAID') WHEN 'SUBMITTED' THEN target IN ('CLAIMABLE', 'PAID') WHEN 'CLAIMABLE' THEN target IN ('PAID') ELSE false END;

CREATE FUNCTION competition.emission_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'PENDING' OR CASE origin WHEN NULL THEN false ELSE false END;

ALTER TABLE competition.rounds ADD CONSTRAINT ck_rounds_status CHECK (status IN ('open', 'closed', 'overdue', 'scored', 'expired'));

-- rounds: moves of status follow the life cycle round; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION competition.rounds_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.status AS origin, n.status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.prediction_config_id = o.prediction_config_id AND n.performed_at = o.performed_at
    WHERE CASE
        WHEN o.status IS NULL THEN true
        WHEN true THEN n.status <> o.status AND NOT CASE
            WHEN through_log THEN competition.round_reaches(o.status, n.status)
            ELSE competition.round_moves(o.status, n.status) END
        WHEN false THEN NOT (through_log OR competition.round_reopens(o.status, n.status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle round, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER rounds_100_guard AFTER UPDATE ON competition.rounds
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION competition.rounds_100_guard();
ALTER TABLE competition.rounds ENABLE ALWAYS TRIGGER rounds_100_guard;

ALTER TABLE competition.emission_checkpoints ADD CONSTRAINT ck_emission_checkpoints_status CHECK (status IN ('PENDING', 'SUBMITTED', 'CLAIMABLE', 'PAID'));

-- emission_checkpoints: moves of status follow the life cycle emission; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION competition.emission_checkpoints_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.status AS origin, n.status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.checkpoint_id = o.checkpoint_id AND n.period_start = o.period_start
    WHERE CASE
        WHEN o.status IS NULL THEN true
        WHEN true THEN n.status <> o.status AND NOT CASE
            WHEN through_log THEN competition.emission_reaches(o.status, n.status)
            ELSE competition.emission_moves(o.status, n.status) END
        WHEN false THEN NOT (through_log OR competition.emission_reopens(o.status, n.status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle emission, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER emission_checkpoints_100_guard AFTER UPDATE ON competition.emission_checkpoints
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION competition.emission_checkpoints_100_guard();
ALTER TABLE competition.emission_checkpoints ENABLE ALWAYS TRIGGER emission_checkpoints_100_guard;

ALTER TABLE competition.predictions ADD CONSTRAINT ck_predictions_score_status CHECK (score_status IN ('PENDING', 'SCORED', 'EXPIRED'));

-- predictions: moves of score_status follow the life cycle score; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION competition.predictions_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.score_status AS origin, n.score_status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.prediction_config_id = o.prediction_config_id AND n.performed_at = o.performed_at AND n.model_id = o.model_id AND n.absent = o.absent AND n.resolvable_at = o.resolvable_at AND n.scope_key = o.scope_key
    WHERE CASE
        WHEN o.score_status IS NULL THEN true
        WHEN true THEN n.score_status <> o.score_status AND NOT CASE
            WHEN through_log THEN competition.score_reaches(o.score_status, n.score_status)
            ELSE competition.score_moves(o.score_status, n.score_status) END
        WHEN false THEN NOT (through_log OR competition.score_reopens(o.score_status, n.score_status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle score, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER predictions_100_guard AFTER UPDATE ON competition.predictions
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION competition.predictions_100_guard();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_100_guard;

CREATE TRIGGER leaderboards_100_immutable BEFORE UPDATE OF id, created_at, entries_jsonb, meta_jsonb, board, place_partition, place_offset ON competition.leaderboards
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.leaderboards ENABLE ALWAYS TRIGGER leaderboards_100_immutable;

CREATE TRIGGER models_100_immutable BEFORE UPDATE OF id, created_at ON competition.models
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_100_immutable;

CREATE TRIGGER emission_checkpoints_100_immutable BEFORE UPDATE OF id, checkpoint_id, emitted_at, payload_jsonb, period_start, period_end, ranking_jsonb, prizes_jsonb, place_partition, place_offset ON competition.emission_checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.emission_checkpoints ENABLE ALWAYS TRIGGER emission_checkpoints_100_immutable;

CREATE TRIGGER rounds_100_immutable BEFORE UPDATE OF prediction_config_id, performed_at, scope_key, scope_jsonb, scoring_jsonb, closes_at, resolvable_at, expires_at, replayed ON competition.rounds
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.rounds ENABLE ALWAYS TRIGGER rounds_100_immutable;

CREATE TRIGGER closings_100_immutable BEFORE UPDATE OF prediction_config_id, performed_at, answered, absent, closed_at, place_partition, place_offset ON competition.closings
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.closings ENABLE ALWAYS TRIGGER closings_100_immutable;

CREATE TRIGGER predictions_100_immutable BEFORE UPDATE OF id, model_id, prediction_config_id, scope_key, scope_jsonb, status, exec_time_ms, inference_input_jsonb, inference_output_jsonb, meta_jsonb, performed_at, resolvable_at, absent, answered_at, digest, place_partition, place_offset ON competition.predictions
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_100_immutable;

CREATE TRIGGER submissions_100_immutable BEFORE UPDATE OF emission_id, tx_hash, submitted_at, place_partition, place_offset ON competition.submissions
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.submissions ENABLE ALWAYS TRIGGER submissions_100_immutable;

CREATE TRIGGER truths_100_immutable BEFORE UPDATE OF prediction_config_id, performed_at, truth_jsonb, lag_seconds, published_at, place_partition, place_offset ON competition.truths
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.truths ENABLE ALWAYS TRIGGER truths_100_immutable;

CREATE TRIGGER confirmations_100_immutable BEFORE UPDATE OF emission_id, status, tx_hash, confirmed_at, place_partition, place_offset ON competition.confirmations
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.confirmations ENABLE ALWAYS TRIGGER confirmations_100_immutable;

CREATE TRIGGER judgements_100_immutable BEFORE UPDATE OF prediction_id, prediction_digest, value, failed_reason, judged_at, place_partition, place_offset ON competition.judgements
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE competition.judgements ENABLE ALWAYS TRIGGER judgements_100_immutable;

CREATE TRIGGER models_100_tallied BEFORE UPDATE OF overall_score_jsonb, scores_by_scope_jsonb ON competition.models
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_100_tallied;

CREATE TRIGGER debuts_100_derived BEFORE INSERT OR UPDATE OR DELETE ON competition.debuts
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE competition.debuts ENABLE ALWAYS TRIGGER debuts_100_derived;

CREATE TRIGGER tallies_100_derived BEFORE INSERT OR UPDATE OR DELETE ON competition.tallies
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE competition.tallies ENABLE ALWAYS TRIGGER tallies_100_derived;

CREATE TRIGGER model_scores_100_derived BEFORE INSERT OR UPDATE OR DELETE ON competition.model_scores
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE competition.model_scores ENABLE ALWAYS TRIGGER model_scores_100_derived;

-- predictions (model_id) refers to competition.models (id): fk_predictions_model_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION competition.predictions_200_reference_models() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT model_id FROM new_rows) c
        JOIN competition.models p ON p.id = c.model_id
    ORDER BY c.model_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('id', c.model_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.model_id) = 0 AND NOT EXISTS (SELECT FROM competition.models p WHERE p.id = c.model_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in competition.models has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictions_model_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER predictions_200_reference_models AFTER INSERT ON competition.predictions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_reference_models();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_200_reference_models;

-- models (id) is referred to by competition.predictions (model_id): fk_predictions_model_id.
CREATE FUNCTION competition.models_200_referred_predictions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('id', p.id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM competition.predictions c WHERE c.model_id = p.id)
            AND NOT EXISTS (SELECT FROM competition.models again WHERE again.id = p.id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('model_id', c.model_id) INTO used
        FROM competition.predictions c
        WHERE num_nulls(c.model_id) = 0 AND NOT EXISTS (SELECT FROM competition.models p WHERE c.model_id = p.id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: competition.predictions still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictions_model_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER models_200_referred_predictions AFTER DELETE ON competition.models
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.models_200_referred_predictions();
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_200_referred_predictions;

CREATE TRIGGER models_200_referred_predictions_key AFTER UPDATE OF id ON competition.models
FOR EACH STATEMENT EXECUTE FUNCTION competition.models_200_referred_predictions();
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_200_referred_predictions_key;

CREATE TRIGGER models_200_referred_predictions_truncate AFTER TRUNCATE ON competition.models
FOR EACH STATEMENT EXECUTE FUNCTION competition.models_200_referred_predictions();
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_200_referred_predictions_truncate;

-- predictions (prediction_config_id, performed_at, resolvable_at, scope_key) refers to competition.rounds (prediction_config_id, performed_at, resolvable_at, scope_key): fk_predictions_prediction_config_id_performed_at_resolv_3169, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION competition.predictions_200_reference_rounds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT prediction_config_id, performed_at, resolvable_at, scope_key FROM new_rows) c
        JOIN competition.rounds p ON p.prediction_config_id = c.prediction_config_id AND p.performed_at = c.performed_at AND p.resolvable_at = c.resolvable_at AND p.scope_key = c.scope_key
    ORDER BY c.prediction_config_id, c.performed_at, c.resolvable_at, c.scope_key
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('prediction_config_id', c.prediction_config_id, 'performed_at', c.performed_at, 'resolvable_at', c.resolvable_at, 'scope_key', c.scope_key) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.prediction_config_id, c.performed_at, c.resolvable_at, c.scope_key) = 0 AND NOT EXISTS (SELECT FROM competition.rounds p WHERE p.prediction_config_id = c.prediction_config_id AND p.performed_at = c.performed_at AND p.resolvable_at = c.resolvable_at AND p.scope_key = c.scope_key)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in competition.rounds has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictions_prediction_config_id_performed_at_resolv_3169', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER predictions_200_reference_rounds AFTER INSERT ON competition.predictions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_reference_rounds();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_200_reference_rounds;

-- rounds (prediction_config_id, performed_at, resolvable_at, scope_key) is referred to by competition.predictions (prediction_config_id, performed_at, resolvable_at, scope_key): fk_predictions_prediction_config_id_performed_at_resolv_3169.
CREATE FUNCTION competition.rounds_200_referred_predictions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('prediction_config_id', p.prediction_config_id, 'performed_at', p.performed_at, 'resolvable_at', p.resolvable_at, 'scope_key', p.scope_key) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM competition.predictions c WHERE c.prediction_config_id = p.prediction_config_id AND c.performed_at = p.performed_at AND c.resolvable_at = p.resolvable_at AND c.scope_key = p.scope_key)
            AND NOT EXISTS (SELECT FROM competition.rounds again WHERE again.prediction_config_id = p.prediction_config_id AND again.performed_at = p.performed_at AND again.resolvable_at = p.resolvable_at AND again.scope_key = p.scope_key)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('prediction_config_id', c.prediction_config_id, 'performed_at', c.performed_at, 'resolvable_at', c.resolvable_at, 'scope_key', c.scope_key) INTO used
        FROM competition.predictions c
        WHERE num_nulls(c.prediction_config_id, c.performed_at, c.resolvable_at, c.scope_key) = 0 AND NOT EXISTS (SELECT FROM competition.rounds p WHERE c.prediction_config_id = p.prediction_config_id AND c.performed_at = p.performed_at AND c.resolvable_at = p.resolvable_at AND c.scope_key = p.scope_key)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: competition.predictions still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictions_prediction_config_id_performed_at_resolv_3169', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER rounds_200_referred_predictions AFTER DELETE ON competition.rounds
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.rounds_200_referred_predictions();
ALTER TABLE competition.rounds ENABLE ALWAYS TRIGGER rounds_200_referred_predictions;

CREATE TRIGGER rounds_200_referred_predictions_key AFTER UPDATE OF prediction_config_id, performed_at, resolvable_at, scope_key ON competition.rounds
FOR EACH STATEMENT EXECUTE FUNCTION competition.rounds_200_referred_predictions();
ALTER TABLE competition.rounds ENABLE ALWAYS TRIGGER rounds_200_referred_predictions_key;

CREATE TRIGGER rounds_200_referred_predictions_truncate AFTER TRUNCATE ON competition.rounds
FOR EACH STATEMENT EXECUTE FUNCTION competition.rounds_200_referred_predictions();
ALTER TABLE competition.rounds ENABLE ALWAYS TRIGGER rounds_200_referred_predictions_truncate;

-- judgements (prediction_id) refers to competition.predictions (id): fk_judgements_prediction_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION competition.judgements_200_reference_predictions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT prediction_id FROM new_rows) c
        JOIN competition.predictions p ON p.id = c.prediction_id
    ORDER BY c.prediction_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('id', c.prediction_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.prediction_id) = 0 AND NOT EXISTS (SELECT FROM competition.predictions p WHERE p.id = c.prediction_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in competition.predictions has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_judgements_prediction_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER judgements_200_reference_predictions AFTER INSERT ON competition.judgements
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.judgements_200_reference_predictions();
ALTER TABLE competition.judgements ENABLE ALWAYS TRIGGER judgements_200_reference_predictions;

-- predictions (id) is referred to by competition.judgements (prediction_id): fk_judgements_prediction_id.
CREATE FUNCTION competition.predictions_200_referred_judgements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('id', p.id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM competition.judgements c WHERE c.prediction_id = p.id)
            AND NOT EXISTS (SELECT FROM competition.predictions again WHERE again.id = p.id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('prediction_id', c.prediction_id) INTO used
        FROM competition.judgements c
        WHERE num_nulls(c.prediction_id) = 0 AND NOT EXISTS (SELECT FROM competition.predictions p WHERE c.prediction_id = p.id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: competition.judgements still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_judgements_prediction_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER predictions_200_referred_judgements AFTER DELETE ON competition.predictions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_referred_judgements();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_200_referred_judgements;

CREATE TRIGGER predictions_200_referred_judgements_key AFTER UPDATE OF id ON competition.predictions
FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_referred_judgements();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_200_referred_judgements_key;

CREATE TRIGGER predictions_200_referred_judgements_truncate AFTER TRUNCATE ON competition.predictions
FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_referred_judgements();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_200_referred_judgements_truncate;

CREATE TRIGGER checkpoints_900_outside_insert AFTER INSERT ON competition.checkpoints
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.checkpoints ENABLE ALWAYS TRIGGER checkpoints_900_outside_insert;

CREATE TRIGGER checkpoints_900_outside_update AFTER UPDATE ON competition.checkpoints
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.checkpoints ENABLE ALWAYS TRIGGER checkpoints_900_outside_update;

CREATE TRIGGER checkpoints_900_outside_delete AFTER DELETE ON competition.checkpoints
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.checkpoints ENABLE ALWAYS TRIGGER checkpoints_900_outside_delete;

CREATE TRIGGER checkpoints_900_outside_truncate AFTER TRUNCATE ON competition.checkpoints
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.checkpoints ENABLE ALWAYS TRIGGER checkpoints_900_outside_truncate;

CREATE TRIGGER debuts_900_outside_insert AFTER INSERT ON competition.debuts
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'model_id');
ALTER TABLE competition.debuts ENABLE ALWAYS TRIGGER debuts_900_outside_insert;

CREATE TRIGGER debuts_900_outside_update AFTER UPDATE ON competition.debuts
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'model_id');
ALTER TABLE competition.debuts ENABLE ALWAYS TRIGGER debuts_900_outside_update;

CREATE TRIGGER debuts_900_outside_delete AFTER DELETE ON competition.debuts
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'model_id');
ALTER TABLE competition.debuts ENABLE ALWAYS TRIGGER debuts_900_outside_delete;

CREATE TRIGGER debuts_900_outside_truncate AFTER TRUNCATE ON competition.debuts
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.debuts ENABLE ALWAYS TRIGGER debuts_900_outside_truncate;

CREATE TRIGGER leaderboards_900_outside_insert AFTER INSERT ON competition.leaderboards
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.leaderboards ENABLE ALWAYS TRIGGER leaderboards_900_outside_insert;

CREATE TRIGGER leaderboards_900_outside_update AFTER UPDATE ON competition.leaderboards
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.leaderboards ENABLE ALWAYS TRIGGER leaderboards_900_outside_update;

CREATE TRIGGER leaderboards_900_outside_delete AFTER DELETE ON competition.leaderboards
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.leaderboards ENABLE ALWAYS TRIGGER leaderboards_900_outside_delete;

CREATE TRIGGER leaderboards_900_outside_truncate AFTER TRUNCATE ON competition.leaderboards
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.leaderboards ENABLE ALWAYS TRIGGER leaderboards_900_outside_truncate;

CREATE TRIGGER models_900_outside_insert AFTER INSERT ON competition.models
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_900_outside_insert;

CREATE TRIGGER models_900_outside_update AFTER UPDATE ON competition.models
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_900_outside_update;

CREATE TRIGGER models_900_outside_delete AFTER DELETE ON competition.models
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_900_outside_delete;

CREATE TRIGGER models_900_outside_truncate AFTER TRUNCATE ON competition.models
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_900_outside_truncate;

CREATE TRIGGER scheduled_prediction_configs_900_outside_insert AFTER INSERT ON competition.scheduled_prediction_configs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.scheduled_prediction_configs ENABLE ALWAYS TRIGGER scheduled_prediction_configs_900_outside_insert;

CREATE TRIGGER scheduled_prediction_configs_900_outside_update AFTER UPDATE ON competition.scheduled_prediction_configs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.scheduled_prediction_configs ENABLE ALWAYS TRIGGER scheduled_prediction_configs_900_outside_update;

CREATE TRIGGER scheduled_prediction_configs_900_outside_delete AFTER DELETE ON competition.scheduled_prediction_configs
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.scheduled_prediction_configs ENABLE ALWAYS TRIGGER scheduled_prediction_configs_900_outside_delete;

CREATE TRIGGER scheduled_prediction_configs_900_outside_truncate AFTER TRUNCATE ON competition.scheduled_prediction_configs
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.scheduled_prediction_configs ENABLE ALWAYS TRIGGER scheduled_prediction_configs_900_outside_truncate;

CREATE TRIGGER tallies_900_outside_insert AFTER INSERT ON competition.tallies
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'hour', 'model_id');
ALTER TABLE competition.tallies ENABLE ALWAYS TRIGGER tallies_900_outside_insert;

CREATE TRIGGER tallies_900_outside_update AFTER UPDATE ON competition.tallies
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'hour', 'model_id');
ALTER TABLE competition.tallies ENABLE ALWAYS TRIGGER tallies_900_outside_update;

CREATE TRIGGER tallies_900_outside_delete AFTER DELETE ON competition.tallies
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'hour', 'model_id');
ALTER TABLE competition.tallies ENABLE ALWAYS TRIGGER tallies_900_outside_delete;

CREATE TRIGGER tallies_900_outside_truncate AFTER TRUNCATE ON competition.tallies
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.tallies ENABLE ALWAYS TRIGGER tallies_900_outside_truncate;

CREATE TRIGGER emission_checkpoints_900_outside_insert AFTER INSERT ON competition.emission_checkpoints
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('checkpoint_id', 'period_start');
ALTER TABLE competition.emission_checkpoints ENABLE ALWAYS TRIGGER emission_checkpoints_900_outside_insert;

CREATE TRIGGER emission_checkpoints_900_outside_update AFTER UPDATE ON competition.emission_checkpoints
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('checkpoint_id', 'period_start');
ALTER TABLE competition.emission_checkpoints ENABLE ALWAYS TRIGGER emission_checkpoints_900_outside_update;

CREATE TRIGGER emission_checkpoints_900_outside_delete AFTER DELETE ON competition.emission_checkpoints
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('checkpoint_id', 'period_start');
ALTER TABLE competition.emission_checkpoints ENABLE ALWAYS TRIGGER emission_checkpoints_900_outside_delete;

CREATE TRIGGER emission_checkpoints_900_outside_truncate AFTER TRUNCATE ON competition.emission_checkpoints
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.emission_checkpoints ENABLE ALWAYS TRIGGER emission_checkpoints_900_outside_truncate;

CREATE TRIGGER model_scores_900_outside_insert AFTER INSERT ON competition.model_scores
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.model_scores ENABLE ALWAYS TRIGGER model_scores_900_outside_insert;

CREATE TRIGGER model_scores_900_outside_update AFTER UPDATE ON competition.model_scores
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.model_scores ENABLE ALWAYS TRIGGER model_scores_900_outside_update;

CREATE TRIGGER model_scores_900_outside_delete AFTER DELETE ON competition.model_scores
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE competition.model_scores ENABLE ALWAYS TRIGGER model_scores_900_outside_delete;

CREATE TRIGGER model_scores_900_outside_truncate AFTER TRUNCATE ON competition.model_scores
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.model_scores ENABLE ALWAYS TRIGGER model_scores_900_outside_truncate;

CREATE TRIGGER rounds_900_outside_insert AFTER INSERT ON competition.rounds
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at');
ALTER TABLE competition.rounds ENABLE ALWAYS TRIGGER rounds_900_outside_insert;

CREATE TRIGGER rounds_900_outside_update AFTER UPDATE ON competition.rounds
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at');
ALTER TABLE competition.rounds ENABLE ALWAYS TRIGGER rounds_900_outside_update;

CREATE TRIGGER rounds_900_outside_delete AFTER DELETE ON competition.rounds
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at');
ALTER TABLE competition.rounds ENABLE ALWAYS TRIGGER rounds_900_outside_delete;

CREATE TRIGGER rounds_900_outside_truncate AFTER TRUNCATE ON competition.rounds
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.rounds ENABLE ALWAYS TRIGGER rounds_900_outside_truncate;

CREATE TRIGGER closings_900_outside_insert AFTER INSERT ON competition.closings
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at');
ALTER TABLE competition.closings ENABLE ALWAYS TRIGGER closings_900_outside_insert;

CREATE TRIGGER closings_900_outside_update AFTER UPDATE ON competition.closings
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at');
ALTER TABLE competition.closings ENABLE ALWAYS TRIGGER closings_900_outside_update;

CREATE TRIGGER closings_900_outside_delete AFTER DELETE ON competition.closings
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at');
ALTER TABLE competition.closings ENABLE ALWAYS TRIGGER closings_900_outside_delete;

CREATE TRIGGER closings_900_outside_truncate AFTER TRUNCATE ON competition.closings
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.closings ENABLE ALWAYS TRIGGER closings_900_outside_truncate;

CREATE TRIGGER predictions_900_outside_insert AFTER INSERT ON competition.predictions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at', 'model_id', 'absent');
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_900_outside_insert;

CREATE TRIGGER predictions_900_outside_update AFTER UPDATE ON competition.predictions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at', 'model_id', 'absent');
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_900_outside_update;

CREATE TRIGGER predictions_900_outside_delete AFTER DELETE ON competition.predictions
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at', 'model_id', 'absent');
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_900_outside_delete;

CREATE TRIGGER predictions_900_outside_truncate AFTER TRUNCATE ON competition.predictions
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_900_outside_truncate;

CREATE TRIGGER submissions_900_outside_insert AFTER INSERT ON competition.submissions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('emission_id');
ALTER TABLE competition.submissions ENABLE ALWAYS TRIGGER submissions_900_outside_insert;

CREATE TRIGGER submissions_900_outside_update AFTER UPDATE ON competition.submissions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('emission_id');
ALTER TABLE competition.submissions ENABLE ALWAYS TRIGGER submissions_900_outside_update;

CREATE TRIGGER submissions_900_outside_delete AFTER DELETE ON competition.submissions
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('emission_id');
ALTER TABLE competition.submissions ENABLE ALWAYS TRIGGER submissions_900_outside_delete;

CREATE TRIGGER submissions_900_outside_truncate AFTER TRUNCATE ON competition.submissions
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.submissions ENABLE ALWAYS TRIGGER submissions_900_outside_truncate;

CREATE TRIGGER truths_900_outside_insert AFTER INSERT ON competition.truths
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at');
ALTER TABLE competition.truths ENABLE ALWAYS TRIGGER truths_900_outside_insert;

CREATE TRIGGER truths_900_outside_update AFTER UPDATE ON competition.truths
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at');
ALTER TABLE competition.truths ENABLE ALWAYS TRIGGER truths_900_outside_update;

CREATE TRIGGER truths_900_outside_delete AFTER DELETE ON competition.truths
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at');
ALTER TABLE competition.truths ENABLE ALWAYS TRIGGER truths_900_outside_delete;

CREATE TRIGGER truths_900_outside_truncate AFTER TRUNCATE ON competition.truths
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.truths ENABLE ALWAYS TRIGGER truths_900_outside_truncate;

CREATE TRIGGER confirmations_900_outside_insert AFTER INSERT ON competition.confirmations
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('emission_id', 'status');
ALTER TABLE competition.confirmations ENABLE ALWAYS TRIGGER confirmations_900_outside_insert;

CREATE TRIGGER confirmations_900_outside_update AFTER UPDATE ON competition.confirmations
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('emission_id', 'status');
ALTER TABLE competition.confirmations ENABLE ALWAYS TRIGGER confirmations_900_outside_update;

CREATE TRIGGER confirmations_900_outside_delete AFTER DELETE ON competition.confirmations
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('emission_id', 'status');
ALTER TABLE competition.confirmations ENABLE ALWAYS TRIGGER confirmations_900_outside_delete;

CREATE TRIGGER confirmations_900_outside_truncate AFTER TRUNCATE ON competition.confirmations
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.confirmations ENABLE ALWAYS TRIGGER confirmations_900_outside_truncate;

CREATE TRIGGER judgements_900_outside_insert AFTER INSERT ON competition.judgements
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_id', 'prediction_digest');
ALTER TABLE competition.judgements ENABLE ALWAYS TRIGGER judgements_900_outside_insert;

CREATE TRIGGER judgements_900_outside_update AFTER UPDATE ON competition.judgements
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_id', 'prediction_digest');
ALTER TABLE competition.judgements ENABLE ALWAYS TRIGGER judgements_900_outside_update;

CREATE TRIGGER judgements_900_outside_delete AFTER DELETE ON competition.judgements
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prediction_id', 'prediction_digest');
ALTER TABLE competition.judgements ENABLE ALWAYS TRIGGER judgements_900_outside_delete;

CREATE TRIGGER judgements_900_outside_truncate AFTER TRUNCATE ON competition.judgements
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE competition.judgements ENABLE ALWAYS TRIGGER judgements_900_outside_truncate;

-- Competition: what the database derives and defends, whoever writes.
-- Lock order: predictions (by whoever updates them), tallies and debuts by key; standings under one advisory lock.

-- ---------------------------------------------------------------- pure functions

-- The end of the hour that a moment counts for: hours are half-open, (end - 1 h, end].
CREATE FUNCTION competition.hour_end(moment timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN date_bin('1 hour', moment - interval '1 microsecond', timestamptz '2000-01-01 00:00:00+00') + interval '1 hour';

-- The cast keeps 15 digits: all that a score within its bounds has.
CREATE FUNCTION competition.billionths(score double precision) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round(score::numeric * 1000000000)::bigint;

CREATE FUNCTION competition.is_frozen_whole(payload jsonb, ranking jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT count(*) > 0 AND count(*) = jsonb_array_length(ranking)
        AND bool_and(reward ->> 'cruncher_index' = (place - 1)::text)
        AND bool_and(reward ->> 'reward_pct' ~ '^[0-9]{1,10}$')
        AND sum(CASE WHEN reward ->> 'reward_pct' ~ '^[0-9]{1,10}$' THEN (reward ->> 'reward_pct')::bigint END)
            = 1000000000
    FROM jsonb_array_elements(payload -> 'cruncher_rewards') WITH ORDINALITY AS each (reward, place));

ALTER TABLE competition.emission_checkpoints ADD CONSTRAINT ck_emission_checkpoints_payload
    CHECK (coalesce(competition.is_frozen_whole(payload_jsonb, ranking_jsonb), false));

-- ---------------------------------------------------------------- scores

-- The one place where final scores are counted: by scope, hour of the event time and model.
CREATE TYPE competition.delta AS (
    scope_key text, hour timestamptz, model_id text, n integer, succeeded integer, billionths bigint);

CREATE FUNCTION competition.count_scores(deltas competition.delta[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $count$
BEGIN
    INSERT INTO competition.tallies AS t (scope_key, hour, model_id, n, succeeded, billionths)
    SELECT scope_key, hour, model_id, n, succeeded, billionths FROM unnest(deltas)
    ORDER BY scope_key, hour, model_id
    ON CONFLICT (scope_key, hour, model_id) DO UPDATE
    SET n = t.n + excluded.n, succeeded = t.succeeded + excluded.succeeded,
        billionths = t.billionths + excluded.billionths;
    INSERT INTO competition.debuts AS d (scope_key, model_id, hour)
    SELECT scope_key, model_id, min(hour) FROM unnest(deltas) WHERE n > 0
    GROUP BY scope_key, model_id
    ORDER BY scope_key, model_id
    ON CONFLICT (scope_key, model_id) DO UPDATE SET hour = excluded.hour WHERE excluded.hour < d.hour;
    IF EXISTS (SELECT FROM unnest(deltas) WHERE n < 0) THEN
        DELETE FROM competition.tallies t USING unnest(deltas) d
        WHERE t.scope_key = d.scope_key AND t.hour = d.hour AND t.model_id = d.model_id AND t.n = 0;
        DELETE FROM competition.debuts d USING unnest(deltas) k
        WHERE d.scope_key = k.scope_key AND d.model_id = k.model_id;
        INSERT INTO competition.debuts (scope_key, model_id, hour)
        SELECT t.scope_key, t.model_id, min(t.hour) FROM competition.tallies t
        WHERE (t.scope_key, t.model_id) IN (SELECT scope_key, model_id FROM unnest(deltas))
        GROUP BY t.scope_key, t.model_id
        ORDER BY t.scope_key, t.model_id
        ON CONFLICT (scope_key, model_id) DO UPDATE SET hour = excluded.hour;
    END IF;
END
$count$;

CREATE FUNCTION competition.tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET plan_cache_mode = force_generic_plan AS $tally$
DECLARE
    deltas competition.delta[];
BEGIN
    CASE TG_OP
    WHEN 'TRUNCATE' THEN
        DELETE FROM competition.tallies;
        DELETE FROM competition.debuts;
        RETURN NULL;
    WHEN 'INSERT' THEN
        SELECT array_agg(d::competition.delta) INTO deltas FROM (
            SELECT scope_key, competition.hour_end(resolvable_at), model_id, count(*)::integer,
                count(*) FILTER (WHERE score_success)::integer, sum(competition.billionths(score_value))::bigint
            FROM new_rows WHERE score_value IS NOT NULL
            GROUP BY 1, 2, 3) d;
    WHEN 'DELETE' THEN
        SELECT array_agg(d::competition.delta) INTO deltas FROM (
            SELECT scope_key, competition.hour_end(resolvable_at), model_id, -count(*)::integer,
                -count(*) FILTER (WHERE score_success)::integer, -sum(competition.billionths(score_value))::bigint
            FROM old_rows WHERE score_value IS NOT NULL
            GROUP BY 1, 2, 3) d;
    ELSE
        SELECT array_agg(d::competition.delta) INTO deltas FROM (
            SELECT scope_key, competition.hour_end(resolvable_at), model_id, sum(weight)::integer AS n,
                coalesce(sum(weight) FILTER (WHERE score_success), 0)::integer AS succeeded,
                sum(weight * competition.billionths(score_value))::bigint AS billionths
            FROM (
                SELECT scope_key, resolvable_at, model_id, score_success, score_value, 1 AS weight FROM new_rows
                UNION ALL
                SELECT scope_key, resolvable_at, model_id, score_success, score_value, -1 FROM old_rows) weighed
            WHERE score_value IS NOT NULL
            GROUP BY 1, 2, 3) d
        WHERE n <> 0 OR succeeded <> 0 OR billionths <> 0;
    END CASE;
    IF deltas IS NOT NULL THEN
        PERFORM competition.count_scores(deltas);
    END IF;
    RETURN NULL;
END
$tally$;

CREATE TRIGGER predictions_500_tally_insert AFTER INSERT ON competition.predictions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.tally();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_500_tally_insert;

CREATE TRIGGER predictions_500_tally_update AFTER UPDATE ON competition.predictions
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.tally();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_500_tally_update;

CREATE TRIGGER predictions_500_tally_delete AFTER DELETE ON competition.predictions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.tally();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_500_tally_delete;

CREATE TRIGGER predictions_500_tally_truncate AFTER TRUNCATE ON competition.predictions
FOR EACH STATEMENT EXECUTE FUNCTION competition.tally();
ALTER TABLE competition.predictions ENABLE ALWAYS TRIGGER predictions_500_tally_truncate;

CREATE FUNCTION competition.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $refuse$
BEGIN
    IF EXISTS (SELECT FROM competition.predictions WHERE score_value IS NOT NULL)
        OR EXISTS (SELECT FROM competition.leaderboards) THEN
        RAISE EXCEPTION '%: what is derived cannot be emptied while there is what it is derived from', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, HINT = 'Empty predictions and leaderboards.';
    END IF;
    RETURN NULL;
END
$refuse$;

CREATE TRIGGER tallies_900_truncate AFTER TRUNCATE ON competition.tallies
FOR EACH STATEMENT EXECUTE FUNCTION competition.refuse_truncate();
ALTER TABLE competition.tallies ENABLE ALWAYS TRIGGER tallies_900_truncate;

CREATE TRIGGER debuts_900_truncate AFTER TRUNCATE ON competition.debuts
FOR EACH STATEMENT EXECUTE FUNCTION competition.refuse_truncate();
ALTER TABLE competition.debuts ENABLE ALWAYS TRIGGER debuts_900_truncate;

CREATE TRIGGER model_scores_900_truncate AFTER TRUNCATE ON competition.model_scores
FOR EACH STATEMENT EXECUTE FUNCTION competition.refuse_truncate();
ALTER TABLE competition.model_scores ENABLE ALWAYS TRIGGER model_scores_900_truncate;

-- ---------------------------------------------------------------- standings

-- Of one model on one board, as kept in its history.
CREATE FUNCTION competition.payload(entry jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN jsonb_build_object(
    'windows', jsonb_build_object('recent', entry -> 'recent', 'steady', entry -> 'steady', 'anchor', entry -> 'score'),
    'rank_key', entry -> 'score',
    'payload', jsonb_build_object('n', entry -> 'n', 'scopes', entry -> 'scopes'));

CREATE FUNCTION competition.by_scope(scopes jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN coalesce((
    SELECT jsonb_agg(jsonb_build_object('scope_key', key, 'score',
        jsonb_build_object('recent', value -> 0, 'steady', value -> 1, 'anchor', value -> 2)) ORDER BY key)
    FROM jsonb_each(scopes)), '[]');

-- Models and boards may arrive in any order and at once: whoever looks for the other keeps it out meanwhile.
CREATE FUNCTION competition.hold_standings() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $hold$
    SELECT pg_advisory_xact_lock(hashtext('competition.standings'), 0)
$hold$;

CREATE FUNCTION competition.show_standings(of_models text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $show$
BEGIN
    UPDATE competition.models m
    SET overall_score_jsonb = s.overall, scores_by_scope_jsonb = s.by_scope
    FROM (
        SELECT k.id, coalesce(s.score_payload_jsonb -> 'windows', '{}') AS overall,
            coalesce(competition.by_scope(s.score_payload_jsonb -> 'payload' -> 'scopes'), '[]') AS by_scope
        FROM unnest(of_models) k (id)
            LEFT JOIN LATERAL (
                SELECT score_payload_jsonb FROM competition.model_scores s WHERE s.model_id = k.id
                ORDER BY computed_at DESC LIMIT 1) s ON true
        ORDER BY k.id) s
    WHERE m.id = s.id AND (m.overall_score_jsonb, m.scores_by_scope_jsonb) IS DISTINCT FROM (s.overall, s.by_scope);
END
$show$;

-- A model's history has a row for each board over all scopes on which its figures are others than on the one before.
CREATE FUNCTION competition.keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $history$
DECLARE
    whole constant text := 'competition.windows.all';
    since timestamptz := '-infinity';
    changed text[];
BEGIN
    PERFORM competition.hold_standings();
    IF TG_OP = 'INSERT' THEN
        SELECT min(created_at) INTO since FROM new_rows WHERE board = whole;
        IF since IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    -- Boards come in the order of their cuts; one put before others by hand changes what follows.
    WITH gone AS (DELETE FROM competition.model_scores WHERE computed_at >= since RETURNING model_id)
    SELECT array_agg(DISTINCT model_id) INTO changed FROM gone;
    WITH boards AS (
        SELECT id, created_at, entries_jsonb FROM competition.leaderboards
        WHERE board = whole AND created_at >= since
    ), shown AS (
        SELECT b.id, b.created_at, e ->> 'id' AS model_id, competition.payload(e) AS payload
        FROM boards b, jsonb_array_elements(b.entries_jsonb) e
    ), before AS (
        SELECT m.model_id, s.score_payload_jsonb AS payload
        FROM (SELECT DISTINCT model_id FROM shown) m, LATERAL (
            SELECT score_payload_jsonb FROM competition.model_scores s
            WHERE s.model_id = m.model_id AND s.computed_at < since ORDER BY computed_at DESC LIMIT 1) s
    ), turns AS (
        SELECT s.*, coalesce(lag(s.payload) OVER (PARTITION BY s.model_id ORDER BY s.created_at, s.id), b.payload) AS was
        FROM shown s LEFT JOIN before b USING (model_id)
    ), kept AS (
        INSERT INTO competition.model_scores (id, model_id, score_payload_jsonb, computed_at)
        SELECT 'SNP_' || model_id || '_' || substr(id, 5), model_id, payload, created_at FROM turns
        WHERE was IS DISTINCT FROM payload
        ORDER BY model_id, created_at
        RETURNING model_id
    )
    SELECT array_agg(DISTINCT model_id) || changed INTO changed FROM kept;
    PERFORM competition.show_standings(changed);
    RETURN NULL;
END
$history$;

CREATE TRIGGER leaderboards_500_history_insert AFTER INSERT ON competition.leaderboards
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_history();
ALTER TABLE competition.leaderboards ENABLE ALWAYS TRIGGER leaderboards_500_history_insert;

CREATE TRIGGER leaderboards_500_history_delete AFTER DELETE ON competition.leaderboards
FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_history();
ALTER TABLE competition.leaderboards ENABLE ALWAYS TRIGGER leaderboards_500_history_delete;

CREATE TRIGGER leaderboards_500_history_truncate AFTER TRUNCATE ON competition.leaderboards
FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_history();
ALTER TABLE competition.leaderboards ENABLE ALWAYS TRIGGER leaderboards_500_history_truncate;

CREATE FUNCTION competition.greet_models() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $greet$
BEGIN
    PERFORM competition.hold_standings();
    PERFORM competition.show_standings(ARRAY(SELECT id FROM new_rows));
    RETURN NULL;
END
$greet$;

CREATE TRIGGER models_500_standing AFTER INSERT ON competition.models
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.greet_models();
ALTER TABLE competition.models ENABLE ALWAYS TRIGGER models_500_standing;

-- ---------------------------------------------------------------- emissions

-- Periods of a checkpoint never overlap, so nothing is paid twice. They share a partition: the first one stays.
CREATE FUNCTION competition.keep_periods_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $apart$
DECLARE
    twice text;
BEGIN
    PERFORM FROM competition.checkpoints c WHERE c.id IN (SELECT checkpoint_id FROM new_rows)
    ORDER BY c.id FOR NO KEY UPDATE;
    SELECT n.id INTO twice
    FROM new_rows n
        JOIN competition.emission_checkpoints e ON e.checkpoint_id = n.checkpoint_id AND e.id <> n.id
            AND e.period_start < n.period_end AND n.period_start < e.period_end
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'emission_checkpoints: the period of % overlaps another one', twice
        USING ERRCODE = 'exclusion_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            HINT = 'A period starts where the one before ended.';
    END IF;
    RETURN NULL;
END
$apart$;

CREATE TRIGGER emission_checkpoints_300_apart AFTER INSERT ON competition.emission_checkpoints
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_periods_apart();
ALTER TABLE competition.emission_checkpoints ENABLE ALWAYS TRIGGER emission_checkpoints_300_apart;

-- What is confirmed is what was submitted: the submission is there, since it is referred to, and never changes.
CREATE FUNCTION competition.keep_to_submission() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $hash$
DECLARE
    other text;
BEGIN
    SELECT n.emission_id INTO other
    FROM new_rows n JOIN competition.submissions s USING (emission_id)
    WHERE s.tx_hash <> n.tx_hash
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'confirmations: % was submitted with another tx_hash', other
        USING ERRCODE = 'exclusion_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            HINT = 'The first submission stays; confirm that one.';
    END IF;
    RETURN NULL;
END
$hash$;

CREATE TRIGGER confirmations_300_hash AFTER INSERT ON competition.confirmations
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_to_submission();
ALTER TABLE competition.confirmations ENABLE ALWAYS TRIGGER confirmations_300_hash;

-- ---------------------------------------------------------------- views

-- Answers that do not count: the round was closed without them.
CREATE VIEW competition.late_predictions AS
SELECT p.*
FROM competition.predictions p JOIN competition.closings c USING (prediction_config_id, performed_at)
WHERE NOT p.absent AND NOT c.answered ? p.model_id;

GRANT USAGE ON SCHEMA competition TO podium_consumer, podium_stream, podium_reader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA competition TO podium_consumer;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA competition TO podium_consumer;
GRANT SELECT ON ALL TABLES IN SCHEMA competition TO podium_stream, podium_reader;
