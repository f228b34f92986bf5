CREATE SCHEMA seismic;

CREATE TABLE seismic.definitions (
    metric VARCHAR(50) NOT NULL, 
    definition INTEGER NOT NULL, 
    unit VARCHAR(50) NOT NULL, 
    direction VARCHAR(4) NOT NULL, 
    formula TEXT NOT NULL, 
    source TEXT, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_definitions PRIMARY KEY (metric, definition), 
    CONSTRAINT ck_definitions_direction CHECK (direction IN ('up', 'down'))
);

COMMENT ON COLUMN seismic.definitions.definition IS 'version of the formula: figures of two never mix';

CREATE TABLE seismic.models (
    id UUID DEFAULT gen_random_uuid() NOT NULL, 
    name VARCHAR(255) NOT NULL, 
    version VARCHAR(50) NOT NULL, 
    architecture VARCHAR(100) NOT NULL, 
    type VARCHAR(50) NOT NULL, 
    storage_path VARCHAR(500), 
    config JSONB DEFAULT '{}' NOT NULL, 
    metrics JSONB DEFAULT '{}' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp(), 
    stage VARCHAR(50) DEFAULT 'registered' NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_models PRIMARY KEY (id), 
    CONSTRAINT uq_models_name_version UNIQUE (name, version), 
    CONSTRAINT ck_models_type CHECK (type IN ('reconstruction', 'denoising'))
);

COMMENT ON COLUMN seismic.models.metrics IS 'aggregate of its final results';

CREATE TABLE seismic.users (
    id UUID DEFAULT gen_random_uuid() NOT NULL, 
    email VARCHAR(255) NOT NULL, 
    password_hash VARCHAR(255), 
    role VARCHAR(50) DEFAULT 'user' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp(), 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp(), 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    CONSTRAINT pk_users PRIMARY KEY (id), 
    CONSTRAINT uq_users_email UNIQUE (email), 
    CONSTRAINT ck_users_role CHECK (role IN ('user', 'admin'))
);

COMMENT ON COLUMN seismic.users.password_hash IS 'secret: never in an event, a log line, an export or the API';

COMMENT ON COLUMN seismic.users.updated_at IS 'of the newest event; by hand, of a change that events could say';

CREATE TABLE seismic.datasets (
    id UUID DEFAULT gen_random_uuid() NOT NULL, 
    user_id UUID NOT NULL, 
    name VARCHAR(255) NOT NULL, 
    format VARCHAR(50) NOT NULL, 
    traces INTEGER, 
    samples INTEGER, 
    sample_rate DOUBLE PRECISION, 
    size_bytes BIGINT, 
    status VARCHAR(50) DEFAULT 'uploading' NOT NULL, 
    storage_path VARCHAR(500), 
    metadata JSONB, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp(), 
    event_status VARCHAR(50) NOT NULL, 
    attempt INTEGER DEFAULT 1 NOT NULL, 
    sample_bytes SMALLINT, 
    extended_headers INTEGER, 
    error_message TEXT, 
    job_id UUID, 
    CONSTRAINT pk_datasets PRIMARY KEY (id), 
    CONSTRAINT ck_datasets_format CHECK (format IN ('segy', 'miniseed', 'sac', 'seg2', 'gcf', 'npy')), 
    CONSTRAINT ck_datasets_shown CHECK (status IN ('uploading', 'processing', 'ready', 'error')), 
    CONSTRAINT ck_datasets_ready CHECK (status <> 'ready' OR (traces > 0 AND samples > 0 AND sample_rate > 0 AND size_bytes > 0) IS TRUE), 
    CONSTRAINT fk_datasets_user_id FOREIGN KEY(user_id) REFERENCES seismic.users (id)
)
 WITH (fillfactor = 70);

CREATE UNIQUE INDEX idx_datasets_job ON seismic.datasets (job_id) WHERE job_id IS NOT NULL;

CREATE INDEX idx_datasets_user ON seismic.datasets (user_id);

COMMENT ON COLUMN seismic.datasets.samples IS 'of each trace';

COMMENT ON COLUMN seismic.datasets.sample_rate IS 'Hz';

COMMENT ON COLUMN seismic.datasets.status IS 'shown: see show_datasets';

COMMENT ON COLUMN seismic.datasets.event_status IS 'what events said of the upload';

COMMENT ON COLUMN seismic.datasets.attempt IS 'at the upload';

COMMENT ON COLUMN seismic.datasets.sample_bytes IS 'of one sample in the file';

COMMENT ON COLUMN seismic.datasets.extended_headers IS 'of 3200 bytes, SEG-Y';

COMMENT ON COLUMN seismic.datasets.job_id IS 'of the job whose output this is; such a row follows the job';

CREATE TABLE seismic.jobs (
    id UUID DEFAULT gen_random_uuid() NOT NULL, 
    user_id UUID NOT NULL, 
    dataset_id UUID NOT NULL, 
    model_id UUID, 
    type VARCHAR(50) NOT NULL, 
    status VARCHAR(50) DEFAULT 'pending' NOT NULL, 
    progress INTEGER DEFAULT 0 NOT NULL, 
    parameters JSONB DEFAULT '{}' NOT NULL, 
    error_message TEXT, 
    started_at TIMESTAMP WITH TIME ZONE, 
    completed_at TIMESTAMP WITH TIME ZONE, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp(), 
    event_status VARCHAR(50) NOT NULL, 
    attempt INTEGER DEFAULT 1 NOT NULL, 
    worker VARCHAR(255), 
    began_at TIMESTAMP WITH TIME ZONE, 
    began_attempt INTEGER, 
    seen_at TIMESTAMP WITH TIME ZONE, 
    reported_attempt INTEGER, 
    percent INTEGER, 
    lease_seconds INTEGER DEFAULT 900 NOT NULL, 
    output_dataset_id UUID DEFAULT gen_random_uuid() NOT NULL, 
    input_ready BOOLEAN DEFAULT false NOT NULL, 
    has_result BOOLEAN DEFAULT false NOT NULL, 
    CONSTRAINT pk_jobs PRIMARY KEY (id), 
    CONSTRAINT ck_jobs_type CHECK (type IN ('reconstruction', 'denoising')), 
    CONSTRAINT ck_jobs_shown CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')), 
    CONSTRAINT ck_jobs_progress CHECK (progress BETWEEN 0 AND 100 AND (progress = 100) = (status = 'completed')), 
    CONSTRAINT ck_jobs_percent CHECK (percent BETWEEN 0 AND 99), 
    CONSTRAINT ck_jobs_started_at CHECK (status <> 'pending' OR started_at IS NULL), 
    CONSTRAINT ck_jobs_completed_at CHECK ((completed_at IS NOT NULL) = (event_status IN ('completed', 'failed', 'cancelled'))), 
    CONSTRAINT ck_jobs_error_message CHECK (event_status <> 'failed' OR error_message IS NOT NULL), 
    CONSTRAINT ck_jobs_output_dataset_id CHECK (output_dataset_id <> dataset_id), 
    CONSTRAINT fk_jobs_user_id FOREIGN KEY(user_id) REFERENCES seismic.users (id), 
    CONSTRAINT fk_jobs_dataset_id FOREIGN KEY(dataset_id) REFERENCES seismic.datasets (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_jobs_model_id FOREIGN KEY(model_id) REFERENCES seismic.models (id) ON DELETE RESTRICT
)
 WITH (fillfactor = 50);

CREATE INDEX idx_jobs_created ON seismic.jobs (created_at);

CREATE INDEX idx_jobs_dataset ON seismic.jobs (dataset_id);

CREATE INDEX idx_jobs_model ON seismic.jobs (model_id);

CREATE INDEX idx_jobs_status ON seismic.jobs (status);

CREATE INDEX idx_jobs_user ON seismic.jobs (user_id);

COMMENT ON COLUMN seismic.jobs.model_id IS 'every filter is a model, too';

COMMENT ON COLUMN seismic.jobs.status IS 'shown: see show_job';

COMMENT ON COLUMN seismic.jobs.progress IS 'shown: 100 once completed';

COMMENT ON COLUMN seismic.jobs.started_at IS 'of the present attempt; shown once the input is ready';

COMMENT ON COLUMN seismic.jobs.completed_at IS 'when it ended, whichever way';

COMMENT ON COLUMN seismic.jobs.event_status IS 'what events said';

COMMENT ON COLUMN seismic.jobs.began_at IS 'what the first start of the newest attempt said, as the worker';

COMMENT ON COLUMN seismic.jobs.began_attempt IS 'the newest that anybody began';

COMMENT ON COLUMN seismic.jobs.seen_at IS 'of the last sign of life';

COMMENT ON COLUMN seismic.jobs.reported_attempt IS 'whose progress the percent is';

COMMENT ON COLUMN seismic.jobs.percent IS 'what workers reported';

COMMENT ON COLUMN seismic.jobs.input_ready IS 'and the owner''s own';

COMMENT ON COLUMN seismic.jobs.has_result IS 'of the present attempt';

CREATE TABLE seismic.uploads (
    dataset_id UUID NOT NULL, 
    attempt INTEGER DEFAULT 1 NOT NULL, 
    size_bytes BIGINT NOT NULL, 
    part_bytes INTEGER NOT NULL, 
    sha256 VARCHAR(64), 
    started_at TIMESTAMP WITH TIME ZONE, 
    stored_parts INTEGER DEFAULT 0 NOT NULL, 
    stored_bytes BIGINT DEFAULT 0 NOT NULL, 
    odd_parts INTEGER DEFAULT 0 NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_uploads PRIMARY KEY (dataset_id, attempt), 
    CONSTRAINT ck_uploads_sizes CHECK (size_bytes > 0 AND part_bytes > 0), 
    CONSTRAINT fk_uploads_dataset_id FOREIGN KEY(dataset_id) REFERENCES seismic.datasets (id) ON DELETE CASCADE
)
 WITH (fillfactor = 70);

COMMENT ON COLUMN seismic.uploads.size_bytes IS 'announced';

COMMENT ON COLUMN seismic.uploads.part_bytes IS 'of every part but the last';

COMMENT ON COLUMN seismic.uploads.sha256 IS 'of the whole, announced';

COMMENT ON COLUMN seismic.uploads.odd_parts IS 'surplus or of the wrong size';

CREATE TABLE seismic.denoised (
    job_id UUID NOT NULL, 
    attempt INTEGER NOT NULL, 
    trace INTEGER NOT NULL, 
    reference VARCHAR(500) NOT NULL, 
    seconds DOUBLE PRECISION NOT NULL, 
    denoised_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_denoised PRIMARY KEY (job_id, attempt, trace), 
    CONSTRAINT ck_denoised_seconds CHECK (trace >= 0 AND seconds >= 0 AND seconds < 'Infinity')
);

COMMENT ON COLUMN seismic.denoised.trace IS 'index, from 0';

COMMENT ON COLUMN seismic.denoised.reference IS 'where the output trace lies';

COMMENT ON COLUMN seismic.denoised.seconds IS 'that the model took for it';

CREATE TABLE seismic.measurements (
    job_id UUID NOT NULL, 
    attempt INTEGER NOT NULL, 
    trace INTEGER NOT NULL, 
    metric VARCHAR(50) NOT NULL, 
    definition INTEGER NOT NULL, 
    value DOUBLE PRECISION, 
    flag VARCHAR(10), 
    n INTEGER NOT NULL, 
    measured_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_measurements PRIMARY KEY (job_id, attempt, metric, definition, trace), 
    CONSTRAINT ck_measurements_flag CHECK (num_nonnulls(value, flag) = 1 AND flag IN ('perfect', 'undefined')), 
    CONSTRAINT ck_measurements_finite CHECK (value > '-Infinity' AND value < 'Infinity'), 
    CONSTRAINT ck_measurements_n CHECK (trace >= 0 AND n > 0), 
    CONSTRAINT ck_measurements_range CHECK (CASE WHEN metric IN ('mse', 'rmse', 'mae') THEN value >= 0 WHEN metric IN ('ssim', 'freq_correlation') THEN value BETWEEN -1 AND 1 WHEN metric = 'phase_coherence' THEN value BETWEEN 0 AND 1 ELSE true END)
);

COMMENT ON COLUMN seismic.measurements.trace IS 'index of the trace or gather, from 0';

COMMENT ON COLUMN seismic.measurements.value IS 'NULL: the flag says why';

COMMENT ON COLUMN seismic.measurements.flag IS 'perfect: no noise is left; undefined: the formula has no value';

COMMENT ON COLUMN seismic.measurements.n IS 'samples';

CREATE TABLE seismic.parts (
    dataset_id UUID NOT NULL, 
    attempt INTEGER NOT NULL, 
    part INTEGER NOT NULL, 
    bytes INTEGER NOT NULL, 
    sha256 VARCHAR(64) NOT NULL, 
    stored_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_parts PRIMARY KEY (dataset_id, attempt, part), 
    CONSTRAINT fk_parts_dataset_id_attempt FOREIGN KEY(dataset_id, attempt) REFERENCES seismic.uploads (dataset_id, attempt) ON DELETE CASCADE, 
    CONSTRAINT ck_parts_part CHECK (part >= 0 AND bytes > 0)
);

COMMENT ON COLUMN seismic.parts.part IS 'index, from 0';

CREATE TABLE seismic.results (
    id UUID DEFAULT gen_random_uuid() NOT NULL, 
    job_id UUID NOT NULL, 
    output_dataset_id UUID NOT NULL, 
    metrics JSONB DEFAULT '{}' NOT NULL, 
    storage_path VARCHAR(500), 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp(), 
    attempt INTEGER DEFAULT 1 NOT NULL, 
    traces INTEGER, 
    samples INTEGER, 
    sample_rate DOUBLE PRECISION, 
    size_bytes BIGINT, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_results PRIMARY KEY (id), 
    CONSTRAINT uq_results_job_id_attempt UNIQUE (job_id, attempt), 
    CONSTRAINT ck_results_output CHECK (traces > 0 AND samples > 0 AND sample_rate > 0 AND size_bytes > 0), 
    CONSTRAINT fk_results_job_id FOREIGN KEY(job_id) REFERENCES seismic.jobs (id), 
    CONSTRAINT fk_results_output_dataset_id FOREIGN KEY(output_dataset_id) REFERENCES seismic.datasets (id)
);

CREATE INDEX idx_results_output ON seismic.results (output_dataset_id);

COMMENT ON COLUMN seismic.results.traces IS 'of the output, as the next columns; NULL: as the input';

CREATE TABLE seismic.spread (
    job_id UUID NOT NULL, 
    attempt INTEGER NOT NULL, 
    metric VARCHAR(50) NOT NULL, 
    definition INTEGER NOT NULL, 
    near NUMERIC NOT NULL, 
    n BIGINT NOT NULL, 
    CONSTRAINT pk_spread PRIMARY KEY (job_id, attempt, metric, definition, near), 
    CONSTRAINT fk_spread_job_id FOREIGN KEY(job_id) REFERENCES seismic.jobs (id) ON DELETE CASCADE
)
 WITH (fillfactor = 50);

COMMENT ON COLUMN seismic.spread.near IS 'the values, rounded';

CREATE TABLE seismic.summaries (
    job_id UUID NOT NULL, 
    attempt INTEGER NOT NULL, 
    metric VARCHAR(50) NOT NULL, 
    definition INTEGER NOT NULL, 
    n BIGINT NOT NULL, 
    perfect BIGINT NOT NULL, 
    undefined BIGINT NOT NULL, 
    total NUMERIC NOT NULL, 
    squares NUMERIC NOT NULL, 
    CONSTRAINT pk_summaries PRIMARY KEY (job_id, attempt, metric, definition), 
    CONSTRAINT fk_summaries_job_id FOREIGN KEY(job_id) REFERENCES seismic.jobs (id) ON DELETE CASCADE
)
 WITH (fillfactor = 50);

COMMENT ON COLUMN seismic.summaries.n IS 'finite values';

COMMENT ON COLUMN seismic.summaries.total IS 'sum of the values';

COMMENT ON COLUMN seismic.summaries.squares IS 'sum of their squares';

CREATE TABLE seismic.timings (
    job_id UUID NOT NULL, 
    attempt INTEGER NOT NULL, 
    n BIGINT NOT NULL, 
    seconds NUMERIC NOT NULL, 
    CONSTRAINT pk_timings PRIMARY KEY (job_id, attempt), 
    CONSTRAINT fk_timings_job_id FOREIGN KEY(job_id) REFERENCES seismic.jobs (id) ON DELETE CASCADE
)
 WITH (fillfactor = 50);

COMMENT ON COLUMN seismic.timings.n IS 'traces';

ALTER TABLE seismic.denoised ADD CONSTRAINT fk_denoised_job_id
    FOREIGN KEY (job_id) REFERENCES seismic.jobs (id) NOT ENFORCED;

ALTER TABLE seismic.measurements ADD CONSTRAINT fk_measurements_job_id
    FOREIGN KEY (job_id) REFERENCES seismic.jobs (id) NOT ENFORCED;
ALTER TABLE seismic.measurements ADD CONSTRAINT fk_measurements_metric_definition
    FOREIGN KEY (metric, definition) REFERENCES seismic.definitions (metric, definition) NOT ENFORCED;

-- The life cycle dataset: ranks and moves of its states, as declared.
CREATE FUNCTION seismic.dataset_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'uploading' THEN 0 WHEN 'processing' THEN 1 WHEN 'ready' THEN 2 WHEN 'error' THEN 2 END;

CREATE FUNCTION seismic.dataset_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'uploading' THEN target IN ('processing', 'error') WHEN 'processing' THEN target IN ('ready', 'error') ELSE false END;

CREATE FUNCTION seismic.dataset_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'uploading' THEN target IN ('processing', 'ready', 'error') WHEN 'processing' THEN target IN ('ready', 'error') ELSE false END;

CREATE FUNCTION seismic.dataset_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN origin NOT IN ('ready') AND (target = 'uploading' OR CASE origin WHEN 'error' THEN target IN ('uploading') ELSE false END);

-- The life cycle job: ranks and moves of its states, as declared.
CREATE FUNCTION seismic.job_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'pending' THEN 0 WHEN 'running' THEN 1 WHEN 'completed' THEN 2 WHEN 'failed' THEN 2 WHEN 'cancelled' THEN 2 END;

CREATE FUNCTION seismic.job_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending' THEN target IN ('running', 'failed', 'cancelled') WHEN 'running' THEN target IN ('completed', 'failed', 'cancelled') ELSE false END;

CREATE FUNCTION seismic.job_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending' THEN target IN ('running', 'completed', 'failed', 'cancelled') WHEN 'running' THEN target IN ('completed', 'failed', 'cancelled') ELSE false END;

CREATE FUNCTION seismic.job_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN origin NOT IN ('completed', 'failed', 'cancelled') AND (target = 'pending' OR CASE origin WHEN 'running' THEN target IN ('running') ELSE false END);

-- The life cycle model: ranks and moves of its states, as declared.
CREATE FUNCTION seismic.model_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'registered' THEN 0 WHEN 'retired' THEN 1 END;

CREATE FUNCTION seismic.model_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'registered' THEN target IN ('retired') ELSE false END;

CREATE FUNCTION seismic.model_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'registered' THEN target IN ('retired') ELSE false END;

CREATE FUNCTION seismic.model_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'registered' OR CASE origin WHEN NULL THEN false ELSE false END;

ALTER TABLE seismic.models ADD CONSTRAINT ck_models_stage CHECK (stage IN ('registered', 'retired'));

-- models: moves of stage follow the life cycle model; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION seismic.models_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.stage AS origin, n.stage AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.name = o.name AND n.version = o.version
    WHERE CASE
        WHEN o.stage IS NULL THEN true
        WHEN true THEN n.stage <> o.stage AND NOT CASE
            WHEN through_log THEN seismic.model_reaches(o.stage, n.stage)
            ELSE seismic.model_moves(o.stage, n.stage) END
        WHEN false THEN NOT (through_log OR seismic.model_reopens(o.stage, n.stage))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle model, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER models_100_guard AFTER UPDATE ON seismic.models
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION seismic.models_100_guard();
ALTER TABLE seismic.models ENABLE ALWAYS TRIGGER models_100_guard;

ALTER TABLE seismic.datasets ADD CONSTRAINT ck_datasets_event_status CHECK (event_status IN ('uploading', 'processing', 'ready', 'error'));

-- datasets: moves of event_status follow the life cycle dataset; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION seismic.datasets_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.event_status AS origin, n.event_status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.id = o.id
    WHERE CASE
        WHEN o.event_status IS NULL THEN true
        WHEN (n.attempt) = (o.attempt) THEN n.event_status <> o.event_status AND NOT CASE
            WHEN through_log THEN seismic.dataset_reaches(o.event_status, n.event_status)
            ELSE seismic.dataset_moves(o.event_status, n.event_status) END
        WHEN (n.attempt) > (o.attempt) THEN NOT (through_log OR seismic.dataset_reopens(o.event_status, n.event_status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle dataset, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER datasets_100_guard AFTER UPDATE ON seismic.datasets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION seismic.datasets_100_guard();
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_100_guard;

-- datasets: what comes through the log after the end is superseded.
CREATE FUNCTION seismic.datasets_040_final() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $final$
BEGIN
    RETURN NULL;
END
$final$;

CREATE TRIGGER datasets_040_final BEFORE UPDATE ON seismic.datasets
FOR EACH ROW WHEN (OLD.event_status IN ('ready') AND session_user = 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION seismic.datasets_040_final();
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_040_final;

ALTER TABLE seismic.jobs ADD CONSTRAINT ck_jobs_event_status CHECK (event_status IN ('pending', 'running', 'completed', 'failed', 'cancelled'));

-- jobs: moves of event_status follow the life cycle job; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION seismic.jobs_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.event_status AS origin, n.event_status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.id = o.id
    WHERE CASE
        WHEN o.event_status IS NULL THEN true
        WHEN (n.attempt) = (o.attempt) THEN n.event_status <> o.event_status AND NOT CASE
            WHEN through_log THEN seismic.job_reaches(o.event_status, n.event_status)
            ELSE seismic.job_moves(o.event_status, n.event_status) END
        WHEN (n.attempt) > (o.attempt) THEN NOT (through_log OR seismic.job_reopens(o.event_status, n.event_status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle job, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER jobs_100_guard AFTER UPDATE ON seismic.jobs
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION seismic.jobs_100_guard();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_100_guard;

-- jobs: what comes through the log after the end is superseded.
CREATE FUNCTION seismic.jobs_040_final() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $final$
BEGIN
    RETURN NULL;
END
$final$;

CREATE TRIGGER jobs_040_final BEFORE UPDATE ON seismic.jobs
FOR EACH ROW WHEN (OLD.event_status IN ('completed', 'failed', 'cancelled') AND session_user = 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION seismic.jobs_040_final();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_040_final;

CREATE TRIGGER definitions_100_immutable BEFORE UPDATE OF metric, definition, unit, direction, formula, source, place_partition, place_offset ON seismic.definitions
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE seismic.definitions ENABLE ALWAYS TRIGGER definitions_100_immutable;

CREATE TRIGGER models_100_immutable BEFORE UPDATE OF id, name, version, architecture, type, storage_path, config, created_at, place_partition, place_offset ON seismic.models
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE seismic.models ENABLE ALWAYS TRIGGER models_100_immutable;

CREATE TRIGGER users_100_immutable BEFORE UPDATE OF id, email, created_at ON seismic.users
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE seismic.users ENABLE ALWAYS TRIGGER users_100_immutable;

CREATE TRIGGER uploads_100_immutable BEFORE UPDATE OF dataset_id, attempt, size_bytes, part_bytes, sha256, started_at, place_partition, place_offset ON seismic.uploads
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE seismic.uploads ENABLE ALWAYS TRIGGER uploads_100_immutable;

CREATE TRIGGER denoised_100_immutable BEFORE UPDATE OF job_id, attempt, trace, reference, seconds, denoised_at, place_partition, place_offset ON seismic.denoised
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE seismic.denoised ENABLE ALWAYS TRIGGER denoised_100_immutable;

CREATE TRIGGER measurements_100_immutable BEFORE UPDATE OF job_id, attempt, trace, metric, definition, value, flag, n, measured_at, place_partition, place_offset ON seismic.measurements
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_100_immutable;

CREATE TRIGGER parts_100_immutable BEFORE UPDATE OF dataset_id, attempt, part, bytes, sha256, stored_at, place_partition, place_offset ON seismic.parts
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE seismic.parts ENABLE ALWAYS TRIGGER parts_100_immutable;

CREATE TRIGGER results_100_immutable BEFORE UPDATE OF id, job_id, output_dataset_id, metrics, storage_path, created_at, attempt, traces, samples, sample_rate, size_bytes, place_partition, place_offset ON seismic.results
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE seismic.results ENABLE ALWAYS TRIGGER results_100_immutable;

CREATE TRIGGER models_100_tallied BEFORE UPDATE OF metrics ON seismic.models
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE seismic.models ENABLE ALWAYS TRIGGER models_100_tallied;

CREATE TRIGGER jobs_100_tallied BEFORE UPDATE OF input_ready, has_result ON seismic.jobs
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_100_tallied;

CREATE TRIGGER uploads_100_tallied BEFORE UPDATE OF stored_parts, stored_bytes, odd_parts ON seismic.uploads
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE seismic.uploads ENABLE ALWAYS TRIGGER uploads_100_tallied;

CREATE TRIGGER spread_100_derived BEFORE INSERT OR UPDATE OR DELETE ON seismic.spread
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE seismic.spread ENABLE ALWAYS TRIGGER spread_100_derived;

CREATE TRIGGER summaries_100_derived BEFORE INSERT OR UPDATE OR DELETE ON seismic.summaries
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE seismic.summaries ENABLE ALWAYS TRIGGER summaries_100_derived;

CREATE TRIGGER timings_100_derived BEFORE INSERT OR UPDATE OR DELETE ON seismic.timings
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE seismic.timings ENABLE ALWAYS TRIGGER timings_100_derived;

-- denoised (job_id) refers to seismic.jobs (id): fk_denoised_job_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION seismic.denoised_200_reference_jobs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT job_id FROM new_rows) c
        JOIN seismic.jobs p ON p.id = c.job_id
    ORDER BY c.job_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('id', c.job_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.job_id) = 0 AND NOT EXISTS (SELECT FROM seismic.jobs p WHERE p.id = c.job_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in seismic.jobs has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_denoised_job_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER denoised_200_reference_jobs AFTER INSERT ON seismic.denoised
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.denoised_200_reference_jobs();
ALTER TABLE seismic.denoised ENABLE ALWAYS TRIGGER denoised_200_reference_jobs;

-- jobs (id) is referred to by seismic.denoised (job_id): fk_denoised_job_id.
CREATE FUNCTION seismic.jobs_200_referred_denoised() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('id', p.id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM seismic.denoised c WHERE c.job_id = p.id)
            AND NOT EXISTS (SELECT FROM seismic.jobs again WHERE again.id = p.id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('job_id', c.job_id) INTO used
        FROM seismic.denoised c
        WHERE num_nulls(c.job_id) = 0 AND NOT EXISTS (SELECT FROM seismic.jobs p WHERE c.job_id = p.id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: seismic.denoised still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_denoised_job_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER jobs_200_referred_denoised AFTER DELETE ON seismic.jobs
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_denoised();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_200_referred_denoised;

CREATE TRIGGER jobs_200_referred_denoised_key AFTER UPDATE OF id ON seismic.jobs
FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_denoised();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_200_referred_denoised_key;

CREATE TRIGGER jobs_200_referred_denoised_truncate AFTER TRUNCATE ON seismic.jobs
FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_denoised();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_200_referred_denoised_truncate;

-- measurements (job_id) refers to seismic.jobs (id): fk_measurements_job_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION seismic.measurements_200_reference_jobs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT job_id FROM new_rows) c
        JOIN seismic.jobs p ON p.id = c.job_id
    ORDER BY c.job_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('id', c.job_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.job_id) = 0 AND NOT EXISTS (SELECT FROM seismic.jobs p WHERE p.id = c.job_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in seismic.jobs has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_measurements_job_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER measurements_200_reference_jobs AFTER INSERT ON seismic.measurements
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.measurements_200_reference_jobs();
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_200_reference_jobs;

-- jobs (id) is referred to by seismic.measurements (job_id): fk_measurements_job_id.
CREATE FUNCTION seismic.jobs_200_referred_measurements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('id', p.id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM seismic.measurements c WHERE c.job_id = p.id)
            AND NOT EXISTS (SELECT FROM seismic.jobs again WHERE again.id = p.id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('job_id', c.job_id) INTO used
        FROM seismic.measurements c
        WHERE num_nulls(c.job_id) = 0 AND NOT EXISTS (SELECT FROM seismic.jobs p WHERE c.job_id = p.id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: seismic.measurements still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_measurements_job_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER jobs_200_referred_measurements AFTER DELETE ON seismic.jobs
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_measurements();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_200_referred_measurements;

CREATE TRIGGER jobs_200_referred_measurements_key AFTER UPDATE OF id ON seismic.jobs
FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_measurements();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_200_referred_measurements_key;

CREATE TRIGGER jobs_200_referred_measurements_truncate AFTER TRUNCATE ON seismic.jobs
FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_measurements();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_200_referred_measurements_truncate;

-- measurements (metric, definition) refers to seismic.definitions (metric, definition): fk_measurements_metric_definition, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION seismic.measurements_200_reference_definitions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT metric, definition FROM new_rows) c
        JOIN seismic.definitions p ON p.metric = c.metric AND p.definition = c.definition
    ORDER BY c.metric, c.definition
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('metric', c.metric, 'definition', c.definition) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.metric, c.definition) = 0 AND NOT EXISTS (SELECT FROM seismic.definitions p WHERE p.metric = c.metric AND p.definition = c.definition)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in seismic.definitions has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_measurements_metric_definition', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER measurements_200_reference_definitions AFTER INSERT ON seismic.measurements
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.measurements_200_reference_definitions();
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_200_reference_definitions;

-- definitions (metric, definition) is referred to by seismic.measurements (metric, definition): fk_measurements_metric_definition.
CREATE FUNCTION seismic.definitions_200_referred_measurements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('metric', p.metric, 'definition', p.definition) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM seismic.measurements c WHERE c.metric = p.metric AND c.definition = p.definition)
            AND NOT EXISTS (SELECT FROM seismic.definitions again WHERE again.metric = p.metric AND again.definition = p.definition)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('metric', c.metric, 'definition', c.definition) INTO used
        FROM seismic.measurements c
        WHERE num_nulls(c.metric, c.definition) = 0 AND NOT EXISTS (SELECT FROM seismic.definitions p WHERE c.metric = p.metric AND c.definition = p.definition)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: seismic.measurements still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_measurements_metric_definition', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER definitions_200_referred_measurements AFTER DELETE ON seismic.definitions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.definitions_200_referred_measurements();
ALTER TABLE seismic.definitions ENABLE ALWAYS TRIGGER definitions_200_referred_measurements;

CREATE TRIGGER definitions_200_referred_measurements_key AFTER UPDATE OF metric, definition ON seismic.definitions
FOR EACH STATEMENT EXECUTE FUNCTION seismic.definitions_200_referred_measurements();
ALTER TABLE seismic.definitions ENABLE ALWAYS TRIGGER definitions_200_referred_measurements_key;

CREATE TRIGGER definitions_200_referred_measurements_truncate AFTER TRUNCATE ON seismic.definitions
FOR EACH STATEMENT EXECUTE FUNCTION seismic.definitions_200_referred_measurements();
ALTER TABLE seismic.definitions ENABLE ALWAYS TRIGGER definitions_200_referred_measurements_truncate;

CREATE TRIGGER definitions_900_outside_insert AFTER INSERT ON seismic.definitions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('metric', 'definition');
ALTER TABLE seismic.definitions ENABLE ALWAYS TRIGGER definitions_900_outside_insert;

CREATE TRIGGER definitions_900_outside_update AFTER UPDATE ON seismic.definitions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('metric', 'definition');
ALTER TABLE seismic.definitions ENABLE ALWAYS TRIGGER definitions_900_outside_update;

CREATE TRIGGER definitions_900_outside_delete AFTER DELETE ON seismic.definitions
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('metric', 'definition');
ALTER TABLE seismic.definitions ENABLE ALWAYS TRIGGER definitions_900_outside_delete;

CREATE TRIGGER definitions_900_outside_truncate AFTER TRUNCATE ON seismic.definitions
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.definitions ENABLE ALWAYS TRIGGER definitions_900_outside_truncate;

CREATE TRIGGER models_900_outside_insert AFTER INSERT ON seismic.models
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('name', 'version');
ALTER TABLE seismic.models ENABLE ALWAYS TRIGGER models_900_outside_insert;

CREATE TRIGGER models_900_outside_update AFTER UPDATE ON seismic.models
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('name', 'version');
ALTER TABLE seismic.models ENABLE ALWAYS TRIGGER models_900_outside_update;

CREATE TRIGGER models_900_outside_delete AFTER DELETE ON seismic.models
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('name', 'version');
ALTER TABLE seismic.models ENABLE ALWAYS TRIGGER models_900_outside_delete;

CREATE TRIGGER models_900_outside_truncate AFTER TRUNCATE ON seismic.models
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.models ENABLE ALWAYS TRIGGER models_900_outside_truncate;

CREATE TRIGGER users_900_outside_insert AFTER INSERT ON seismic.users
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('email');
ALTER TABLE seismic.users ENABLE ALWAYS TRIGGER users_900_outside_insert;

CREATE TRIGGER users_900_outside_update AFTER UPDATE ON seismic.users
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('email');
ALTER TABLE seismic.users ENABLE ALWAYS TRIGGER users_900_outside_update;

CREATE TRIGGER users_900_outside_delete AFTER DELETE ON seismic.users
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('email');
ALTER TABLE seismic.users ENABLE ALWAYS TRIGGER users_900_outside_delete;

CREATE TRIGGER users_900_outside_truncate AFTER TRUNCATE ON seismic.users
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.users ENABLE ALWAYS TRIGGER users_900_outside_truncate;

CREATE TRIGGER datasets_900_outside_insert AFTER INSERT ON seismic.datasets
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_900_outside_insert;

CREATE TRIGGER datasets_900_outside_update AFTER UPDATE ON seismic.datasets
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_900_outside_update;

CREATE TRIGGER datasets_900_outside_delete AFTER DELETE ON seismic.datasets
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_900_outside_delete;

CREATE TRIGGER datasets_900_outside_truncate AFTER TRUNCATE ON seismic.datasets
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_900_outside_truncate;

CREATE TRIGGER jobs_900_outside_insert AFTER INSERT ON seismic.jobs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_900_outside_insert;

CREATE TRIGGER jobs_900_outside_update AFTER UPDATE ON seismic.jobs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_900_outside_update;

CREATE TRIGGER jobs_900_outside_delete AFTER DELETE ON seismic.jobs
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_900_outside_delete;

CREATE TRIGGER jobs_900_outside_truncate AFTER TRUNCATE ON seismic.jobs
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_900_outside_truncate;

CREATE TRIGGER uploads_900_outside_insert AFTER INSERT ON seismic.uploads
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt');
ALTER TABLE seismic.uploads ENABLE ALWAYS TRIGGER uploads_900_outside_insert;

CREATE TRIGGER uploads_900_outside_update AFTER UPDATE ON seismic.uploads
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt');
ALTER TABLE seismic.uploads ENABLE ALWAYS TRIGGER uploads_900_outside_update;

CREATE TRIGGER uploads_900_outside_delete AFTER DELETE ON seismic.uploads
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt');
ALTER TABLE seismic.uploads ENABLE ALWAYS TRIGGER uploads_900_outside_delete;

CREATE TRIGGER uploads_900_outside_truncate AFTER TRUNCATE ON seismic.uploads
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.uploads ENABLE ALWAYS TRIGGER uploads_900_outside_truncate;

CREATE TRIGGER denoised_900_outside_insert AFTER INSERT ON seismic.denoised
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'trace');
ALTER TABLE seismic.denoised ENABLE ALWAYS TRIGGER denoised_900_outside_insert;

CREATE TRIGGER denoised_900_outside_update AFTER UPDATE ON seismic.denoised
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'trace');
ALTER TABLE seismic.denoised ENABLE ALWAYS TRIGGER denoised_900_outside_update;

CREATE TRIGGER denoised_900_outside_delete AFTER DELETE ON seismic.denoised
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'trace');
ALTER TABLE seismic.denoised ENABLE ALWAYS TRIGGER denoised_900_outside_delete;

CREATE TRIGGER denoised_900_outside_truncate AFTER TRUNCATE ON seismic.denoised
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.denoised ENABLE ALWAYS TRIGGER denoised_900_outside_truncate;

CREATE TRIGGER measurements_900_outside_insert AFTER INSERT ON seismic.measurements
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'trace');
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_900_outside_insert;

CREATE TRIGGER measurements_900_outside_update AFTER UPDATE ON seismic.measurements
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'trace');
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_900_outside_update;

CREATE TRIGGER measurements_900_outside_delete AFTER DELETE ON seismic.measurements
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'trace');
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_900_outside_delete;

CREATE TRIGGER measurements_900_outside_truncate AFTER TRUNCATE ON seismic.measurements
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_900_outside_truncate;

CREATE TRIGGER parts_900_outside_insert AFTER INSERT ON seismic.parts
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt', 'part');
ALTER TABLE seismic.parts ENABLE ALWAYS TRIGGER parts_900_outside_insert;

CREATE TRIGGER parts_900_outside_update AFTER UPDATE ON seismic.parts
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt', 'part');
ALTER TABLE seismic.parts ENABLE ALWAYS TRIGGER parts_900_outside_update;

CREATE TRIGGER parts_900_outside_delete AFTER DELETE ON seismic.parts
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt', 'part');
ALTER TABLE seismic.parts ENABLE ALWAYS TRIGGER parts_900_outside_delete;

CREATE TRIGGER parts_900_outside_truncate AFTER TRUNCATE ON seismic.parts
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.parts ENABLE ALWAYS TRIGGER parts_900_outside_truncate;

CREATE TRIGGER results_900_outside_insert AFTER INSERT ON seismic.results
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt');
ALTER TABLE seismic.results ENABLE ALWAYS TRIGGER results_900_outside_insert;

CREATE TRIGGER results_900_outside_update AFTER UPDATE ON seismic.results
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt');
ALTER TABLE seismic.results ENABLE ALWAYS TRIGGER results_900_outside_update;

CREATE TRIGGER results_900_outside_delete AFTER DELETE ON seismic.results
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt');
ALTER TABLE seismic.results ENABLE ALWAYS TRIGGER results_900_outside_delete;

CREATE TRIGGER results_900_outside_truncate AFTER TRUNCATE ON seismic.results
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.results ENABLE ALWAYS TRIGGER results_900_outside_truncate;

CREATE TRIGGER spread_900_outside_insert AFTER INSERT ON seismic.spread
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'near');
ALTER TABLE seismic.spread ENABLE ALWAYS TRIGGER spread_900_outside_insert;

CREATE TRIGGER spread_900_outside_update AFTER UPDATE ON seismic.spread
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'near');
ALTER TABLE seismic.spread ENABLE ALWAYS TRIGGER spread_900_outside_update;

CREATE TRIGGER spread_900_outside_delete AFTER DELETE ON seismic.spread
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'near');
ALTER TABLE seismic.spread ENABLE ALWAYS TRIGGER spread_900_outside_delete;

CREATE TRIGGER spread_900_outside_truncate AFTER TRUNCATE ON seismic.spread
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.spread ENABLE ALWAYS TRIGGER spread_900_outside_truncate;

CREATE TRIGGER summaries_900_outside_insert AFTER INSERT ON seismic.summaries
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition');
ALTER TABLE seismic.summaries ENABLE ALWAYS TRIGGER summaries_900_outside_insert;

CREATE TRIGGER summaries_900_outside_update AFTER UPDATE ON seismic.summaries
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition');
ALTER TABLE seismic.summaries ENABLE ALWAYS TRIGGER summaries_900_outside_update;

CREATE TRIGGER summaries_900_outside_delete AFTER DELETE ON seismic.summaries
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition');
ALTER TABLE seismic.summaries ENABLE ALWAYS TRIGGER summaries_900_outside_delete;

CREATE TRIGGER summaries_900_outside_truncate AFTER TRUNCATE ON seismic.summaries
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.summaries ENABLE ALWAYS TRIGGER summaries_900_outside_truncate;

CREATE TRIGGER timings_900_outside_insert AFTER INSERT ON seismic.timings
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt');
ALTER TABLE seismic.timings ENABLE ALWAYS TRIGGER timings_900_outside_insert;

CREATE TRIGGER timings_900_outside_update AFTER UPDATE ON seismic.timings
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt');
ALTER TABLE seismic.timings ENABLE ALWAYS TRIGGER timings_900_outside_update;

CREATE TRIGGER timings_900_outside_delete AFTER DELETE ON seismic.timings
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt');
ALTER TABLE seismic.timings ENABLE ALWAYS TRIGGER timings_900_outside_delete;

CREATE TRIGGER timings_900_outside_truncate AFTER TRUNCATE ON seismic.timings
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE seismic.timings ENABLE ALWAYS TRIGGER timings_900_outside_truncate;

-- Seismic: what the database derives and defends, whoever writes.
-- What is shown of data sets and jobs is a function of what events said and of the rows that belong to them: parts
-- stored, an input that is ready, a result. Whichever side comes last recomputes it. Lock order: jobs by id, data sets
-- by id, models by id; statements after a lock see what was committed before it.

-- ---------------------------------------------------------------- pure functions

CREATE FUNCTION seismic.job_status(event_status text, input_ready boolean, has_result boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN event_status = 'running' AND NOT input_ready THEN 'pending'
    WHEN event_status = 'completed' AND NOT has_result THEN 'running'
    ELSE event_status END;

CREATE FUNCTION seismic.dataset_status(event_status text, complete boolean, sound boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN event_status IN ('uploading', 'error') THEN event_status
    WHEN complete IS NOT TRUE THEN 'uploading'
    WHEN event_status = 'ready' AND sound IS NOT TRUE THEN 'error'
    ELSE event_status END;

-- SEG-Y, revision 1: a text header of 3200 bytes, a binary one of 400, and 240 bytes before the samples of each trace.
CREATE FUNCTION seismic.segy_bytes(traces bigint, samples bigint, sample_bytes bigint, extended_headers bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 3600 + 3200 * extended_headers + traces * (240 + samples * sample_bytes);

-- Three digits: near enough for a percentile, and few enough to count.
CREATE FUNCTION seismic.near(value double precision) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_char(value::numeric, '9.99EEEE')::numeric;

CREATE FUNCTION seismic.sound_metrics(metrics jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_typeof(metrics) = 'object' AND NOT EXISTS (
    SELECT FROM jsonb_each(metrics) AS m (metric, figure)
    WHERE NOT coalesce(
        jsonb_typeof(figure -> 'definition') = 'number' AND jsonb_typeof(figure -> 'unit') = 'string'
        AND figure ->> 'direction' IN ('up', 'down') AND jsonb_typeof(figure -> 'n') = 'number'
        AND CASE jsonb_typeof(figure -> 'value')
            WHEN 'number' THEN coalesce(figure ->> 'flag', '') = '' AND (figure ->> 'n')::numeric > 0
            ELSE figure ->> 'flag' IN ('perfect', 'undefined') END, false));

ALTER TABLE seismic.results ADD CONSTRAINT ck_results_metrics CHECK (seismic.sound_metrics(metrics));

-- ---------------------------------------------------------------- accounts

-- A password is set by hand without a trace in what the log says.
CREATE FUNCTION seismic.stamp_user() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $stamp$
BEGIN
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    RETURN NEW;
END
$stamp$;

CREATE TRIGGER users_050_stamp BEFORE UPDATE OF email, role ON seismic.users
FOR EACH ROW WHEN (session_user <> 'podium_consumer') EXECUTE FUNCTION seismic.stamp_user();
ALTER TABLE seismic.users ENABLE ALWAYS TRIGGER users_050_stamp;

-- ---------------------------------------------------------------- uploads and data sets

CREATE FUNCTION seismic.tally_parts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $tally$
DECLARE
    sign constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    touched uuid[];
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        touched := ARRAY(SELECT DISTINCT dataset_id FROM seismic.uploads WHERE stored_parts > 0);
        UPDATE seismic.uploads SET stored_parts = 0, stored_bytes = 0, odd_parts = 0 WHERE stored_parts > 0;
    ELSE
        touched := ARRAY(SELECT DISTINCT dataset_id FROM changed);
        PERFORM FROM seismic.datasets WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE;
        -- Part i of an upload has its size and no other: the rest of the whole, and never more than a full part.
        UPDATE seismic.uploads u
        SET stored_parts = u.stored_parts + sign * p.parts,
            stored_bytes = u.stored_bytes + sign * p.bytes,
            odd_parts = u.odd_parts + sign * p.odd
        FROM (
            SELECT c.dataset_id, c.attempt, count(*) AS parts, sum(c.bytes) AS bytes,
                count(*) FILTER (
                    WHERE c.bytes <> least(w.part_bytes, w.size_bytes - c.part::bigint * w.part_bytes)) AS odd
            FROM changed c JOIN seismic.uploads w ON w.dataset_id = c.dataset_id AND w.attempt = c.attempt
            GROUP BY c.dataset_id, c.attempt ORDER BY c.dataset_id, c.attempt) p
        WHERE u.dataset_id = p.dataset_id AND u.attempt = p.attempt;
    END IF;
    PERFORM seismic.show_datasets(touched);
    RETURN NULL;
END
$tally$;

CREATE TRIGGER parts_500_insert AFTER INSERT ON seismic.parts REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_parts();
ALTER TABLE seismic.parts ENABLE ALWAYS TRIGGER parts_500_insert;

CREATE TRIGGER parts_500_delete AFTER DELETE ON seismic.parts REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_parts();
ALTER TABLE seismic.parts ENABLE ALWAYS TRIGGER parts_500_delete;

CREATE TRIGGER parts_500_truncate AFTER TRUNCATE ON seismic.parts
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_parts();
ALTER TABLE seismic.parts ENABLE ALWAYS TRIGGER parts_500_truncate;

-- Uploaded: the parts of the present attempt and the size of the file decide. Written by hand without an upload: the
-- row's own size stands for the bytes stored. An output: its job and the result of the job's present attempt decide.
CREATE FUNCTION seismic.show_datasets(of_datasets uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $show$
BEGIN
    PERFORM FROM seismic.datasets WHERE id = ANY (of_datasets) ORDER BY id FOR NO KEY UPDATE;
    UPDATE seismic.datasets d SET status = s.status
    FROM (
        SELECT e.id, seismic.dataset_status(
            e.event_status,
            u.dataset_id IS NULL
                OR u.odd_parts = 0 AND u.stored_parts = (u.size_bytes + u.part_bytes - 1) / u.part_bytes,
            e.traces > 0 AND e.samples > 0 AND e.sample_rate > 0 AND e.size_bytes > 0
                AND e.size_bytes = coalesce(u.stored_bytes, e.size_bytes)
                AND (e.format <> 'segy' OR e.size_bytes = seismic.segy_bytes(
                    e.traces, e.samples, coalesce(e.sample_bytes, 4), coalesce(e.extended_headers, 0)))) AS status
        FROM seismic.datasets e
            LEFT JOIN seismic.uploads u ON u.dataset_id = e.id AND u.attempt = e.attempt
        WHERE e.id = ANY (of_datasets) AND e.job_id IS NULL
        ORDER BY e.id) s
    WHERE d.id = s.id AND d.status <> s.status;
    UPDATE seismic.datasets d
    SET status = s.status, traces = s.traces, samples = s.samples, sample_rate = s.sample_rate,
        size_bytes = s.size_bytes, storage_path = s.storage_path
    FROM (
        SELECT e.id, r.storage_path,
            CASE WHEN r.id IS NOT NULL THEN coalesce(r.traces, i.traces) END AS traces,
            CASE WHEN r.id IS NOT NULL THEN coalesce(r.samples, i.samples) END AS samples,
            CASE WHEN r.id IS NOT NULL THEN coalesce(r.sample_rate, i.sample_rate) END AS sample_rate,
            CASE WHEN r.id IS NOT NULL THEN coalesce(r.size_bytes, i.size_bytes) END AS size_bytes,
            CASE j.status WHEN 'completed' THEN 'ready' WHEN 'failed' THEN 'error' WHEN 'cancelled' THEN 'error'
            ELSE 'processing' END AS status
        FROM seismic.datasets e
            JOIN seismic.jobs j ON j.id = e.job_id
            JOIN seismic.datasets i ON i.id = j.dataset_id
            LEFT JOIN seismic.results r ON r.job_id = j.id AND r.attempt = j.attempt AND j.status = 'completed'
        WHERE e.id = ANY (of_datasets)
        ORDER BY e.id) s
    WHERE d.id = s.id AND (d.status, d.traces, d.samples, d.sample_rate, d.size_bytes, d.storage_path)
        IS DISTINCT FROM (s.status, s.traces, s.samples, s.sample_rate, s.size_bytes, s.storage_path);
END
$show$;

-- By hand, a status that is written is said.
CREATE FUNCTION seismic.say_dataset() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $say$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.event_status := coalesce(NEW.event_status, NEW.status);
        NEW.status := CASE WHEN NEW.job_id IS NULL THEN 'uploading' ELSE 'processing' END;
        RETURN NEW;
    END IF;
    IF NEW.event_status = OLD.event_status AND NEW.status <> OLD.status THEN
        NEW.event_status := NEW.status;
        NEW.status := OLD.status;
    ELSIF OLD.event_status = 'ready' AND NEW.event_status = 'ready'
        AND (NEW.traces, NEW.samples, NEW.sample_rate, NEW.size_bytes, NEW.storage_path, NEW.user_id)
        IS DISTINCT FROM (OLD.traces, OLD.samples, OLD.sample_rate, OLD.size_bytes, OLD.storage_path, OLD.user_id) THEN
        RAISE EXCEPTION 'datasets: % is ready, and what is ready never changes', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Upload it as another data set.';
    END IF;
    RETURN NEW;
END
$say$;

CREATE TRIGGER datasets_050_say BEFORE INSERT OR UPDATE ON seismic.datasets
FOR EACH ROW WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION seismic.say_dataset();
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_050_say;

CREATE FUNCTION seismic.show_written_datasets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $show$
DECLARE
    refused record;
BEGIN
    PERFORM seismic.show_datasets(ARRAY(SELECT id FROM new_rows));
    IF session_user <> 'podium_consumer' THEN
        SELECT d.id, d.status, d.event_status INTO refused
        FROM new_rows n JOIN seismic.datasets d ON d.id = n.id
        WHERE d.job_id IS NULL AND d.event_status IN ('processing', 'ready') AND d.status = 'uploading'
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'datasets: % cannot become %: its parts are not all there, whole and none too many',
                refused.id, refused.event_status
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Store what is missing, or start again.';
        END IF;
    END IF;
    RETURN NULL;
END
$show$;

CREATE TRIGGER datasets_500_insert AFTER INSERT ON seismic.datasets REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.show_written_datasets();
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_500_insert;

CREATE TRIGGER datasets_500_update AFTER UPDATE ON seismic.datasets REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION seismic.show_written_datasets();
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_500_update;

CREATE FUNCTION seismic.show_uploaded() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $show$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM seismic.show_datasets(ARRAY(SELECT id FROM seismic.datasets WHERE job_id IS NULL));
    ELSE
        PERFORM seismic.show_datasets(ARRAY(SELECT DISTINCT dataset_id FROM changed));
    END IF;
    RETURN NULL;
END
$show$;

CREATE TRIGGER uploads_500_insert AFTER INSERT ON seismic.uploads REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION seismic.show_uploaded();
ALTER TABLE seismic.uploads ENABLE ALWAYS TRIGGER uploads_500_insert;

CREATE TRIGGER uploads_500_delete AFTER DELETE ON seismic.uploads REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION seismic.show_uploaded();
ALTER TABLE seismic.uploads ENABLE ALWAYS TRIGGER uploads_500_delete;

CREATE TRIGGER uploads_500_truncate AFTER TRUNCATE ON seismic.uploads
FOR EACH STATEMENT EXECUTE FUNCTION seismic.show_uploaded();
ALTER TABLE seismic.uploads ENABLE ALWAYS TRIGGER uploads_500_truncate;

-- A job runs once its input is ready, and its owner may read it. The lock on the data sets makes a job that comes meet
-- a data set that becomes ready at the same time; a job that is there already is told.
CREATE FUNCTION seismic.settle_inputs(of_jobs uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $settle$
BEGIN
    PERFORM FROM seismic.datasets
    WHERE id IN (SELECT dataset_id FROM seismic.jobs WHERE id = ANY (of_jobs)) ORDER BY id FOR SHARE;
    UPDATE seismic.jobs j SET input_ready = d.status = 'ready' AND d.user_id = j.user_id
    FROM seismic.datasets d
    WHERE j.id = ANY (of_jobs) AND d.id = j.dataset_id
        AND j.input_ready <> (d.status = 'ready' AND d.user_id = j.user_id);
END
$settle$;

CREATE FUNCTION seismic.tell_jobs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $tell$
DECLARE
    turned constant uuid[] := ARRAY(
        SELECT id FROM (
            SELECT id, status = 'ready', user_id FROM new_rows
            EXCEPT SELECT id, status = 'ready', user_id FROM old_rows) AS t (id, ready, user_id));
BEGIN
    IF cardinality(turned) > 0 THEN
        PERFORM seismic.settle_inputs(ARRAY(
            SELECT id FROM seismic.jobs WHERE dataset_id = ANY (turned) ORDER BY id FOR NO KEY UPDATE));
    END IF;
    RETURN NULL;
END
$tell$;

CREATE TRIGGER datasets_600_tell AFTER UPDATE ON seismic.datasets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tell_jobs();
ALTER TABLE seismic.datasets ENABLE ALWAYS TRIGGER datasets_600_tell;

-- ---------------------------------------------------------------- jobs

-- Status, progress and start as they are shown. By hand, what is written is said, and the clock gives the times.
CREATE FUNCTION seismic.show_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $show$
DECLARE
    written constant text := NEW.status;
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.event_status := coalesce(NEW.event_status, NEW.status);
        NEW.input_ready := false;
        NEW.has_result := false;
    ELSIF NEW.attempt <> OLD.attempt THEN
        NEW.has_result := EXISTS (SELECT FROM seismic.results WHERE job_id = NEW.id AND attempt = NEW.attempt);
    END IF;
    IF session_user <> 'podium_consumer' AND pg_trigger_depth() = 1 THEN
        IF TG_OP = 'UPDATE' THEN
            NEW := seismic.say_job(OLD, NEW);
        END IF;
        IF NEW.event_status IN ('completed', 'failed', 'cancelled') THEN
            NEW.completed_at := coalesce(NEW.completed_at, clock_timestamp());
        ELSIF NEW.event_status = 'running' THEN
            NEW.began_at := coalesce(NEW.began_at, clock_timestamp());
            NEW.began_attempt := coalesce(NEW.began_attempt, NEW.attempt);
            NEW.seen_at := coalesce(NEW.seen_at, NEW.began_at);
        END IF;
        IF NEW.event_status = 'failed' THEN
            NEW.error_message := coalesce(NEW.error_message, 'failed by hand');
        END IF;
    END IF;
    NEW.status := seismic.job_status(NEW.event_status, NEW.input_ready, NEW.has_result);
    NEW.progress := CASE
        WHEN NEW.status = 'completed' THEN 100
        WHEN NEW.status <> 'pending' AND NEW.reported_attempt = NEW.attempt THEN NEW.percent
        ELSE 0 END;
    NEW.started_at := CASE WHEN NEW.status <> 'pending' THEN NEW.began_at END;
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() = 1 AND written NOT IN (OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'jobs: % is % and cannot be shown as %', OLD.id, NEW.status, written
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME,
            HINT = 'It runs when its input is ready and its owner''s own; its result completes it.';
    END IF;
    RETURN NEW;
END
$show$;

CREATE FUNCTION seismic.say_job(before seismic.jobs, after seismic.jobs) RETURNS seismic.jobs
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $say$
BEGIN
    IF after.event_status = before.event_status AND after.status <> before.status THEN
        after.event_status := after.status;
    END IF;
    IF after.attempt <> before.attempt THEN
        after.began_at := clock_timestamp();
        after.began_attempt := after.attempt;
        after.progress := before.progress;
    END IF;
    IF after.progress <> before.progress THEN
        IF after.progress < before.progress OR before.completed_at IS NOT NULL THEN
            RAISE EXCEPTION 'jobs: % is at % %% and cannot go to % %%', before.id, before.progress, after.progress
            USING ERRCODE = 'check_violation', CONSTRAINT = 'jobs_050_show',
                HINT = 'Progress only grows within an attempt, and ends with the job.';
        END IF;
        after.percent := after.progress;
        after.reported_attempt := after.attempt;
        after.seen_at := clock_timestamp();
    END IF;
    RETURN after;
END
$say$;

CREATE TRIGGER jobs_050_show BEFORE INSERT OR UPDATE ON seismic.jobs
FOR EACH ROW EXECUTE FUNCTION seismic.show_job();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_050_show;

-- The output data set comes with its job, has the owner of the job, and goes with it.
CREATE FUNCTION seismic.open_outputs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $open$
BEGIN
    INSERT INTO seismic.datasets (id, user_id, name, format, status, event_status, created_at, job_id)
    SELECT j.output_dataset_id, j.user_id, left(d.name, 200) || ' / ' || j.id, d.format, 'processing', 'processing',
        j.created_at, j.id
    FROM new_rows j JOIN seismic.datasets d ON d.id = j.dataset_id
    ORDER BY j.output_dataset_id
    ON CONFLICT (id) DO NOTHING;
    PERFORM seismic.settle_inputs(ARRAY(SELECT id FROM new_rows));
    PERFORM seismic.show_datasets(ARRAY(SELECT output_dataset_id FROM new_rows));
    RETURN NULL;
END
$open$;

CREATE TRIGGER jobs_400_open AFTER INSERT ON seismic.jobs REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.open_outputs();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_400_open;

CREATE FUNCTION seismic.close_outputs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $close$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM seismic.datasets WHERE job_id IS NOT NULL;
    ELSE
        DELETE FROM seismic.datasets d USING old_rows j WHERE d.id = j.output_dataset_id AND d.job_id = j.id;
    END IF;
    RETURN NULL;
END
$close$;

CREATE TRIGGER jobs_400_delete AFTER DELETE ON seismic.jobs REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.close_outputs();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_400_delete;

CREATE TRIGGER jobs_400_truncate AFTER TRUNCATE ON seismic.jobs
FOR EACH STATEMENT EXECUTE FUNCTION seismic.close_outputs();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_400_truncate;

CREATE FUNCTION seismic.follow_jobs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $follow$
DECLARE
    moved constant uuid[] := ARRAY(
        SELECT id FROM (
            SELECT id, status, attempt, user_id, dataset_id FROM new_rows
            EXCEPT SELECT id, status, attempt, user_id, dataset_id FROM old_rows) t);
BEGIN
    IF cardinality(moved) = 0 THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT id, user_id, dataset_id FROM new_rows EXCEPT SELECT id, user_id, dataset_id FROM old_rows) THEN
        PERFORM seismic.settle_inputs(moved);
    END IF;
    PERFORM seismic.show_datasets(ARRAY(SELECT output_dataset_id FROM new_rows WHERE id = ANY (moved)));
    PERFORM seismic.refresh_models(ARRAY(
        SELECT DISTINCT model_id FROM (
            SELECT model_id FROM new_rows WHERE status = 'completed' AND id = ANY (moved)
            UNION ALL SELECT model_id FROM old_rows WHERE status = 'completed' AND id = ANY (moved)) t));
    RETURN NULL;
END
$follow$;

CREATE TRIGGER jobs_500_follow AFTER UPDATE ON seismic.jobs
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.follow_jobs();
ALTER TABLE seismic.jobs ENABLE ALWAYS TRIGGER jobs_500_follow;

-- ---------------------------------------------------------------- results

-- By hand, a result completes its running job as the event does. One whose job has ended in another way, or has gone on
-- to another attempt, is late: it stays, and changes nothing.
CREATE FUNCTION seismic.settle_results() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $settle$
DECLARE
    by_hand constant boolean := session_user <> 'podium_consumer';
    refused record;
BEGIN
    PERFORM FROM seismic.jobs WHERE id IN (SELECT job_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    IF by_hand THEN
        SELECT j.id, j.status INTO refused
        FROM new_rows r JOIN seismic.jobs j ON j.id = r.job_id
        WHERE j.status = 'pending' OR r.attempt > j.attempt OR r.output_dataset_id <> j.output_dataset_id
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'results: job % is %, or not yet at that attempt, or has another output', refused.id,
                refused.status
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME,
                HINT = 'Record the result of an attempt that has begun, in the output data set of its job.';
        END IF;
    END IF;
    UPDATE seismic.jobs j
    SET has_result = true,
        event_status = CASE WHEN by_hand AND j.event_status = 'running' THEN 'completed' ELSE j.event_status END,
        completed_at = CASE WHEN by_hand AND j.event_status = 'running' THEN r.created_at ELSE j.completed_at END
    FROM (SELECT job_id, attempt, created_at FROM new_rows ORDER BY job_id) r
    WHERE j.id = r.job_id AND j.attempt = r.attempt AND NOT j.has_result;
    RETURN NULL;
END
$settle$;

CREATE TRIGGER results_500_insert AFTER INSERT ON seismic.results REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.settle_results();
ALTER TABLE seismic.results ENABLE ALWAYS TRIGGER results_500_insert;

CREATE FUNCTION seismic.forget_results() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $forget$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE seismic.jobs SET has_result = false WHERE has_result;
    ELSE
        PERFORM FROM seismic.jobs WHERE id IN (SELECT job_id FROM old_rows) ORDER BY id FOR NO KEY UPDATE;
        UPDATE seismic.jobs j SET has_result = false FROM old_rows r
        WHERE j.id = r.job_id AND j.attempt = r.attempt AND j.has_result;
    END IF;
    RETURN NULL;
END
$forget$;

CREATE TRIGGER results_500_delete AFTER DELETE ON seismic.results REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION seismic.forget_results();
ALTER TABLE seismic.results ENABLE ALWAYS TRIGGER results_500_delete;

CREATE TRIGGER results_500_truncate AFTER TRUNCATE ON seismic.results
FOR EACH STATEMENT EXECUTE FUNCTION seismic.forget_results();
ALTER TABLE seismic.results ENABLE ALWAYS TRIGGER results_500_truncate;

CREATE VIEW seismic.final_results AS
SELECT r.id, r.job_id, r.attempt, r.output_dataset_id, r.metrics, r.storage_path, r.created_at, j.model_id, j.dataset_id
FROM seismic.results AS r JOIN seismic.jobs AS j ON j.id = r.job_id AND j.attempt = r.attempt AND j.status = 'completed';

COMMENT ON VIEW seismic.final_results IS 'the one result of each completed job; the others in results came too late';

-- By metric and definition: how many results, over how many values, and the lowest, the middle and the highest of their
-- figures. No mean: decibels of different data sets have none.
CREATE FUNCTION seismic.refresh_models(of_models uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $refresh$
BEGIN
    PERFORM FROM seismic.models WHERE id = ANY (of_models) ORDER BY id FOR NO KEY UPDATE;
    UPDATE seismic.models m SET metrics = a.metrics
    FROM (
        SELECT k.id, coalesce(jsonb_object_agg(s.metric, s.by_definition) FILTER (WHERE s.metric IS NOT NULL), '{}')
            AS metrics
        FROM unnest(of_models) AS k (id)
            LEFT JOIN LATERAL (
                SELECT f.metric, jsonb_object_agg(f.definition, f.figures) AS by_definition
                FROM (
                    SELECT e.metric, e.figure ->> 'definition' AS definition, jsonb_build_object(
                        'unit', min(e.figure ->> 'unit'), 'direction', min(e.figure ->> 'direction'),
                        'results', count(*), 'n', sum((e.figure ->> 'n')::bigint),
                        'lowest', min((e.figure ->> 'value')::numeric),
                        'middle', percentile_disc(0.5) WITHIN GROUP (ORDER BY (e.figure ->> 'value')::numeric),
                        'highest', max((e.figure ->> 'value')::numeric)) AS figures
                    FROM seismic.final_results r CROSS JOIN jsonb_each(r.metrics) AS e (metric, figure)
                    WHERE r.model_id = k.id
                    GROUP BY e.metric, e.figure ->> 'definition') f
                GROUP BY f.metric) s ON true
        GROUP BY k.id) a
    WHERE m.id = a.id AND m.metrics <> a.metrics;
END
$refresh$;

-- ---------------------------------------------------------------- measurements

-- Sums that merge: the same whatever order and however the rows are cut.
CREATE FUNCTION seismic.tally_measurements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $tally$
DECLARE
    sign constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM seismic.summaries;
        DELETE FROM seismic.spread;
        RETURN NULL;
    END IF;
    INSERT INTO seismic.summaries AS s (job_id, attempt, metric, definition, n, perfect, undefined, total, squares)
    SELECT job_id, attempt, metric, definition, sign * count(value), sign * count(*) FILTER (WHERE flag = 'perfect'),
        sign * count(*) FILTER (WHERE flag = 'undefined'), sign * coalesce(sum(value::numeric), 0),
        sign * coalesce(sum(value::numeric * value::numeric), 0)
    FROM changed GROUP BY job_id, attempt, metric, definition ORDER BY job_id, attempt, metric, definition
    ON CONFLICT (job_id, attempt, metric, definition) DO UPDATE
    SET n = s.n + excluded.n, perfect = s.perfect + excluded.perfect, undefined = s.undefined + excluded.undefined,
        total = s.total + excluded.total, squares = s.squares + excluded.squares;
    INSERT INTO seismic.spread AS s (job_id, attempt, metric, definition, near, n)
    SELECT job_id, attempt, metric, definition, seismic.near(value), sign * count(*)
    FROM changed WHERE value IS NOT NULL
    GROUP BY job_id, attempt, metric, definition, seismic.near(value)
    ORDER BY job_id, attempt, metric, definition, seismic.near(value)
    ON CONFLICT (job_id, attempt, metric, definition, near) DO UPDATE SET n = s.n + excluded.n;
    IF TG_OP = 'DELETE' THEN
        DELETE FROM seismic.summaries s USING (SELECT DISTINCT job_id, attempt FROM changed) c
        WHERE s.job_id = c.job_id AND s.attempt = c.attempt AND s.n + s.perfect + s.undefined = 0;
        DELETE FROM seismic.spread s USING (SELECT DISTINCT job_id, attempt FROM changed) c
        WHERE s.job_id = c.job_id AND s.attempt = c.attempt AND s.n = 0;
    END IF;
    RETURN NULL;
END
$tally$;

CREATE TRIGGER measurements_500_insert AFTER INSERT ON seismic.measurements REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_measurements();
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_500_insert;

CREATE TRIGGER measurements_500_delete AFTER DELETE ON seismic.measurements REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_measurements();
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_500_delete;

CREATE TRIGGER measurements_500_truncate AFTER TRUNCATE ON seismic.measurements
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_measurements();
ALTER TABLE seismic.measurements ENABLE ALWAYS TRIGGER measurements_500_truncate;

CREATE FUNCTION seismic.tally_denoised() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $tally$
DECLARE
    sign constant integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM seismic.timings;
        RETURN NULL;
    END IF;
    INSERT INTO seismic.timings AS t (job_id, attempt, n, seconds)
    SELECT job_id, attempt, sign * count(*), sign * sum(seconds::numeric)
    FROM changed GROUP BY job_id, attempt ORDER BY job_id, attempt
    ON CONFLICT (job_id, attempt) DO UPDATE SET n = t.n + excluded.n, seconds = t.seconds + excluded.seconds;
    IF TG_OP = 'DELETE' THEN
        DELETE FROM seismic.timings t USING changed c
        WHERE t.job_id = c.job_id AND t.attempt = c.attempt AND t.n = 0;
    END IF;
    RETURN NULL;
END
$tally$;

CREATE TRIGGER denoised_500_insert AFTER INSERT ON seismic.denoised REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_denoised();
ALTER TABLE seismic.denoised ENABLE ALWAYS TRIGGER denoised_500_insert;

CREATE TRIGGER denoised_500_delete AFTER DELETE ON seismic.denoised REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_denoised();
ALTER TABLE seismic.denoised ENABLE ALWAYS TRIGGER denoised_500_delete;

CREATE TRIGGER denoised_500_truncate AFTER TRUNCATE ON seismic.denoised
FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_denoised();
ALTER TABLE seismic.denoised ENABLE ALWAYS TRIGGER denoised_500_truncate;

CREATE FUNCTION seismic.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $refuse$
BEGIN
    IF (TG_TABLE_NAME = 'timings' AND EXISTS (SELECT FROM seismic.denoised))
        OR (TG_TABLE_NAME <> 'timings' AND EXISTS (SELECT FROM seismic.measurements)) THEN
        RAISE EXCEPTION '%: a tally cannot be emptied while there is something to count', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, HINT = 'Empty the facts instead.';
    END IF;
    RETURN NULL;
END
$refuse$;

CREATE TRIGGER summaries_900_truncate AFTER TRUNCATE ON seismic.summaries
FOR EACH STATEMENT EXECUTE FUNCTION seismic.refuse_truncate();
ALTER TABLE seismic.summaries ENABLE ALWAYS TRIGGER summaries_900_truncate;

CREATE TRIGGER spread_900_truncate AFTER TRUNCATE ON seismic.spread
FOR EACH STATEMENT EXECUTE FUNCTION seismic.refuse_truncate();
ALTER TABLE seismic.spread ENABLE ALWAYS TRIGGER spread_900_truncate;

CREATE TRIGGER timings_900_truncate AFTER TRUNCATE ON seismic.timings
FOR EACH STATEMENT EXECUTE FUNCTION seismic.refuse_truncate();
ALTER TABLE seismic.timings ENABLE ALWAYS TRIGGER timings_900_truncate;

GRANT USAGE ON SCHEMA seismic TO podium_consumer, podium_stream, podium_reader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA seismic TO podium_consumer;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA seismic TO podium_consumer;
GRANT SELECT ON ALL TABLES IN SCHEMA seismic TO podium_stream, podium_reader;

REVOKE SELECT ON seismic.users FROM podium_stream, podium_reader;
GRANT SELECT (id, email, role, created_at, updated_at, latest_time, latest_id, latest_digest) ON seismic.users TO podium_stream, podium_reader;
