CREATE SCHEMA ledger;

CREATE SEQUENCE ledger.epoch AS BIGINT;

CREATE TABLE ledger.dead (
    topic TEXT NOT NULL, 
    partition INTEGER NOT NULL, 
    "offset" BIGINT NOT NULL, 
    append_time TIMESTAMP WITH TIME ZONE, 
    key BYTEA, 
    value BYTEA, 
    headers JSONB DEFAULT '[]' NOT NULL, 
    size BIGINT, 
    digest TEXT, 
    truncated BOOLEAN DEFAULT false NOT NULL, 
    type TEXT, 
    reason TEXT NOT NULL, 
    sqlstate VARCHAR(5), 
    message TEXT NOT NULL, 
    died_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    relayed_at TIMESTAMP WITH TIME ZONE, 
    handled BIGINT DEFAULT -1 NOT NULL, 
    dropped_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_dead PRIMARY KEY (topic, partition, "offset")
);

CREATE INDEX idx_dead_relay ON ledger.dead (topic) WHERE relayed_at IS NULL;

COMMENT ON COLUMN ledger.dead.value IS 'original bytes, or their beginning; NULL: the record was a tombstone';

COMMENT ON COLUMN ledger.dead.headers IS '[name, base64 or null] pairs';

COMMENT ON COLUMN ledger.dead.size IS 'bytes of the whole value; NULL: the record was a tombstone';

COMMENT ON COLUMN ledger.dead.digest IS 'sha256 of the whole value, hex, where only its beginning is kept';

COMMENT ON COLUMN ledger.dead.truncated IS 'whether value, key or headers are only a beginning: the log has the rest';

COMMENT ON COLUMN ledger.dead.type IS 'event type, as far as it could be read';

COMMENT ON COLUMN ledger.dead.reason IS 'short label';

COMMENT ON COLUMN ledger.dead.message IS 'what is wrong, where, and what to do';

COMMENT ON COLUMN ledger.dead.relayed_at IS 'when `<topic>.dead` acknowledged it';

COMMENT ON COLUMN ledger.dead.handled IS 'offset of its last operation';

COMMENT ON COLUMN ledger.dead.dropped_at IS 'when an operator closed it';

CREATE TABLE ledger.failure (
    loop TEXT NOT NULL, 
    subject TEXT NOT NULL, 
    error TEXT NOT NULL, 
    topic TEXT, 
    partition INTEGER, 
    "offset" BIGINT, 
    since TIMESTAMP WITH TIME ZONE NOT NULL, 
    tries INTEGER NOT NULL, 
    process TEXT NOT NULL, 
    CONSTRAINT pk_failure PRIMARY KEY (loop, subject)
);

COMMENT ON COLUMN ledger.failure.loop IS 'name of the loop that met it';

COMMENT ON COLUMN ledger.failure.subject IS 'the key, board, timer or record that stands still';

COMMENT ON COLUMN ledger.failure."offset" IS 'of the record that raised, where one did';

COMMENT ON COLUMN ledger.failure.process IS 'host:pid that met it last';

CREATE TABLE ledger.id_range (
    kind TEXT NOT NULL, 
    request UUID NOT NULL, 
    size INTEGER NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_id_range PRIMARY KEY (kind, request)
);

CREATE TABLE ledger.identity (
    "only" SMALLINT DEFAULT 1 NOT NULL, 
    database UUID DEFAULT gen_random_uuid() NOT NULL, 
    CONSTRAINT pk_identity PRIMARY KEY ("only"), 
    CONSTRAINT ck_identity_one_row CHECK ("only" = 1)
);

CREATE TABLE ledger.lease (
    name TEXT NOT NULL, 
    holder TEXT NOT NULL, 
    token BIGINT NOT NULL, 
    taken_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_lease PRIMARY KEY (name)
);

COMMENT ON COLUMN ledger.lease.name IS 'of the duty that one process at a time may have';

COMMENT ON COLUMN ledger.lease.holder IS 'host:pid';

COMMENT ON COLUMN ledger.lease.token IS 'fencing token, from ledger.epoch: the greatest is the holder';

COMMENT ON COLUMN ledger.lease.expires_at IS 'by this server''s clock; ''epoch'': released';

CREATE TABLE ledger.loop (
    name TEXT NOT NULL, 
    process TEXT NOT NULL, 
    reported_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    ready BOOLEAN NOT NULL, 
    waits_for TEXT DEFAULT '' NOT NULL, 
    turn_age_seconds DOUBLE PRECISION NOT NULL, 
    progress_age_seconds DOUBLE PRECISION NOT NULL, 
    done BIGINT NOT NULL, 
    restarts INTEGER NOT NULL, 
    error TEXT DEFAULT '' NOT NULL, 
    failed_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_loop PRIMARY KEY (name, process)
);

COMMENT ON COLUMN ledger.loop.name IS 'as in its heartbeat, such as podium.score.<domain>';

COMMENT ON COLUMN ledger.loop.process IS 'host:pid';

COMMENT ON COLUMN ledger.loop.turn_age_seconds IS 'since its last turn, when it reported';

COMMENT ON COLUMN ledger.loop.progress_age_seconds IS 'since it finished something or found nothing to do';

CREATE TABLE ledger."offset" (
    topic TEXT NOT NULL, 
    partition INTEGER NOT NULL, 
    position BIGINT NOT NULL, 
    epoch BIGINT NOT NULL, 
    topic_id TEXT NOT NULL, 
    leader_epoch INTEGER, 
    read BIGINT DEFAULT 0 NOT NULL, 
    applied BIGINT DEFAULT 0 NOT NULL, 
    parked BIGINT DEFAULT 0 NOT NULL, 
    released BIGINT DEFAULT 0 NOT NULL, 
    dead BIGINT DEFAULT 0 NOT NULL, 
    event_time TIMESTAMP WITH TIME ZONE, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    owner TEXT, 
    CONSTRAINT pk_offset PRIMARY KEY (topic, partition), 
    CONSTRAINT ck_offset_adds_up CHECK (read = applied + parked + released + dead)
)
 WITH (fillfactor = 50);

COMMENT ON COLUMN ledger."offset".position IS 'next offset to read; all below it is accounted for';

COMMENT ON COLUMN ledger."offset".epoch IS 'of the assignment that owns the partition';

COMMENT ON COLUMN ledger."offset".topic_id IS 'of the topic read; another one is another log';

COMMENT ON COLUMN ledger."offset".leader_epoch IS 'of the last record read';

COMMENT ON COLUMN ledger."offset".applied IS 'with repeats and superseded';

COMMENT ON COLUMN ledger."offset".parked IS 'waiting now';

COMMENT ON COLUMN ledger."offset".released IS 'parked once, applied since';

COMMENT ON COLUMN ledger."offset".event_time IS 'append time of the last record accounted for';

COMMENT ON COLUMN ledger."offset".owner IS 'process that holds the partition';

CREATE TABLE ledger.operation (
    request UUID NOT NULL, 
    verb TEXT NOT NULL, 
    topic TEXT NOT NULL, 
    partition INTEGER NOT NULL, 
    "offset" BIGINT NOT NULL, 
    by TEXT NOT NULL, 
    why TEXT NOT NULL, 
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_operation PRIMARY KEY (request), 
    CONSTRAINT ck_operation_verb CHECK (verb IN ('redrive', 'drop', 'expire'))
);

CREATE INDEX idx_operation_place_offset ON ledger.operation (place_offset);

COMMENT ON COLUMN ledger.operation.by IS 'who asked: user@host';

CREATE TABLE ledger.outside_write (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY, 
    written_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    role TEXT DEFAULT session_user NOT NULL, 
    application TEXT DEFAULT current_setting('application_name', true), 
    statement TEXT NOT NULL, 
    relation TEXT NOT NULL, 
    rows BIGINT NOT NULL, 
    keys JSONB, 
    CONSTRAINT pk_outside_write PRIMARY KEY (id)
);

COMMENT ON COLUMN ledger.outside_write.statement IS 'INSERT, UPDATE, DELETE or TRUNCATE';

COMMENT ON COLUMN ledger.outside_write.keys IS 'keys of the rows, up to a bound';

CREATE TABLE ledger.parked (
    topic TEXT NOT NULL, 
    partition INTEGER NOT NULL, 
    "offset" BIGINT NOT NULL, 
    append_time TIMESTAMP WITH TIME ZONE NOT NULL, 
    key BYTEA, 
    value BYTEA NOT NULL, 
    headers JSONB DEFAULT '[]' NOT NULL, 
    subject TEXT NOT NULL, 
    parent_table TEXT NOT NULL, 
    parent_key JSONB NOT NULL, 
    parked_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    held UUID, 
    CONSTRAINT pk_parked PRIMARY KEY (topic, partition, "offset")
);

CREATE INDEX idx_parked_parent ON ledger.parked (parent_table, parent_key);

COMMENT ON COLUMN ledger.parked.subject IS 'natural key: later events of it wait behind this one';

COMMENT ON COLUMN ledger.parked.parent_table IS 'schema.table that lacks the row waited for';

COMMENT ON COLUMN ledger.parked.parent_key IS 'key of that row: column -> value';

COMMENT ON COLUMN ledger.parked.held IS 'request of the operator who gives it up: it is not released any more';

CREATE TABLE ledger.rebuild (
    run UUID NOT NULL, 
    started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    finished_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    by TEXT NOT NULL, 
    why TEXT DEFAULT '' NOT NULL, 
    domains JSONB NOT NULL, 
    base JSONB, 
    upto JSONB NOT NULL, 
    records BIGINT NOT NULL, 
    seconds DOUBLE PRECISION NOT NULL, 
    equal BOOLEAN, 
    digests JSONB NOT NULL, 
    code TEXT NOT NULL, 
    CONSTRAINT pk_rebuild PRIMARY KEY (run)
);

COMMENT ON COLUMN ledger.rebuild.by IS 'who asked for it, on which machine';

COMMENT ON COLUMN ledger.rebuild.base IS 'export that it began from: folder, seal, offsets; NULL: from offset 0';

COMMENT ON COLUMN ledger.rebuild.upto IS '[[topic, partition, offset], ...]: all up to these';

COMMENT ON COLUMN ledger.rebuild.records IS 'offsets read by the last go';

COMMENT ON COLUMN ledger.rebuild.seconds IS 'of filling, in the last go';

COMMENT ON COLUMN ledger.rebuild.equal IS 'whether live had the same rows; NULL: not compared';

COMMENT ON COLUMN ledger.rebuild.digests IS 'table -> digest of the rows that the log determines';

COMMENT ON COLUMN ledger.rebuild.code IS 'newest migration of the code that filled it';

CREATE TABLE ledger.repair (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY, 
    repaired_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    by TEXT NOT NULL, 
    why TEXT DEFAULT '' NOT NULL, 
    relation TEXT NOT NULL, 
    key JSONB NOT NULL, 
    before JSONB NOT NULL, 
    after JSONB NOT NULL, 
    CONSTRAINT pk_repair PRIMARY KEY (id)
);

COMMENT ON COLUMN ledger.repair.by IS 'who asked for it, on which machine';

COMMENT ON COLUMN ledger.repair.before IS 'the rows as they were found';

COMMENT ON COLUMN ledger.repair.after IS 'the rows as the log has them';

CREATE TABLE ledger.snapshot (
    board TEXT NOT NULL, 
    snapshot UUID NOT NULL, 
    as_of TIMESTAMP WITH TIME ZONE NOT NULL, 
    cut_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    cut JSONB NOT NULL, 
    rule JSONB NOT NULL, 
    digest TEXT NOT NULL, 
    entries TEXT NOT NULL, 
    parts INTEGER, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_snapshot PRIMARY KEY (board, snapshot)
);

CREATE INDEX idx_snapshot_board_cut_at ON ledger.snapshot (board, cut_at);

COMMENT ON COLUMN ledger.snapshot.board IS 'id of the board: `<domain>.<board>.<scope>`';

COMMENT ON COLUMN ledger.snapshot.as_of IS 'event time of the newest record in the cut';

COMMENT ON COLUMN ledger.snapshot.cut_at IS 'when it was decided';

COMMENT ON COLUMN ledger.snapshot.cut IS '[[topic, partition, offset], ...] of every input partition';

COMMENT ON COLUMN ledger.snapshot.rule IS 'rank rule, direction, handling of missing and NaN, decimals';

COMMENT ON COLUMN ledger.snapshot.digest IS 'sha256 of the canonical bytes of the entries, hex';

COMMENT ON COLUMN ledger.snapshot.entries IS 'canonical JSON: the bytes that the digest covers; '''': in parts';

COMMENT ON COLUMN ledger.snapshot.parts IS 'rows of snapshot_part that hold the entries; NULL: `entries` has them';

CREATE TABLE ledger.snapshot_part (
    board TEXT NOT NULL, 
    snapshot UUID NOT NULL, 
    part INTEGER NOT NULL, 
    entries_count INTEGER NOT NULL, 
    entries TEXT NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_snapshot_part PRIMARY KEY (board, snapshot, part)
);

COMMENT ON COLUMN ledger.snapshot_part.part IS 'from 1, in the order of ranks';

COMMENT ON COLUMN ledger.snapshot_part.entries IS 'canonical JSON: a list of whole entries';

-- What every domain's triggers call, and the one row of ledger.identity.
-- What is trimmed from a text that is compared: `schema.types.BLANKS`. Its source is kept as text, with its escapes.
CREATE FUNCTION ledger.blanks() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $blanks$
    SELECT E'\u0009\u000A\u000B\u000C\u000D\u001C\u001D\u001E\u001F \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005'
    '\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000'
$blanks$;

-- A text as it is compared: `schema.types.folded` in Python is the same, for every character of its Unicode version.
CREATE FUNCTION ledger.folded(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN normalize(lower(btrim(normalize(value, NFC), ledger.blanks()) COLLATE pg_catalog.pg_unicode_fast), NFC);

CREATE FUNCTION ledger.refuse_update() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $refuse$
BEGIN
    RAISE EXCEPTION '%.%: a fact never changes', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
        HINT = 'Publish another event; what is no fact of this row may be updated in a statement of its own.';
END
$refuse$;

CREATE FUNCTION ledger.refuse_direct_write() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $refuse$
BEGIN
    RAISE EXCEPTION '%.%: only triggers write here', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
        HINT = 'Write the facts; the tallies follow.';
END
$refuse$;

CREATE FUNCTION ledger.record_outside_write() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $record$
DECLARE
    keys_max constant integer := 100;
    many bigint := 0;
    keys jsonb;
BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
        SELECT count(*) INTO many FROM changed;
        IF many = 0 THEN
            RETURN NULL;
        END IF;
        SELECT jsonb_agg((SELECT jsonb_object_agg(name, entry -> name) FROM unnest(TG_ARGV) name)) INTO keys
        FROM (SELECT to_jsonb(c) AS entry FROM changed c LIMIT keys_max) first_of_them;
    END IF;
    INSERT INTO ledger.outside_write (statement, relation, rows, keys)
    VALUES (TG_OP, format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME), many, keys);
    RETURN NULL;
END
$record$;

-- Every snapshot with its entries whole; one whose parts are not all there is none yet.
CREATE VIEW ledger.published_snapshot AS
SELECT s.board, s.snapshot, s.as_of, s.cut_at, s.cut, s.rule, s.digest,
       CASE WHEN s.parts IS NULL THEN s.entries
            ELSE (SELECT '[' || string_agg(substr(p.entries, 2, length(p.entries) - 2), ',' ORDER BY p.part) || ']'
                  FROM ledger.snapshot_part p
                  WHERE p.board = s.board AND p.snapshot = s.snapshot AND p.part <= s.parts)
       END AS entries,
       s.parts, s.place_partition, s.place_offset
FROM ledger.snapshot s
WHERE s.parts IS NULL
   OR s.parts = (SELECT count(*) FROM ledger.snapshot_part p
                 WHERE p.board = s.board AND p.snapshot = s.snapshot AND p.part <= s.parts);

INSERT INTO ledger.identity DEFAULT VALUES;

GRANT DELETE ON ledger.parked, ledger.dead TO podium_consumer;
GRANT DELETE ON ledger.lease, ledger.loop, ledger.failure TO podium_consumer;
GRANT INSERT, UPDATE, DELETE ON ledger.lease, ledger.loop, ledger.failure TO podium_stream;
GRANT USAGE ON SEQUENCE ledger.epoch TO podium_stream;

CREATE TRIGGER id_range_100_immutable BEFORE UPDATE OF kind, request, size, place_partition, place_offset ON ledger.id_range
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE ledger.id_range ENABLE ALWAYS TRIGGER id_range_100_immutable;

CREATE TRIGGER operation_100_immutable BEFORE UPDATE OF request, verb, topic, partition, "offset", by, why, asked_at, place_partition, place_offset ON ledger.operation
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE ledger.operation ENABLE ALWAYS TRIGGER operation_100_immutable;

CREATE TRIGGER snapshot_100_immutable BEFORE UPDATE OF board, snapshot, as_of, cut_at, cut, rule, digest, entries, parts, place_partition, place_offset ON ledger.snapshot
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE ledger.snapshot ENABLE ALWAYS TRIGGER snapshot_100_immutable;

CREATE TRIGGER snapshot_part_100_immutable BEFORE UPDATE OF board, snapshot, part, entries_count, entries, place_partition, place_offset ON ledger.snapshot_part
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE ledger.snapshot_part ENABLE ALWAYS TRIGGER snapshot_part_100_immutable;

GRANT USAGE ON SCHEMA ledger TO podium_consumer, podium_stream, podium_reader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA ledger TO podium_consumer;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA ledger TO podium_consumer;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO podium_stream, podium_reader;

REVOKE SELECT ON ledger.dead FROM podium_reader;

REVOKE SELECT ON ledger.failure FROM podium_reader;

REVOKE SELECT ON ledger.lease FROM podium_reader;

REVOKE SELECT ON ledger.loop FROM podium_reader;

REVOKE SELECT ON ledger.operation FROM podium_reader;

REVOKE SELECT ON ledger.outside_write FROM podium_reader;

REVOKE SELECT ON ledger.parked FROM podium_reader;

REVOKE SELECT ON ledger.repair FROM podium_reader;

CREATE SCHEMA evaluation;

CREATE SEQUENCE evaluation.datasets_dataset_id_seq AS INTEGER START WITH 1000000000;

CREATE SEQUENCE evaluation.models_model_id_seq AS INTEGER START WITH 1000000000;

CREATE SEQUENCE evaluation.predictions_prediction_id_seq AS INTEGER START WITH 1;

CREATE SEQUENCE evaluation.prompts_prompt_id_seq AS INTEGER START WITH 1000000000;

CREATE SEQUENCE evaluation.rows_row_id_seq AS INTEGER START WITH 1000000000;

CREATE SEQUENCE evaluation.status_update_log_id_seq AS INTEGER START WITH 1;

CREATE TABLE evaluation.datasets (
    dataset_id INTEGER DEFAULT nextval('evaluation.datasets_dataset_id_seq') NOT NULL, 
    name VARCHAR NOT NULL, 
    description TEXT, 
    labels TEXT, 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    CONSTRAINT pk_datasets PRIMARY KEY (dataset_id), 
    CONSTRAINT ck_datasets_labels CHECK (char_length(labels) <= 10000)
);

ALTER SEQUENCE evaluation.datasets_dataset_id_seq OWNED BY evaluation.datasets.dataset_id;

COMMENT ON COLUMN evaluation.datasets.labels IS 'the label set, comma separated; NULL: three classes';

CREATE TABLE evaluation.models (
    model_id INTEGER DEFAULT nextval('evaluation.models_model_id_seq') NOT NULL, 
    name VARCHAR NOT NULL, 
    source VARCHAR NOT NULL, 
    description TEXT, 
    library VARCHAR DEFAULT 'unknown' NOT NULL, 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    CONSTRAINT pk_models PRIMARY KEY (model_id)
);

ALTER SEQUENCE evaluation.models_model_id_seq OWNED BY evaluation.models.model_id;

CREATE TABLE evaluation.status_update_log (
    id INTEGER DEFAULT nextval('evaluation.status_update_log_id_seq') NOT NULL, 
    model_id INTEGER, 
    prompt_id INTEGER, 
    dataset_id INTEGER, 
    status VARCHAR, 
    updated_at TIMESTAMP WITHOUT TIME ZONE DEFAULT timezone('UTC', now()), 
    epoch INTEGER DEFAULT 1 NOT NULL, 
    CONSTRAINT pk_status_update_log PRIMARY KEY (id), 
    CONSTRAINT uq_status_update_log_model_id_prompt_id_dataset_id_epoch_status UNIQUE (model_id, prompt_id, dataset_id, epoch, status)
);

ALTER SEQUENCE evaluation.status_update_log_id_seq OWNED BY evaluation.status_update_log.id;

CREATE TABLE evaluation.dataset_versions (
    dataset_id INTEGER NOT NULL, 
    version INTEGER NOT NULL, 
    total_rows INTEGER NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_dataset_versions PRIMARY KEY (dataset_id, version), 
    CONSTRAINT ck_dataset_versions_total_rows CHECK (total_rows >= 0), 
    CONSTRAINT fk_dataset_versions_dataset_id FOREIGN KEY(dataset_id) REFERENCES evaluation.datasets (dataset_id)
);

COMMENT ON COLUMN evaluation.dataset_versions.total_rows IS 'rows of the data set up to and with this version';

CREATE TABLE evaluation.prompts (
    prompt_id INTEGER DEFAULT nextval('evaluation.prompts_prompt_id_seq') NOT NULL, 
    model_id INTEGER, 
    text TEXT NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_prompts PRIMARY KEY (prompt_id), 
    CONSTRAINT fk_prompts_model_id FOREIGN KEY(model_id) REFERENCES evaluation.models (model_id)
);

ALTER SEQUENCE evaluation.prompts_prompt_id_seq OWNED BY evaluation.prompts.prompt_id;

CREATE TABLE evaluation.rows (
    row_id INTEGER DEFAULT nextval('evaluation.rows_row_id_seq') NOT NULL, 
    dataset_id INTEGER, 
    content TEXT NOT NULL, 
    expected_prediction VARCHAR NOT NULL, 
    version INTEGER DEFAULT 1 NOT NULL, 
    truth_version INTEGER DEFAULT 1 NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_rows PRIMARY KEY (row_id), 
    CONSTRAINT ck_rows_dataset_id CHECK (dataset_id IS NOT NULL), 
    CONSTRAINT uq_rows_row_id_dataset_id UNIQUE (row_id, dataset_id), 
    CONSTRAINT fk_rows_dataset_id FOREIGN KEY(dataset_id) REFERENCES evaluation.datasets (dataset_id)
);

CREATE INDEX idx_rows_dataset_id_version ON evaluation.rows (dataset_id, version);

ALTER SEQUENCE evaluation.rows_row_id_seq OWNED BY evaluation.rows.row_id;

COMMENT ON COLUMN evaluation.rows.version IS 'data set version that brought it';

COMMENT ON COLUMN evaluation.rows.truth_version IS 'edition of the gold label';

CREATE TABLE evaluation.modelpromptstatus (
    model_id INTEGER NOT NULL, 
    prompt_id INTEGER NOT NULL, 
    dataset_id INTEGER NOT NULL, 
    status VARCHAR NOT NULL, 
    count INTEGER DEFAULT 0, 
    event_status VARCHAR NOT NULL, 
    epoch INTEGER DEFAULT 1 NOT NULL, 
    submitted_epoch INTEGER DEFAULT 1 NOT NULL, 
    dataset_version INTEGER NOT NULL, 
    total_rows INTEGER NOT NULL, 
    failed INTEGER DEFAULT 0 NOT NULL, 
    attempts_max INTEGER DEFAULT 3 NOT NULL, 
    CONSTRAINT pk_modelpromptstatus PRIMARY KEY (model_id, prompt_id, dataset_id), 
    CONSTRAINT fk_modelpromptstatus_dataset_id_dataset_version FOREIGN KEY(dataset_id, dataset_version) REFERENCES evaluation.dataset_versions (dataset_id, version), 
    CONSTRAINT ck_modelpromptstatus_status CHECK (status IN ('pending', 'running', 'done', 'stop', 'cancelled', 'failed')), 
    CONSTRAINT ck_modelpromptstatus_tallies CHECK (failed BETWEEN 0 AND count), 
    CONSTRAINT fk_modelpromptstatus_model_id FOREIGN KEY(model_id) REFERENCES evaluation.models (model_id), 
    CONSTRAINT fk_modelpromptstatus_prompt_id FOREIGN KEY(prompt_id) REFERENCES evaluation.prompts (prompt_id), 
    CONSTRAINT fk_modelpromptstatus_dataset_id FOREIGN KEY(dataset_id) REFERENCES evaluation.datasets (dataset_id)
)
 WITH (fillfactor = 50);

COMMENT ON COLUMN evaluation.modelpromptstatus.status IS 'shown: a function of event_status and the tallies';

COMMENT ON COLUMN evaluation.modelpromptstatus.count IS 'tasks with a final prediction';

COMMENT ON COLUMN evaluation.modelpromptstatus.event_status IS 'what events said';

COMMENT ON COLUMN evaluation.modelpromptstatus.submitted_epoch IS 'of the frozen version';

COMMENT ON COLUMN evaluation.modelpromptstatus.total_rows IS 'rows of the frozen data set version';

CREATE TABLE evaluation.confusion (
    model_id INTEGER NOT NULL, 
    prompt_id INTEGER NOT NULL, 
    dataset_id INTEGER NOT NULL, 
    gold VARCHAR NOT NULL, 
    predicted VARCHAR NOT NULL, 
    n BIGINT NOT NULL, 
    CONSTRAINT pk_confusion PRIMARY KEY (model_id, prompt_id, dataset_id, gold, predicted), 
    CONSTRAINT fk_confusion_model_id_prompt_id_dataset_id FOREIGN KEY(model_id, prompt_id, dataset_id) REFERENCES evaluation.modelpromptstatus (model_id, prompt_id, dataset_id) ON DELETE CASCADE
)
 WITH (fillfactor = 50);

CREATE TABLE evaluation.latency (
    model_id INTEGER NOT NULL, 
    prompt_id INTEGER NOT NULL, 
    dataset_id INTEGER NOT NULL, 
    bucket SMALLINT NOT NULL, 
    n BIGINT NOT NULL, 
    CONSTRAINT pk_latency PRIMARY KEY (model_id, prompt_id, dataset_id, bucket), 
    CONSTRAINT fk_latency_model_id_prompt_id_dataset_id FOREIGN KEY(model_id, prompt_id, dataset_id) REFERENCES evaluation.modelpromptstatus (model_id, prompt_id, dataset_id) ON DELETE CASCADE
)
 WITH (fillfactor = 50);

COMMENT ON COLUMN evaluation.latency.bucket IS 'floor(8 * log2(microseconds)), 0 below one';

CREATE TABLE evaluation.predictionstatus (
    row_id INTEGER NOT NULL, 
    model_id INTEGER NOT NULL, 
    prompt_id INTEGER NOT NULL, 
    dataset_id INTEGER, 
    status VARCHAR NOT NULL, 
    in_progress_time TIMESTAMP WITHOUT TIME ZONE, 
    event_status VARCHAR DEFAULT 'pending' NOT NULL, 
    attempt INTEGER DEFAULT 1 NOT NULL, 
    worker VARCHAR, 
    claimed_at TIMESTAMP WITH TIME ZONE, 
    lease_until TIMESTAMP WITH TIME ZONE, 
    final_attempt INTEGER, 
    final_status VARCHAR, 
    final_digest BYTEA, 
    latency_bucket SMALLINT, 
    truth_version INTEGER, 
    gold VARCHAR, 
    predicted VARCHAR, 
    CONSTRAINT pk_predictionstatus PRIMARY KEY (row_id, model_id, prompt_id), 
    CONSTRAINT ck_predictionstatus_dataset_id CHECK (dataset_id IS NOT NULL), 
    CONSTRAINT ck_predictionstatus_status CHECK (status IN ('pending', 'in_progress', 'done', 'failed')), 
    CONSTRAINT ck_predictionstatus_in_progress_time CHECK (CASE event_status WHEN 'pending' THEN in_progress_time IS NULL WHEN 'in_progress' THEN in_progress_time IS NOT NULL ELSE true END), 
    CONSTRAINT uq_predictionstatus_model_id_prompt_id_dataset_id_row_id UNIQUE (model_id, prompt_id, dataset_id, row_id)
)
 WITH (fillfactor = 40);

COMMENT ON COLUMN evaluation.predictionstatus.status IS 'shown: a function of event_status and the final prediction';

COMMENT ON COLUMN evaluation.predictionstatus.in_progress_time IS 'last heartbeat, UTC; NULL while pending';

COMMENT ON COLUMN evaluation.predictionstatus.final_attempt IS 'attempt of the final prediction';

COMMENT ON COLUMN evaluation.predictionstatus.final_digest IS 'digest of the final prediction';

COMMENT ON COLUMN evaluation.predictionstatus.truth_version IS 'edition of the gold label that the counted score names';

COMMENT ON COLUMN evaluation.predictionstatus.gold IS 'gold label of the counted score';

COMMENT ON COLUMN evaluation.predictionstatus.predicted IS 'label of the counted score';

CREATE TABLE evaluation.predictions (
    prediction_id INTEGER DEFAULT nextval('evaluation.predictions_prediction_id_seq') NOT NULL, 
    row_id INTEGER, 
    model_id INTEGER, 
    prompt_id INTEGER, 
    dataset_id INTEGER, 
    prediction VARCHAR NOT NULL, 
    prediction_time DOUBLE PRECISION NOT NULL, 
    status VARCHAR NOT NULL, 
    formatted_prompt TEXT, 
    attempt INTEGER DEFAULT 1 NOT NULL, 
    retry SMALLINT DEFAULT 0 NOT NULL, 
    error_kind VARCHAR, 
    tokens INTEGER, 
    cost BIGINT, 
    predicted_at TIMESTAMP WITH TIME ZONE, 
    digest BYTEA, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_predictions PRIMARY KEY (prediction_id), 
    CONSTRAINT uq_predictions_model_id_prompt_id_row_id_attempt UNIQUE (model_id, prompt_id, row_id, attempt), 
    CONSTRAINT ck_predictions_key CHECK (num_nulls(row_id, model_id, prompt_id, dataset_id) = 0), 
    CONSTRAINT ck_predictions_prediction_time CHECK (prediction_time BETWEEN 0 AND 1000000000), 
    CONSTRAINT ck_predictions_spent CHECK (tokens >= 0 AND cost >= 0), 
    CONSTRAINT ck_predictions_attempt CHECK (attempt BETWEEN 1 AND 1000000), 
    CONSTRAINT ck_predictions_status CHECK (status IN ('success', 'failed'))
);

ALTER SEQUENCE evaluation.predictions_prediction_id_seq OWNED BY evaluation.predictions.prediction_id;

COMMENT ON COLUMN evaluation.predictions.prediction_time IS 'seconds';

COMMENT ON COLUMN evaluation.predictions.retry IS '1: failed, to be tried again';

COMMENT ON COLUMN evaluation.predictions.cost IS 'millionths of the budget''s currency';

COMMENT ON COLUMN evaluation.predictions.digest IS 'digest of the event''s data; a score names it';

CREATE TABLE evaluation.scores (
    row_id INTEGER NOT NULL, 
    model_id INTEGER NOT NULL, 
    prompt_id INTEGER NOT NULL, 
    dataset_id INTEGER NOT NULL, 
    attempt INTEGER NOT NULL, 
    prediction_digest BYTEA NOT NULL, 
    truth_version INTEGER NOT NULL, 
    gold VARCHAR NOT NULL, 
    predicted VARCHAR NOT NULL, 
    correct SMALLINT NOT NULL, 
    scored_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_scores PRIMARY KEY (model_id, prompt_id, row_id, attempt, truth_version, prediction_digest)
);

COMMENT ON COLUMN evaluation.scores.prediction_digest IS 'digest of the prediction that was judged';

COMMENT ON COLUMN evaluation.scores.truth_version IS 'edition of the gold label it was judged by';

ALTER TABLE evaluation.predictionstatus ADD CONSTRAINT fk_predictionstatus_dataset_id
    FOREIGN KEY (dataset_id) REFERENCES evaluation.datasets (dataset_id) NOT ENFORCED;
ALTER TABLE evaluation.predictionstatus ADD CONSTRAINT fk_predictionstatus_model_id
    FOREIGN KEY (model_id) REFERENCES evaluation.models (model_id) NOT ENFORCED;
ALTER TABLE evaluation.predictionstatus ADD CONSTRAINT fk_predictionstatus_model_id_prompt_id_dataset_id
    FOREIGN KEY (model_id, prompt_id, dataset_id) REFERENCES evaluation.modelpromptstatus (model_id, prompt_id, dataset_id) NOT ENFORCED;
ALTER TABLE evaluation.predictionstatus ADD CONSTRAINT fk_predictionstatus_prompt_id
    FOREIGN KEY (prompt_id) REFERENCES evaluation.prompts (prompt_id) NOT ENFORCED;
ALTER TABLE evaluation.predictionstatus ADD CONSTRAINT fk_predictionstatus_row_id
    FOREIGN KEY (row_id) REFERENCES evaluation.rows (row_id) NOT ENFORCED;
ALTER TABLE evaluation.predictionstatus ADD CONSTRAINT fk_predictionstatus_row_id_dataset_id
    FOREIGN KEY (row_id, dataset_id) REFERENCES evaluation.rows (row_id, dataset_id) NOT ENFORCED;

ALTER TABLE evaluation.predictions ADD CONSTRAINT fk_predictions_dataset_id
    FOREIGN KEY (dataset_id) REFERENCES evaluation.datasets (dataset_id) NOT ENFORCED;
ALTER TABLE evaluation.predictions ADD CONSTRAINT fk_predictions_model_id
    FOREIGN KEY (model_id) REFERENCES evaluation.models (model_id) NOT ENFORCED;
ALTER TABLE evaluation.predictions ADD CONSTRAINT fk_predictions_prompt_id
    FOREIGN KEY (prompt_id) REFERENCES evaluation.prompts (prompt_id) NOT ENFORCED;
ALTER TABLE evaluation.predictions ADD CONSTRAINT fk_predictions_row_id
    FOREIGN KEY (row_id) REFERENCES evaluation.rows (row_id) NOT ENFORCED;
ALTER TABLE evaluation.predictions ADD CONSTRAINT fk_predictions_row_id_model_id_prompt_id_dataset_id
    FOREIGN KEY (row_id, model_id, prompt_id, dataset_id) REFERENCES evaluation.predictionstatus (row_id, model_id, prompt_id, dataset_id) NOT ENFORCED;

ALTER TABLE evaluation.scores ADD CONSTRAINT fk_scores_model_id_prompt_id_row_id_attempt
    FOREIGN KEY (model_id, prompt_id, row_id, attempt) REFERENCES evaluation.predictions (model_id, prompt_id, row_id, attempt) NOT ENFORCED;

-- The life cycle job: ranks and moves of its states, as declared.
CREATE FUNCTION evaluation.job_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'pending' THEN 0 WHEN 'stop' THEN 1 WHEN 'cancelled' THEN 2 WHEN 'failed' THEN 2 END;

CREATE FUNCTION evaluation.job_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending' THEN target IN ('stop', 'cancelled', 'failed') WHEN 'stop' THEN target IN ('cancelled', 'failed') ELSE false END;

CREATE FUNCTION evaluation.job_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending' THEN target IN ('stop', 'cancelled', 'failed') WHEN 'stop' THEN target IN ('cancelled', 'failed') ELSE false END;

CREATE FUNCTION evaluation.job_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'pending' OR CASE origin WHEN 'stop' THEN target IN ('pending') WHEN 'cancelled' THEN target IN ('pending') WHEN 'failed' THEN target IN ('pending') ELSE false END;

-- The life cycle task: ranks and moves of its states, as declared.
CREATE FUNCTION evaluation.task_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'pending' THEN 0 WHEN 'in_progress' THEN 1 WHEN 'failed' THEN 2 END;

CREATE FUNCTION evaluation.task_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending' THEN target IN ('in_progress') WHEN 'in_progress' THEN target IN ('failed') ELSE false END;

CREATE FUNCTION evaluation.task_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending' THEN target IN ('in_progress', 'failed') WHEN 'in_progress' THEN target IN ('failed') ELSE false END;

CREATE FUNCTION evaluation.task_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'pending' OR CASE origin WHEN 'in_progress' THEN target IN ('pending') WHEN 'failed' THEN target IN ('pending') ELSE false END;

ALTER TABLE evaluation.modelpromptstatus ADD CONSTRAINT ck_modelpromptstatus_event_status CHECK (event_status IN ('pending', 'stop', 'cancelled', 'failed'));

-- modelpromptstatus: moves of event_status follow the life cycle job; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION evaluation.modelpromptstatus_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.event_status AS origin, n.event_status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.model_id = o.model_id AND n.prompt_id = o.prompt_id AND n.dataset_id = o.dataset_id
    WHERE CASE
        WHEN o.event_status IS NULL THEN true
        WHEN (n.epoch) = (o.epoch) THEN n.event_status <> o.event_status AND NOT CASE
            WHEN through_log THEN evaluation.job_reaches(o.event_status, n.event_status)
            ELSE evaluation.job_moves(o.event_status, n.event_status) END
        WHEN (n.epoch) > (o.epoch) THEN NOT (through_log OR evaluation.job_reopens(o.event_status, n.event_status))
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

CREATE TRIGGER modelpromptstatus_100_guard AFTER UPDATE ON evaluation.modelpromptstatus
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION evaluation.modelpromptstatus_100_guard();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_100_guard;

ALTER TABLE evaluation.predictionstatus ADD CONSTRAINT ck_predictionstatus_event_status CHECK (event_status IN ('pending', 'in_progress', 'failed'));

-- predictionstatus: moves of event_status follow the life cycle task; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION evaluation.predictionstatus_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.event_status AS origin, n.event_status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.row_id = o.row_id AND n.model_id = o.model_id AND n.prompt_id = o.prompt_id AND n.dataset_id = o.dataset_id
    WHERE CASE
        WHEN o.event_status IS NULL THEN true
        WHEN (n.attempt) = (o.attempt) THEN n.event_status <> o.event_status AND NOT CASE
            WHEN through_log THEN evaluation.task_reaches(o.event_status, n.event_status)
            ELSE evaluation.task_moves(o.event_status, n.event_status) END
        WHEN (n.attempt) > (o.attempt) THEN NOT (through_log OR evaluation.task_reopens(o.event_status, n.event_status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle task, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER predictionstatus_100_guard AFTER UPDATE ON evaluation.predictionstatus
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION evaluation.predictionstatus_100_guard();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_100_guard;

CREATE TRIGGER status_update_log_100_immutable BEFORE UPDATE OF id, model_id, prompt_id, dataset_id, status, updated_at, epoch ON evaluation.status_update_log
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE evaluation.status_update_log ENABLE ALWAYS TRIGGER status_update_log_100_immutable;

CREATE TRIGGER dataset_versions_100_immutable BEFORE UPDATE OF dataset_id, version, total_rows, place_partition, place_offset ON evaluation.dataset_versions
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE evaluation.dataset_versions ENABLE ALWAYS TRIGGER dataset_versions_100_immutable;

CREATE TRIGGER prompts_100_immutable BEFORE UPDATE OF prompt_id, model_id, text, place_partition, place_offset ON evaluation.prompts
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE evaluation.prompts ENABLE ALWAYS TRIGGER prompts_100_immutable;

CREATE TRIGGER rows_100_immutable BEFORE UPDATE OF row_id, dataset_id, content, version, place_partition, place_offset ON evaluation.rows
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_100_immutable;

CREATE TRIGGER predictions_100_immutable BEFORE UPDATE OF prediction_id, row_id, model_id, prompt_id, dataset_id, prediction, prediction_time, status, formatted_prompt, attempt, retry, error_kind, tokens, cost, predicted_at, digest, place_partition, place_offset ON evaluation.predictions
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_100_immutable;

CREATE TRIGGER scores_100_immutable BEFORE UPDATE OF row_id, model_id, prompt_id, dataset_id, attempt, prediction_digest, truth_version, gold, predicted, correct, scored_at, place_partition, place_offset ON evaluation.scores
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE evaluation.scores ENABLE ALWAYS TRIGGER scores_100_immutable;

CREATE TRIGGER confusion_100_derived BEFORE INSERT OR UPDATE OR DELETE ON evaluation.confusion
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE evaluation.confusion ENABLE ALWAYS TRIGGER confusion_100_derived;

CREATE TRIGGER latency_100_derived BEFORE INSERT OR UPDATE OR DELETE ON evaluation.latency
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE evaluation.latency ENABLE ALWAYS TRIGGER latency_100_derived;

-- predictionstatus (model_id, prompt_id, dataset_id) refers to evaluation.modelpromptstatus (model_id, prompt_id, dataset_id): fk_predictionstatus_model_id_prompt_id_dataset_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION evaluation.predictionstatus_200_reference_modelpromptstatus() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT model_id, prompt_id, dataset_id FROM new_rows) c
        JOIN evaluation.modelpromptstatus p ON p.model_id = c.model_id AND p.prompt_id = c.prompt_id AND p.dataset_id = c.dataset_id
    ORDER BY c.model_id, c.prompt_id, c.dataset_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('model_id', c.model_id, 'prompt_id', c.prompt_id, 'dataset_id', c.dataset_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.model_id, c.prompt_id, c.dataset_id) = 0 AND NOT EXISTS (SELECT FROM evaluation.modelpromptstatus p WHERE p.model_id = c.model_id AND p.prompt_id = c.prompt_id AND p.dataset_id = c.dataset_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in evaluation.modelpromptstatus has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictionstatus_model_id_prompt_id_dataset_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER predictionstatus_200_reference_modelpromptstatus AFTER INSERT ON evaluation.predictionstatus
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION evaluation.predictionstatus_200_reference_modelpromptstatus();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_200_reference_modelpromptstatus;

-- modelpromptstatus (model_id, prompt_id, dataset_id) is referred to by evaluation.predictionstatus (model_id, prompt_id, dataset_id): fk_predictionstatus_model_id_prompt_id_dataset_id.
CREATE FUNCTION evaluation.modelpromptstatus_200_referred_predictionstatus() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('model_id', p.model_id, 'prompt_id', p.prompt_id, 'dataset_id', p.dataset_id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM evaluation.predictionstatus c WHERE c.model_id = p.model_id AND c.prompt_id = p.prompt_id AND c.dataset_id = p.dataset_id)
            AND NOT EXISTS (SELECT FROM evaluation.modelpromptstatus again WHERE again.model_id = p.model_id AND again.prompt_id = p.prompt_id AND again.dataset_id = p.dataset_id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('model_id', c.model_id, 'prompt_id', c.prompt_id, 'dataset_id', c.dataset_id) INTO used
        FROM evaluation.predictionstatus c
        WHERE num_nulls(c.model_id, c.prompt_id, c.dataset_id) = 0 AND NOT EXISTS (SELECT FROM evaluation.modelpromptstatus p WHERE c.model_id = p.model_id AND c.prompt_id = p.prompt_id AND c.dataset_id = p.dataset_id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: evaluation.predictionstatus still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictionstatus_model_id_prompt_id_dataset_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER modelpromptstatus_200_referred_predictionstatus AFTER DELETE ON evaluation.modelpromptstatus
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.modelpromptstatus_200_referred_predictionstatus();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_200_referred_predictionstatus;

CREATE TRIGGER modelpromptstatus_200_referred_predictionstatus_key AFTER UPDATE OF model_id, prompt_id, dataset_id ON evaluation.modelpromptstatus
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.modelpromptstatus_200_referred_predictionstatus();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_200_referred_predictionstatus_key;

CREATE TRIGGER modelpromptstatus_200_referred_predictionstatus_truncate AFTER TRUNCATE ON evaluation.modelpromptstatus
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.modelpromptstatus_200_referred_predictionstatus();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_200_referred_predictionstatus_truncate;

-- predictionstatus (row_id, dataset_id) refers to evaluation.rows (row_id, dataset_id): fk_predictionstatus_row_id_dataset_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION evaluation.predictionstatus_200_reference_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT row_id, dataset_id FROM new_rows) c
        JOIN evaluation.rows p ON p.row_id = c.row_id AND p.dataset_id = c.dataset_id
    ORDER BY c.row_id, c.dataset_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('row_id', c.row_id, 'dataset_id', c.dataset_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.row_id, c.dataset_id) = 0 AND NOT EXISTS (SELECT FROM evaluation.rows p WHERE p.row_id = c.row_id AND p.dataset_id = c.dataset_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in evaluation.rows has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictionstatus_row_id_dataset_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER predictionstatus_200_reference_rows AFTER INSERT ON evaluation.predictionstatus
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION evaluation.predictionstatus_200_reference_rows();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_200_reference_rows;

-- rows (row_id, dataset_id) is referred to by evaluation.predictionstatus (row_id, dataset_id): fk_predictionstatus_row_id_dataset_id.
CREATE FUNCTION evaluation.rows_200_referred_predictionstatus() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('row_id', p.row_id, 'dataset_id', p.dataset_id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM evaluation.predictionstatus c WHERE c.row_id = p.row_id AND c.dataset_id = p.dataset_id)
            AND NOT EXISTS (SELECT FROM evaluation.rows again WHERE again.row_id = p.row_id AND again.dataset_id = p.dataset_id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('row_id', c.row_id, 'dataset_id', c.dataset_id) INTO used
        FROM evaluation.predictionstatus c
        WHERE num_nulls(c.row_id, c.dataset_id) = 0 AND NOT EXISTS (SELECT FROM evaluation.rows p WHERE c.row_id = p.row_id AND c.dataset_id = p.dataset_id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: evaluation.predictionstatus still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictionstatus_row_id_dataset_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER rows_200_referred_predictionstatus AFTER DELETE ON evaluation.rows
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.rows_200_referred_predictionstatus();
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_200_referred_predictionstatus;

CREATE TRIGGER rows_200_referred_predictionstatus_key AFTER UPDATE OF row_id, dataset_id ON evaluation.rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.rows_200_referred_predictionstatus();
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_200_referred_predictionstatus_key;

CREATE TRIGGER rows_200_referred_predictionstatus_truncate AFTER TRUNCATE ON evaluation.rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.rows_200_referred_predictionstatus();
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_200_referred_predictionstatus_truncate;

-- predictions (row_id, model_id, prompt_id, dataset_id) refers to evaluation.predictionstatus (row_id, model_id, prompt_id, dataset_id): fk_predictions_row_id_model_id_prompt_id_dataset_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION evaluation.predictions_200_reference_predictionstatus() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT model_id, prompt_id, dataset_id FROM new_rows) c
        JOIN evaluation.modelpromptstatus p ON p.model_id = c.model_id AND p.prompt_id = c.prompt_id AND p.dataset_id = c.dataset_id
    ORDER BY c.model_id, c.prompt_id, c.dataset_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('row_id', c.row_id, 'model_id', c.model_id, 'prompt_id', c.prompt_id, 'dataset_id', c.dataset_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.row_id, c.model_id, c.prompt_id, c.dataset_id) = 0 AND NOT EXISTS (SELECT FROM evaluation.predictionstatus p WHERE p.row_id = c.row_id AND p.model_id = c.model_id AND p.prompt_id = c.prompt_id AND p.dataset_id = c.dataset_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in evaluation.predictionstatus has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictions_row_id_model_id_prompt_id_dataset_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER predictions_200_reference_predictionstatus AFTER INSERT ON evaluation.predictions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictions_200_reference_predictionstatus();
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_200_reference_predictionstatus;

-- predictionstatus (row_id, model_id, prompt_id, dataset_id) is referred to by evaluation.predictions (row_id, model_id, prompt_id, dataset_id): fk_predictions_row_id_model_id_prompt_id_dataset_id.
CREATE FUNCTION evaluation.predictionstatus_200_referred_predictions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM FROM evaluation.modelpromptstatus t
        WHERE EXISTS (SELECT FROM (SELECT DISTINCT model_id, prompt_id, dataset_id FROM old_rows) p WHERE t.model_id = p.model_id AND t.prompt_id = p.prompt_id AND t.dataset_id = p.dataset_id)
        ORDER BY t.model_id, t.prompt_id, t.dataset_id
        FOR UPDATE;
SELECT jsonb_build_object('row_id', p.row_id, 'model_id', p.model_id, 'prompt_id', p.prompt_id, 'dataset_id', p.dataset_id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM evaluation.predictions c WHERE c.row_id = p.row_id AND c.model_id = p.model_id AND c.prompt_id = p.prompt_id AND c.dataset_id = p.dataset_id)
            AND NOT EXISTS (SELECT FROM evaluation.predictionstatus again WHERE again.row_id = p.row_id AND again.model_id = p.model_id AND again.prompt_id = p.prompt_id AND again.dataset_id = p.dataset_id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('row_id', c.row_id, 'model_id', c.model_id, 'prompt_id', c.prompt_id, 'dataset_id', c.dataset_id) INTO used
        FROM evaluation.predictions c
        WHERE num_nulls(c.row_id, c.model_id, c.prompt_id, c.dataset_id) = 0 AND NOT EXISTS (SELECT FROM evaluation.predictionstatus p WHERE c.row_id = p.row_id AND c.model_id = p.model_id AND c.prompt_id = p.prompt_id AND c.dataset_id = p.dataset_id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: evaluation.predictions still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_predictions_row_id_model_id_prompt_id_dataset_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER predictionstatus_200_referred_predictions AFTER DELETE ON evaluation.predictionstatus
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictionstatus_200_referred_predictions();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_200_referred_predictions;

CREATE TRIGGER predictionstatus_200_referred_predictions_key AFTER UPDATE OF row_id, model_id, prompt_id, dataset_id ON evaluation.predictionstatus
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictionstatus_200_referred_predictions();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_200_referred_predictions_key;

CREATE TRIGGER predictionstatus_200_referred_predictions_truncate AFTER TRUNCATE ON evaluation.predictionstatus
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictionstatus_200_referred_predictions();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_200_referred_predictions_truncate;

-- scores (model_id, prompt_id, row_id, attempt) refers to evaluation.predictions (model_id, prompt_id, row_id, attempt): fk_scores_model_id_prompt_id_row_id_attempt, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION evaluation.scores_200_reference_predictions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT model_id, prompt_id, dataset_id FROM new_rows) c
        JOIN evaluation.modelpromptstatus p ON p.model_id = c.model_id AND p.prompt_id = c.prompt_id AND p.dataset_id = c.dataset_id
    ORDER BY c.model_id, c.prompt_id, c.dataset_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('model_id', c.model_id, 'prompt_id', c.prompt_id, 'row_id', c.row_id, 'attempt', c.attempt) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.model_id, c.prompt_id, c.row_id, c.attempt) = 0 AND NOT EXISTS (SELECT FROM evaluation.predictions p WHERE p.model_id = c.model_id AND p.prompt_id = c.prompt_id AND p.row_id = c.row_id AND p.attempt = c.attempt AND p.dataset_id = c.dataset_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in evaluation.predictions has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_scores_model_id_prompt_id_row_id_attempt', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER scores_200_reference_predictions AFTER INSERT ON evaluation.scores
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.scores_200_reference_predictions();
ALTER TABLE evaluation.scores ENABLE ALWAYS TRIGGER scores_200_reference_predictions;

-- predictions (model_id, prompt_id, row_id, attempt) is referred to by evaluation.scores (model_id, prompt_id, row_id, attempt): fk_scores_model_id_prompt_id_row_id_attempt.
CREATE FUNCTION evaluation.predictions_200_referred_scores() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM FROM evaluation.modelpromptstatus t
        WHERE EXISTS (SELECT FROM (SELECT DISTINCT model_id, prompt_id, dataset_id FROM old_rows) p WHERE t.model_id = p.model_id AND t.prompt_id = p.prompt_id AND t.dataset_id = p.dataset_id)
        ORDER BY t.model_id, t.prompt_id, t.dataset_id
        FOR UPDATE;
SELECT jsonb_build_object('model_id', p.model_id, 'prompt_id', p.prompt_id, 'row_id', p.row_id, 'attempt', p.attempt) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM evaluation.scores c WHERE c.model_id = p.model_id AND c.prompt_id = p.prompt_id AND c.row_id = p.row_id AND c.attempt = p.attempt)
            AND NOT EXISTS (SELECT FROM evaluation.predictions again WHERE again.model_id = p.model_id AND again.prompt_id = p.prompt_id AND again.row_id = p.row_id AND again.attempt = p.attempt)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('model_id', c.model_id, 'prompt_id', c.prompt_id, 'row_id', c.row_id, 'attempt', c.attempt) INTO used
        FROM evaluation.scores c
        WHERE num_nulls(c.model_id, c.prompt_id, c.row_id, c.attempt) = 0 AND NOT EXISTS (SELECT FROM evaluation.predictions p WHERE c.model_id = p.model_id AND c.prompt_id = p.prompt_id AND c.row_id = p.row_id AND c.attempt = p.attempt)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: evaluation.scores still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_scores_model_id_prompt_id_row_id_attempt', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER predictions_200_referred_scores AFTER DELETE ON evaluation.predictions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictions_200_referred_scores();
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_200_referred_scores;

CREATE TRIGGER predictions_200_referred_scores_key AFTER UPDATE OF model_id, prompt_id, row_id, attempt ON evaluation.predictions
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictions_200_referred_scores();
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_200_referred_scores_key;

CREATE TRIGGER predictions_200_referred_scores_truncate AFTER TRUNCATE ON evaluation.predictions
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictions_200_referred_scores();
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_200_referred_scores_truncate;

CREATE TRIGGER datasets_900_outside_insert AFTER INSERT ON evaluation.datasets
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id');
ALTER TABLE evaluation.datasets ENABLE ALWAYS TRIGGER datasets_900_outside_insert;

CREATE TRIGGER datasets_900_outside_update AFTER UPDATE ON evaluation.datasets
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id');
ALTER TABLE evaluation.datasets ENABLE ALWAYS TRIGGER datasets_900_outside_update;

CREATE TRIGGER datasets_900_outside_delete AFTER DELETE ON evaluation.datasets
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id');
ALTER TABLE evaluation.datasets ENABLE ALWAYS TRIGGER datasets_900_outside_delete;

CREATE TRIGGER datasets_900_outside_truncate AFTER TRUNCATE ON evaluation.datasets
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.datasets ENABLE ALWAYS TRIGGER datasets_900_outside_truncate;

CREATE TRIGGER models_900_outside_insert AFTER INSERT ON evaluation.models
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id');
ALTER TABLE evaluation.models ENABLE ALWAYS TRIGGER models_900_outside_insert;

CREATE TRIGGER models_900_outside_update AFTER UPDATE ON evaluation.models
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id');
ALTER TABLE evaluation.models ENABLE ALWAYS TRIGGER models_900_outside_update;

CREATE TRIGGER models_900_outside_delete AFTER DELETE ON evaluation.models
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id');
ALTER TABLE evaluation.models ENABLE ALWAYS TRIGGER models_900_outside_delete;

CREATE TRIGGER models_900_outside_truncate AFTER TRUNCATE ON evaluation.models
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.models ENABLE ALWAYS TRIGGER models_900_outside_truncate;

CREATE TRIGGER status_update_log_900_outside_insert AFTER INSERT ON evaluation.status_update_log
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'epoch', 'status');
ALTER TABLE evaluation.status_update_log ENABLE ALWAYS TRIGGER status_update_log_900_outside_insert;

CREATE TRIGGER status_update_log_900_outside_update AFTER UPDATE ON evaluation.status_update_log
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'epoch', 'status');
ALTER TABLE evaluation.status_update_log ENABLE ALWAYS TRIGGER status_update_log_900_outside_update;

CREATE TRIGGER status_update_log_900_outside_delete AFTER DELETE ON evaluation.status_update_log
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'epoch', 'status');
ALTER TABLE evaluation.status_update_log ENABLE ALWAYS TRIGGER status_update_log_900_outside_delete;

CREATE TRIGGER status_update_log_900_outside_truncate AFTER TRUNCATE ON evaluation.status_update_log
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.status_update_log ENABLE ALWAYS TRIGGER status_update_log_900_outside_truncate;

CREATE TRIGGER dataset_versions_900_outside_insert AFTER INSERT ON evaluation.dataset_versions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'version');
ALTER TABLE evaluation.dataset_versions ENABLE ALWAYS TRIGGER dataset_versions_900_outside_insert;

CREATE TRIGGER dataset_versions_900_outside_update AFTER UPDATE ON evaluation.dataset_versions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'version');
ALTER TABLE evaluation.dataset_versions ENABLE ALWAYS TRIGGER dataset_versions_900_outside_update;

CREATE TRIGGER dataset_versions_900_outside_delete AFTER DELETE ON evaluation.dataset_versions
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'version');
ALTER TABLE evaluation.dataset_versions ENABLE ALWAYS TRIGGER dataset_versions_900_outside_delete;

CREATE TRIGGER dataset_versions_900_outside_truncate AFTER TRUNCATE ON evaluation.dataset_versions
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.dataset_versions ENABLE ALWAYS TRIGGER dataset_versions_900_outside_truncate;

CREATE TRIGGER prompts_900_outside_insert AFTER INSERT ON evaluation.prompts
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prompt_id');
ALTER TABLE evaluation.prompts ENABLE ALWAYS TRIGGER prompts_900_outside_insert;

CREATE TRIGGER prompts_900_outside_update AFTER UPDATE ON evaluation.prompts
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prompt_id');
ALTER TABLE evaluation.prompts ENABLE ALWAYS TRIGGER prompts_900_outside_update;

CREATE TRIGGER prompts_900_outside_delete AFTER DELETE ON evaluation.prompts
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('prompt_id');
ALTER TABLE evaluation.prompts ENABLE ALWAYS TRIGGER prompts_900_outside_delete;

CREATE TRIGGER prompts_900_outside_truncate AFTER TRUNCATE ON evaluation.prompts
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.prompts ENABLE ALWAYS TRIGGER prompts_900_outside_truncate;

CREATE TRIGGER rows_900_outside_insert AFTER INSERT ON evaluation.rows
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('row_id');
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_900_outside_insert;

CREATE TRIGGER rows_900_outside_update AFTER UPDATE ON evaluation.rows
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('row_id');
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_900_outside_update;

CREATE TRIGGER rows_900_outside_delete AFTER DELETE ON evaluation.rows
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('row_id');
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_900_outside_delete;

CREATE TRIGGER rows_900_outside_truncate AFTER TRUNCATE ON evaluation.rows
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_900_outside_truncate;

CREATE TRIGGER modelpromptstatus_900_outside_insert AFTER INSERT ON evaluation.modelpromptstatus
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id');
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_900_outside_insert;

CREATE TRIGGER modelpromptstatus_900_outside_update AFTER UPDATE ON evaluation.modelpromptstatus
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id');
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_900_outside_update;

CREATE TRIGGER modelpromptstatus_900_outside_delete AFTER DELETE ON evaluation.modelpromptstatus
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id');
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_900_outside_delete;

CREATE TRIGGER modelpromptstatus_900_outside_truncate AFTER TRUNCATE ON evaluation.modelpromptstatus
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_900_outside_truncate;

CREATE TRIGGER confusion_900_outside_insert AFTER INSERT ON evaluation.confusion
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'gold', 'predicted');
ALTER TABLE evaluation.confusion ENABLE ALWAYS TRIGGER confusion_900_outside_insert;

CREATE TRIGGER confusion_900_outside_update AFTER UPDATE ON evaluation.confusion
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'gold', 'predicted');
ALTER TABLE evaluation.confusion ENABLE ALWAYS TRIGGER confusion_900_outside_update;

CREATE TRIGGER confusion_900_outside_delete AFTER DELETE ON evaluation.confusion
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'gold', 'predicted');
ALTER TABLE evaluation.confusion ENABLE ALWAYS TRIGGER confusion_900_outside_delete;

CREATE TRIGGER confusion_900_outside_truncate AFTER TRUNCATE ON evaluation.confusion
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.confusion ENABLE ALWAYS TRIGGER confusion_900_outside_truncate;

CREATE TRIGGER latency_900_outside_insert AFTER INSERT ON evaluation.latency
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'bucket');
ALTER TABLE evaluation.latency ENABLE ALWAYS TRIGGER latency_900_outside_insert;

CREATE TRIGGER latency_900_outside_update AFTER UPDATE ON evaluation.latency
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'bucket');
ALTER TABLE evaluation.latency ENABLE ALWAYS TRIGGER latency_900_outside_update;

CREATE TRIGGER latency_900_outside_delete AFTER DELETE ON evaluation.latency
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'bucket');
ALTER TABLE evaluation.latency ENABLE ALWAYS TRIGGER latency_900_outside_delete;

CREATE TRIGGER latency_900_outside_truncate AFTER TRUNCATE ON evaluation.latency
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.latency ENABLE ALWAYS TRIGGER latency_900_outside_truncate;

CREATE TRIGGER predictionstatus_900_outside_insert AFTER INSERT ON evaluation.predictionstatus
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('row_id', 'model_id', 'prompt_id');
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_900_outside_insert;

CREATE TRIGGER predictionstatus_900_outside_update AFTER UPDATE ON evaluation.predictionstatus
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('row_id', 'model_id', 'prompt_id');
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_900_outside_update;

CREATE TRIGGER predictionstatus_900_outside_delete AFTER DELETE ON evaluation.predictionstatus
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('row_id', 'model_id', 'prompt_id');
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_900_outside_delete;

CREATE TRIGGER predictionstatus_900_outside_truncate AFTER TRUNCATE ON evaluation.predictionstatus
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_900_outside_truncate;

CREATE TRIGGER predictions_900_outside_insert AFTER INSERT ON evaluation.predictions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt');
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_900_outside_insert;

CREATE TRIGGER predictions_900_outside_update AFTER UPDATE ON evaluation.predictions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt');
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_900_outside_update;

CREATE TRIGGER predictions_900_outside_delete AFTER DELETE ON evaluation.predictions
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt');
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_900_outside_delete;

CREATE TRIGGER predictions_900_outside_truncate AFTER TRUNCATE ON evaluation.predictions
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_900_outside_truncate;

CREATE TRIGGER scores_900_outside_insert AFTER INSERT ON evaluation.scores
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt', 'truth_version', 'prediction_digest');
ALTER TABLE evaluation.scores ENABLE ALWAYS TRIGGER scores_900_outside_insert;

CREATE TRIGGER scores_900_outside_update AFTER UPDATE ON evaluation.scores
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt', 'truth_version', 'prediction_digest');
ALTER TABLE evaluation.scores ENABLE ALWAYS TRIGGER scores_900_outside_update;

CREATE TRIGGER scores_900_outside_delete AFTER DELETE ON evaluation.scores
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt', 'truth_version', 'prediction_digest');
ALTER TABLE evaluation.scores ENABLE ALWAYS TRIGGER scores_900_outside_delete;

CREATE TRIGGER scores_900_outside_truncate AFTER TRUNCATE ON evaluation.scores
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE evaluation.scores ENABLE ALWAYS TRIGGER scores_900_outside_truncate;

-- Evaluation: what the database derives and defends, whoever writes.
-- Lock order everywhere: data set (advisory), jobs by key, tasks by key. Statements after a lock see what was
-- committed before it. Tasks are changed by triggers only through statements in key order.
-- A plan is made once a session, perhaps for one row, and then serves ten thousand: what settings pin and what
-- EXCEPT does here in place of a join of old and new rows keeps that cheap.

-- ---------------------------------------------------------------- pure functions

-- A label as it is compared; `scoring.label` in Python is the same.
CREATE FUNCTION evaluation.label(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN coalesce(nullif(rtrim(left(ledger.folded(value), 255), ledger.blanks()), ''), 'unknown');

CREATE FUNCTION evaluation.job_status(event_status text, count integer, total_rows integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN event_status <> 'pending' THEN event_status
    WHEN count >= total_rows THEN 'done'
    WHEN count > 0 THEN 'running'
    ELSE 'pending' END;

CREATE FUNCTION evaluation.task_status(event_status text, final_status text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE final_status WHEN 'success' THEN 'done' WHEN 'failed' THEN 'failed' ELSE event_status END;

-- Eight buckets to every doubling from a microsecond: the number of edges not above the duration. The edges are
-- eight literals times powers of two, so that every platform and every language computes the same doubles.
DO $make$
BEGIN
    EXECUTE format(
        'CREATE FUNCTION evaluation.latency_bucket(seconds double precision) RETURNS smallint '
        'LANGUAGE sql IMMUTABLE PARALLEL SAFE '
        'RETURN width_bucket(least(seconds, 1e9) * 1e6, %L::double precision[])::smallint',
        (SELECT array_agg(mantissa * power(2::double precision, doubling) ORDER BY doubling, mantissa)
            FILTER (WHERE doubling > 0 OR mantissa > 1)
        FROM unnest(ARRAY[1, 1.0905077326652577, 1.189207115002721, 1.2968395546510096, 1.4142135623730951,
            1.5422108254079407, 1.681792830507429, 1.8340080864093424]::double precision[]) AS mantissa,
            generate_series(0, 49) AS doubling));
END
$make$;

-- ---------------------------------------------------------------- jobs

-- By hand: the newest published version of the data set; without one, its rows as they are become one.
CREATE FUNCTION evaluation.freeze(of_dataset integer) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $freeze$
DECLARE
    newest integer;
BEGIN
    SELECT max(version) INTO newest FROM evaluation.dataset_versions WHERE dataset_id = of_dataset;
    IF newest IS NULL THEN
        SELECT coalesce(max(version), 1) INTO newest FROM evaluation.rows WHERE dataset_id = of_dataset;
        INSERT INTO evaluation.dataset_versions (dataset_id, version, total_rows)
        SELECT of_dataset, newest, count(*) FROM evaluation.rows WHERE dataset_id = of_dataset
        ON CONFLICT (dataset_id, version) DO NOTHING;
    END IF;
    RETURN newest;
END
$freeze$;

-- The shown status is a function of what events said and the tallies. A status written by hand is an event.
CREATE FUNCTION evaluation.show_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $show$
DECLARE
    by_hand constant boolean := session_user <> 'podium_consumer' AND pg_trigger_depth() = 1;
    written text := NEW.status;
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.count := coalesce(NEW.count, 0);
        IF NEW.count <> 0 OR NEW.failed <> 0 THEN
            RAISE EXCEPTION 'modelpromptstatus: count and failed are tallies'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Leave them out; predictions raise them.';
        END IF;
        NEW.event_status := coalesce(NEW.event_status, NEW.status);
        NEW.dataset_version := coalesce(NEW.dataset_version, evaluation.freeze(NEW.dataset_id));
    ELSE
        IF pg_trigger_depth() = 1
            AND (NEW.count, NEW.failed, NEW.total_rows) IS DISTINCT FROM (OLD.count, OLD.failed, OLD.total_rows) THEN
            RAISE EXCEPTION 'modelpromptstatus: count, failed and total_rows are derived'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Only triggers change them.';
        END IF;
        IF by_hand AND NEW.event_status = OLD.event_status AND evaluation.job_rank(NEW.status) IS NOT NULL
            AND (NEW.status <> OLD.status OR NEW.epoch <> OLD.epoch) THEN
            NEW.event_status := NEW.status;
        END IF;
        -- What a job has frozen never shrinks, or tasks would stand outside of it.
        NEW.dataset_version := greatest(NEW.dataset_version, OLD.dataset_version);
    END IF;
    IF by_hand AND NEW.event_status = 'pending' THEN
        NEW.submitted_epoch := NEW.epoch;
    END IF;
    IF TG_OP = 'INSERT' OR NEW.dataset_version <> OLD.dataset_version OR pg_trigger_depth() = 1 THEN
        NEW.total_rows := coalesce((
            SELECT v.total_rows FROM evaluation.dataset_versions v
            WHERE v.dataset_id = NEW.dataset_id AND v.version = NEW.dataset_version), 0);
    END IF;
    NEW.status := evaluation.job_status(NEW.event_status, NEW.count, NEW.total_rows);
    IF TG_OP = 'UPDATE' AND by_hand AND NEW.epoch = OLD.epoch AND written <> OLD.status
        AND (written <> NEW.status OR OLD.status = 'done') THEN
        RAISE EXCEPTION 'modelpromptstatus: a job that is % cannot become %', OLD.status, written
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME,
            HINT = 'running and done follow from predictions; to reopen a job, raise its epoch.';
    END IF;
    RETURN NEW;
END
$show$;

CREATE TRIGGER modelpromptstatus_050_show BEFORE INSERT OR UPDATE ON evaluation.modelpromptstatus
FOR EACH ROW EXECUTE FUNCTION evaluation.show_job();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_050_show;

-- Jobs and rows of a data set may arrive in any order and at once: a job keeps rows out while it looks for them,
-- rows keep jobs out but not each other, so that no pair is missed.
CREATE FUNCTION evaluation.hold_datasets(of_datasets integer[], alone boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $hold$
DECLARE
    class constant integer := hashtext('evaluation.datasets');
    one integer;
BEGIN
    FOREACH one IN ARRAY of_datasets LOOP
        IF alone THEN
            PERFORM pg_advisory_xact_lock(class, one);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(class, one);
        END IF;
    END LOOP;
END
$hold$;

CREATE FUNCTION evaluation.add_prediction_status_for_model_prompt_dataset() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_seqscan = off AS $seed$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (
            SELECT model_id, prompt_id, dataset_id, dataset_version FROM new_rows
            EXCEPT SELECT model_id, prompt_id, dataset_id, dataset_version FROM old_rows) THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM evaluation.hold_datasets(
        ARRAY(SELECT DISTINCT dataset_id FROM new_rows WHERE dataset_id IS NOT NULL ORDER BY 1), true);
    INSERT INTO evaluation.predictionstatus (row_id, model_id, prompt_id, dataset_id, status)
    SELECT r.row_id, j.model_id, j.prompt_id, j.dataset_id, 'pending'
    FROM new_rows j JOIN evaluation.rows r ON r.dataset_id = j.dataset_id AND r.version <= j.dataset_version
    ORDER BY r.row_id, j.model_id, j.prompt_id
    ON CONFLICT (row_id, model_id, prompt_id) DO NOTHING;
    RETURN NULL;
END
$seed$;

CREATE TRIGGER after_insert_model_prompt_status AFTER INSERT ON evaluation.modelpromptstatus
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.add_prediction_status_for_model_prompt_dataset();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER after_insert_model_prompt_status;

CREATE TRIGGER modelpromptstatus_400_extend AFTER UPDATE ON evaluation.modelpromptstatus
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION evaluation.add_prediction_status_for_model_prompt_dataset();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_400_extend;

-- Refused by the tasks' own reference while predictions refer to them.
CREATE FUNCTION evaluation.remove_prediction_status_for_model_prompt_dataset() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $remove$
BEGIN
    PERFORM evaluation.hold_datasets(ARRAY(SELECT DISTINCT dataset_id FROM old_rows ORDER BY 1), true);
    DELETE FROM evaluation.predictionstatus t USING old_rows j
    WHERE t.model_id = j.model_id AND t.prompt_id = j.prompt_id AND t.dataset_id = j.dataset_id;
    DELETE FROM evaluation.status_update_log l USING old_rows j
    WHERE l.model_id = j.model_id AND l.prompt_id = j.prompt_id AND l.dataset_id = j.dataset_id
        AND l.status IN ('running', 'done');
    RETURN NULL;
END
$remove$;

CREATE TRIGGER after_delete_model_prompt_status AFTER DELETE ON evaluation.modelpromptstatus
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.remove_prediction_status_for_model_prompt_dataset();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER after_delete_model_prompt_status;

-- The log of a job: what events or hands said, of every epoch, and what the tallies show of the present epoch
-- (of an earlier one that would depend on how two topics interleaved). A log that cannot be written loses nothing else.
CREATE TYPE evaluation.standing AS (
    model_id integer, prompt_id integer, dataset_id integer,
    epoch integer, event_status text, status text, ran boolean);

CREATE FUNCTION evaluation.log_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $log$
DECLARE
    moved evaluation.standing[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg((model_id, prompt_id, dataset_id, epoch, event_status, status, count > 0)::evaluation.standing)
        INTO moved FROM new_rows;
    ELSE
        SELECT array_agg(m::evaluation.standing) INTO moved FROM (
            SELECT model_id, prompt_id, dataset_id, epoch, event_status, status, count > 0 FROM new_rows
            EXCEPT SELECT model_id, prompt_id, dataset_id, epoch, event_status, status, count > 0 FROM old_rows) m;
    END IF;
    IF moved IS NULL THEN
        RETURN NULL;
    END IF;
    BEGIN
        DELETE FROM evaluation.status_update_log l USING unnest(moved) j
        WHERE l.model_id = j.model_id AND l.prompt_id = j.prompt_id AND l.dataset_id = j.dataset_id
            AND (l.status = 'running' AND NOT (l.epoch = j.epoch AND j.ran)
                OR l.status = 'done' AND NOT (l.epoch = j.epoch AND j.status = 'done'));
        INSERT INTO evaluation.status_update_log (model_id, prompt_id, dataset_id, status, epoch)
        SELECT j.model_id, j.prompt_id, j.dataset_id, said.status, j.epoch
        FROM unnest(moved) j, LATERAL (VALUES
            (1, j.event_status, session_user <> 'podium_consumer'),
            (2, 'running', j.ran),
            (3, 'done', j.status = 'done')) AS said (place, status, holds)
        WHERE said.holds AND NOT EXISTS (
            SELECT FROM evaluation.status_update_log l
            WHERE l.model_id = j.model_id AND l.prompt_id = j.prompt_id AND l.dataset_id = j.dataset_id
                AND l.epoch = j.epoch AND l.status = said.status)
        ORDER BY j.model_id, j.prompt_id, j.dataset_id, said.place
        ON CONFLICT (model_id, prompt_id, dataset_id, epoch, status) DO NOTHING;
    EXCEPTION WHEN OTHERS THEN
        -- Locks, serialisation and shutdown are the moment's fault: the batch runs again.
        IF SQLSTATE ~ '^(40|55|57)' THEN
            RAISE;
        END IF;
        RAISE WARNING 'status_update_log was not written: %', SQLERRM;
    END;
    RETURN NULL;
END
$log$;

CREATE TRIGGER modelpromptstatus_600_log_insert AFTER INSERT ON evaluation.modelpromptstatus
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.log_job();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_600_log_insert;

CREATE TRIGGER modelpromptstatus_600_log_update AFTER UPDATE ON evaluation.modelpromptstatus
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.log_job();
ALTER TABLE evaluation.modelpromptstatus ENABLE ALWAYS TRIGGER modelpromptstatus_600_log_update;

-- ---------------------------------------------------------------- rows

CREATE FUNCTION evaluation.seed_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $seed$
DECLARE
    touched constant integer[] := ARRAY(
        SELECT DISTINCT dataset_id FROM new_rows WHERE dataset_id IS NOT NULL ORDER BY 1);
BEGIN
    PERFORM evaluation.hold_datasets(touched, false);
    IF session_user <> 'podium_consumer' AND EXISTS (
        SELECT FROM evaluation.dataset_versions v
        WHERE v.dataset_id = ANY (touched)
            AND v.version >= (SELECT min(n.version) FROM new_rows n WHERE n.dataset_id = v.dataset_id)
            AND v.total_rows < (
                SELECT count(*) FROM evaluation.rows r WHERE r.dataset_id = v.dataset_id AND r.version <= v.version))
    THEN
        RAISE EXCEPTION 'rows: a version of the data set that is complete cannot take more rows'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Give the rows a later version.';
    END IF;
    IF EXISTS (SELECT FROM evaluation.modelpromptstatus WHERE dataset_id = ANY (touched)) THEN
        INSERT INTO evaluation.predictionstatus (row_id, model_id, prompt_id, dataset_id, status)
        SELECT r.row_id, j.model_id, j.prompt_id, j.dataset_id, 'pending'
        FROM new_rows r
            JOIN evaluation.modelpromptstatus j ON r.dataset_id = j.dataset_id AND r.version <= j.dataset_version
        ORDER BY r.row_id, j.model_id, j.prompt_id
        ON CONFLICT (row_id, model_id, prompt_id) DO NOTHING;
    END IF;
    RETURN NULL;
END
$seed$;

CREATE TRIGGER rows_400_seed AFTER INSERT ON evaluation.rows
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.seed_rows();
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_400_seed;

-- Before the look for tasks that refer to the rows: a job that is seeding now is waited for.
CREATE FUNCTION evaluation.hold_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $hold$
BEGIN
    PERFORM evaluation.hold_datasets(
        ARRAY(SELECT DISTINCT dataset_id FROM old_rows WHERE dataset_id IS NOT NULL ORDER BY 1), true);
    RETURN NULL;
END
$hold$;

CREATE TRIGGER rows_150_hold AFTER DELETE ON evaluation.rows
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.hold_rows();
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_150_hold;

-- Another gold label is another edition of the truth: tasks count the score that names it, or none.
CREATE FUNCTION evaluation.turn_edition() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $turn$
DECLARE
    turned integer[];
    backward boolean;
BEGIN
    SELECT array_agg(row_id ORDER BY row_id), bool_or(new_edition <= old_edition) INTO turned, backward
    FROM (
        SELECT row_id, max(edition) FILTER (WHERE is_new) AS new_edition,
            max(edition) FILTER (WHERE NOT is_new) AS old_edition
        FROM (
            SELECT row_id, truth_version AS edition, expected_prediction AS label, true AS is_new FROM new_rows
            UNION ALL
            SELECT row_id, truth_version, expected_prediction, false FROM old_rows) both_sides
        GROUP BY row_id
        HAVING min(edition) <> max(edition) OR min(label) <> max(label)) changed;
    IF backward THEN
        RAISE EXCEPTION 'rows: another gold label needs a greater truth_version'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Raise truth_version in the same UPDATE.';
    END IF;
    IF turned IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM FROM evaluation.modelpromptstatus j
    WHERE (model_id, prompt_id, dataset_id) IN (
        SELECT t.model_id, t.prompt_id, t.dataset_id FROM evaluation.predictionstatus t
        WHERE t.row_id = ANY (turned))
    ORDER BY model_id, prompt_id, dataset_id
    FOR NO KEY UPDATE;
    UPDATE evaluation.predictionstatus t
    SET truth_version = s.truth_version, gold = s.gold, predicted = s.predicted
    FROM (
        SELECT k.row_id, k.model_id, k.prompt_id, s.truth_version, s.gold, s.predicted
        FROM evaluation.predictionstatus k
            JOIN evaluation.rows r ON r.row_id = k.row_id
            LEFT JOIN evaluation.scores s ON s.model_id = k.model_id AND s.prompt_id = k.prompt_id
                AND s.row_id = k.row_id AND s.attempt = k.final_attempt AND s.truth_version = r.truth_version
                AND s.prediction_digest = k.final_digest
        WHERE k.row_id = ANY (turned)
        ORDER BY k.row_id, k.model_id, k.prompt_id) s
    WHERE t.row_id = s.row_id AND t.model_id = s.model_id AND t.prompt_id = s.prompt_id
        AND t.truth_version IS DISTINCT FROM s.truth_version;
    RETURN NULL;
END
$turn$;

CREATE TRIGGER rows_500_edition AFTER UPDATE ON evaluation.rows
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.turn_edition();
ALTER TABLE evaluation.rows ENABLE ALWAYS TRIGGER rows_500_edition;

-- ---------------------------------------------------------------- tasks

-- Only for direct writes: triggers set the shown status themselves. The heartbeat is the event's time or, by hand,
-- the clock's, which unlike CURRENT_TIMESTAMP moves within a transaction.
CREATE FUNCTION evaluation.update_in_progress_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $stamp$
DECLARE
    by_hand constant boolean := session_user <> 'podium_consumer';
    written text := NEW.status;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.final_attempt, NEW.final_status, NEW.final_digest, NEW.latency_bucket, NEW.truth_version, NEW.gold,
            NEW.predicted) IS DISTINCT FROM (OLD.final_attempt, OLD.final_status, OLD.final_digest,
            OLD.latency_bucket, OLD.truth_version, OLD.gold, OLD.predicted) THEN
            RAISE EXCEPTION 'predictionstatus: the final prediction and its score are derived'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Write predictions and scores.';
        END IF;
        IF by_hand AND NEW.status <> OLD.status AND NEW.event_status = OLD.event_status
            AND evaluation.task_rank(NEW.status) IS NOT NULL THEN
            NEW.event_status := NEW.status;
            -- Giving a task back is the end of an attempt.
            IF NEW.status = 'pending' AND OLD.event_status = 'in_progress' AND NEW.attempt = OLD.attempt THEN
                NEW.attempt := OLD.attempt + 1;
            END IF;
        END IF;
    ELSE
        IF num_nonnulls(NEW.final_attempt, NEW.final_status, NEW.final_digest, NEW.latency_bucket,
            NEW.truth_version, NEW.gold, NEW.predicted) > 0 THEN
            RAISE EXCEPTION 'predictionstatus: the final prediction and its score are derived'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Write predictions and scores.';
        END IF;
        IF by_hand AND evaluation.task_rank(NEW.status) IS NOT NULL THEN
            NEW.event_status := NEW.status;
        END IF;
    END IF;
    NEW.status := evaluation.task_status(NEW.event_status, NEW.final_status);
    IF NOT by_hand THEN
        NEW.in_progress_time := NEW.claimed_at AT TIME ZONE 'UTC';
        RETURN NEW;
    END IF;
    IF written <> NEW.status AND (TG_OP = 'INSERT' OR written <> OLD.status) THEN
        RAISE EXCEPTION 'predictionstatus: a task that is % cannot become %', NEW.status, written
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME,
            HINT = 'A task is done or failed when its final prediction is there, and stays so.';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.event_status = 'in_progress' AND OLD.event_status = 'in_progress'
        AND NEW.attempt = OLD.attempt AND NEW.worker IS DISTINCT FROM OLD.worker THEN
        RAISE EXCEPTION 'predictionstatus: attempt % of row % belongs to another worker', OLD.attempt, OLD.row_id
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Claim a task that is pending.';
    END IF;
    IF NEW.event_status = 'pending' THEN
        NEW.in_progress_time := NULL;
        NEW.worker := NULL;
        NEW.claimed_at := NULL;
        NEW.lease_until := NULL;
    ELSIF NEW.event_status = 'in_progress' THEN
        NEW.in_progress_time := clock_timestamp() AT TIME ZONE 'UTC';
        IF TG_OP = 'INSERT' OR OLD.event_status = 'pending' OR NEW.attempt <> OLD.attempt THEN
            NEW.claimed_at := clock_timestamp();
        END IF;
    END IF;
    RETURN NEW;
END
$stamp$;

CREATE TRIGGER before_update_prediction_status BEFORE UPDATE ON evaluation.predictionstatus
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION evaluation.update_in_progress_time();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER before_update_prediction_status;

CREATE TRIGGER before_insert_prediction_status BEFORE INSERT ON evaluation.predictionstatus
FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION evaluation.update_in_progress_time();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER before_insert_prediction_status;

-- By hand: nobody claims from a job that is stopped, nothing moves in one that is over. (Through the log the order
-- of the records has decided.)
CREATE FUNCTION evaluation.keep_to_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $keep$
DECLARE
    closed record;
BEGIN
    SELECT j.status, n.row_id INTO closed
    FROM (
        SELECT row_id, model_id, prompt_id, dataset_id, event_status, attempt FROM new_rows
        EXCEPT SELECT row_id, model_id, prompt_id, dataset_id, event_status, attempt FROM old_rows) n
        JOIN evaluation.modelpromptstatus j
            ON (j.model_id, j.prompt_id, j.dataset_id) = (n.model_id, n.prompt_id, n.dataset_id)
    WHERE j.event_status IN ('cancelled', 'failed') OR j.event_status = 'stop' AND n.event_status = 'in_progress'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'predictionstatus: the job of row % is %', closed.row_id, closed.status
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Resume the job first: the next epoch.';
    END IF;
    RETURN NULL;
END
$keep$;

CREATE TRIGGER predictionstatus_300_job AFTER UPDATE ON evaluation.predictionstatus
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION evaluation.keep_to_job();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_300_job;

-- A job has one task for each row that it froze: none is added or taken by hand.
CREATE FUNCTION evaluation.keep_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $keep$
DECLARE
    astray boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT true INTO astray
        FROM new_rows n
            JOIN evaluation.rows r USING (row_id)
            JOIN evaluation.modelpromptstatus j
                ON (j.model_id, j.prompt_id, j.dataset_id) = (n.model_id, n.prompt_id, n.dataset_id)
        WHERE r.version > j.dataset_version
        LIMIT 1;
    ELSE
        SELECT true INTO astray
        FROM old_rows n
            JOIN evaluation.modelpromptstatus j
                ON (j.model_id, j.prompt_id, j.dataset_id) = (n.model_id, n.prompt_id, n.dataset_id)
        LIMIT 1;
    END IF;
    IF astray THEN
        RAISE EXCEPTION 'predictionstatus: a job has one task for each row of the version that it froze'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME,
            HINT = 'Delete the job, or raise its epoch and dataset_version.';
    END IF;
    RETURN NULL;
END
$keep$;

CREATE TRIGGER predictionstatus_300_insert AFTER INSERT ON evaluation.predictionstatus
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION evaluation.keep_tasks();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_300_insert;

CREATE TRIGGER predictionstatus_300_delete AFTER DELETE ON evaluation.predictionstatus
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION evaluation.keep_tasks();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_300_delete;

-- The one place where tallies are made. Tasks with a final prediction cannot be deleted and none is born with one,
-- so that updates are all there is; direct ones never touch these columns.
CREATE TYPE evaluation.delta AS (
    model_id integer, prompt_id integer, dataset_id integer,
    final_status text, bucket smallint, gold text, predicted text, n integer);

CREATE FUNCTION evaluation.tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET plan_cache_mode = force_generic_plan AS $tally$
DECLARE
    deltas evaluation.delta[];
    timed boolean;
    scored boolean;
    shrunk boolean;
BEGIN
    SELECT array_agg(d::evaluation.delta), bool_or(bucket IS NOT NULL), bool_or(gold IS NOT NULL), bool_or(n < 0)
    INTO deltas, timed, scored, shrunk
    FROM (
        SELECT model_id, prompt_id, dataset_id, final_status, latency_bucket AS bucket, gold, predicted,
            sum(weight)::integer AS n
        FROM (
            SELECT model_id, prompt_id, dataset_id, final_status, latency_bucket, gold, predicted, 1 AS weight
            FROM new_rows WHERE final_status IS NOT NULL
            UNION ALL
            SELECT model_id, prompt_id, dataset_id, final_status, latency_bucket, gold, predicted, -1
            FROM old_rows WHERE final_status IS NOT NULL) AS weighed
        GROUP BY model_id, prompt_id, dataset_id, final_status, latency_bucket, gold, predicted
        HAVING sum(weight) <> 0) d;
    IF deltas IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE evaluation.modelpromptstatus j
    SET count = j.count + d.finals, failed = j.failed + d.failures
    FROM (
        SELECT model_id, prompt_id, dataset_id, sum(n)::integer AS finals,
            coalesce(sum(n) FILTER (WHERE final_status = 'failed'), 0)::integer AS failures
        FROM unnest(deltas)
        GROUP BY model_id, prompt_id, dataset_id
        ORDER BY model_id, prompt_id, dataset_id) d
    WHERE j.model_id = d.model_id AND j.prompt_id = d.prompt_id AND j.dataset_id = d.dataset_id
        AND (d.finals <> 0 OR d.failures <> 0);
    IF timed THEN
        INSERT INTO evaluation.latency AS l (model_id, prompt_id, dataset_id, bucket, n)
        SELECT model_id, prompt_id, dataset_id, bucket, sum(n) FROM unnest(deltas) WHERE bucket IS NOT NULL
        GROUP BY model_id, prompt_id, dataset_id, bucket HAVING sum(n) <> 0
        ORDER BY model_id, prompt_id, dataset_id, bucket
        ON CONFLICT (model_id, prompt_id, dataset_id, bucket) DO UPDATE SET n = l.n + excluded.n;
    END IF;
    IF scored THEN
        INSERT INTO evaluation.confusion AS c (model_id, prompt_id, dataset_id, gold, predicted, n)
        SELECT model_id, prompt_id, dataset_id, gold, predicted, sum(n) FROM unnest(deltas) WHERE gold IS NOT NULL
        GROUP BY model_id, prompt_id, dataset_id, gold, predicted HAVING sum(n) <> 0
        ORDER BY model_id, prompt_id, dataset_id, gold, predicted
        ON CONFLICT (model_id, prompt_id, dataset_id, gold, predicted) DO UPDATE SET n = c.n + excluded.n;
    END IF;
    IF shrunk THEN
        DELETE FROM evaluation.latency t USING unnest(deltas) d
        WHERE t.model_id = d.model_id AND t.prompt_id = d.prompt_id AND t.dataset_id = d.dataset_id AND t.n = 0;
        DELETE FROM evaluation.confusion t USING unnest(deltas) d
        WHERE t.model_id = d.model_id AND t.prompt_id = d.prompt_id AND t.dataset_id = d.dataset_id AND t.n = 0;
    END IF;
    RETURN NULL;
END
$tally$;

CREATE TRIGGER predictionstatus_500_tally AFTER UPDATE ON evaluation.predictionstatus
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() > 0) EXECUTE FUNCTION evaluation.tally();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_500_tally;

-- Emptied tasks are as after seeding.
CREATE FUNCTION evaluation.reset_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $reset$
BEGIN
    DELETE FROM evaluation.confusion;
    DELETE FROM evaluation.latency;
    UPDATE evaluation.modelpromptstatus SET count = 0, failed = 0 WHERE count > 0;
    DELETE FROM evaluation.status_update_log l
    WHERE status IN ('running', 'done') AND NOT EXISTS (
        SELECT FROM evaluation.modelpromptstatus j
        WHERE j.model_id = l.model_id AND j.prompt_id = l.prompt_id AND j.dataset_id = l.dataset_id);
    INSERT INTO evaluation.predictionstatus (row_id, model_id, prompt_id, dataset_id, status)
    SELECT r.row_id, j.model_id, j.prompt_id, j.dataset_id, 'pending'
    FROM evaluation.modelpromptstatus j
        JOIN evaluation.rows r ON r.dataset_id = j.dataset_id AND r.version <= j.dataset_version
    ON CONFLICT (row_id, model_id, prompt_id) DO NOTHING;
    RETURN NULL;
END
$reset$;

CREATE TRIGGER predictionstatus_500_truncate AFTER TRUNCATE ON evaluation.predictionstatus
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.reset_tasks();
ALTER TABLE evaluation.predictionstatus ENABLE ALWAYS TRIGGER predictionstatus_500_truncate;

CREATE FUNCTION evaluation.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $refuse$
BEGIN
    IF EXISTS (SELECT FROM evaluation.predictionstatus WHERE final_status IS NOT NULL) THEN
        RAISE EXCEPTION '%: a tally cannot be emptied while it counts something', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, HINT = 'Empty predictions and scores instead.';
    END IF;
    RETURN NULL;
END
$refuse$;

CREATE TRIGGER confusion_900_truncate AFTER TRUNCATE ON evaluation.confusion
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.refuse_truncate();
ALTER TABLE evaluation.confusion ENABLE ALWAYS TRIGGER confusion_900_truncate;

CREATE TRIGGER latency_900_truncate AFTER TRUNCATE ON evaluation.latency
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.refuse_truncate();
ALTER TABLE evaluation.latency ENABLE ALWAYS TRIGGER latency_900_truncate;

-- ---------------------------------------------------------------- predictions

-- The final prediction of a task: success beats failure, then the lowest attempt; a failure to be retried is never
-- final. A prediction that is new has no score yet (scores refer to it), so none is looked up.
-- The settings pin a nested loop over the key: a plan made for one row must also serve ten thousand.
CREATE FUNCTION evaluation.update_modelpromptstatus() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $finals$
BEGIN
    PERFORM FROM (SELECT DISTINCT model_id, prompt_id, dataset_id FROM new_rows) p
        JOIN evaluation.modelpromptstatus j USING (model_id, prompt_id, dataset_id)
    ORDER BY p.model_id, p.prompt_id, p.dataset_id
    FOR NO KEY UPDATE OF j;
    UPDATE evaluation.predictionstatus t
    SET status = CASE p.status WHEN 'success' THEN 'done' ELSE 'failed' END,
        final_attempt = p.attempt,
        final_status = p.status,
        final_digest = p.digest,
        latency_bucket = CASE p.status WHEN 'success' THEN evaluation.latency_bucket(p.prediction_time) END,
        truth_version = NULL, gold = NULL, predicted = NULL
    FROM (
        SELECT DISTINCT ON (row_id, model_id, prompt_id)
            row_id, model_id, prompt_id, attempt, status, digest, prediction_time
        FROM new_rows
        WHERE status = 'success' OR retry = 0
        ORDER BY row_id, model_id, prompt_id, status DESC, attempt) p
    WHERE t.row_id = p.row_id AND t.model_id = p.model_id AND t.prompt_id = p.prompt_id
        AND (t.final_status IS NULL
            OR (p.status = 'success', t.final_attempt) > (t.final_status = 'success', p.attempt));
    RETURN NULL;
END
$finals$;

CREATE TRIGGER predictions_after_insert AFTER INSERT ON evaluation.predictions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.update_modelpromptstatus();
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_after_insert;

-- Predictions that go leave the task to the best of the others, with the score of that one.
CREATE FUNCTION evaluation.forget_predictions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $forget$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE evaluation.predictionstatus
        SET status = event_status, final_attempt = NULL, final_status = NULL, final_digest = NULL,
            latency_bucket = NULL, truth_version = NULL, gold = NULL, predicted = NULL
        WHERE final_status IS NOT NULL;
        RETURN NULL;
    END IF;
    PERFORM FROM (SELECT DISTINCT model_id, prompt_id, dataset_id FROM old_rows) p
        JOIN evaluation.modelpromptstatus j USING (model_id, prompt_id, dataset_id)
    ORDER BY p.model_id, p.prompt_id, p.dataset_id
    FOR NO KEY UPDATE OF j;
    UPDATE evaluation.predictionstatus t
    SET status = evaluation.task_status(t.event_status, p.status),
        final_attempt = p.attempt,
        final_status = p.status,
        final_digest = p.digest,
        latency_bucket = CASE p.status WHEN 'success' THEN evaluation.latency_bucket(p.prediction_time) END,
        truth_version = s.truth_version, gold = s.gold, predicted = s.predicted
    FROM (SELECT DISTINCT row_id, model_id, prompt_id FROM old_rows ORDER BY row_id, model_id, prompt_id) k
        LEFT JOIN LATERAL (
            SELECT p.attempt, p.status, p.digest, p.prediction_time FROM evaluation.predictions p
            WHERE p.model_id = k.model_id AND p.prompt_id = k.prompt_id AND p.row_id = k.row_id
                AND (p.status = 'success' OR p.retry = 0)
            ORDER BY p.status DESC, p.attempt LIMIT 1) p ON true
        LEFT JOIN evaluation.rows r ON r.row_id = k.row_id
        LEFT JOIN evaluation.scores s ON s.model_id = k.model_id AND s.prompt_id = k.prompt_id
            AND s.row_id = k.row_id AND s.attempt = p.attempt AND s.truth_version = r.truth_version
            AND s.prediction_digest = p.digest
    WHERE t.row_id = k.row_id AND t.model_id = k.model_id AND t.prompt_id = k.prompt_id
        AND t.final_attempt IS DISTINCT FROM p.attempt;
    RETURN NULL;
END
$forget$;

CREATE TRIGGER predictions_500_delete AFTER DELETE ON evaluation.predictions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.forget_predictions();
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_500_delete;

CREATE TRIGGER predictions_500_truncate AFTER TRUNCATE ON evaluation.predictions
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.forget_predictions();
ALTER TABLE evaluation.predictions ENABLE ALWAYS TRIGGER predictions_500_truncate;

-- ---------------------------------------------------------------- scores

-- A score counts while it names the final prediction and the present edition of the gold label. The lock on the
-- jobs makes it meet a relabelling that runs at the same time.
CREATE FUNCTION evaluation.count_scores() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $score$
BEGIN
    PERFORM FROM (SELECT DISTINCT model_id, prompt_id, dataset_id FROM new_rows) s
        JOIN evaluation.modelpromptstatus j USING (model_id, prompt_id, dataset_id)
    ORDER BY s.model_id, s.prompt_id, s.dataset_id
    FOR NO KEY UPDATE OF j;
    UPDATE evaluation.predictionstatus t
    SET truth_version = s.truth_version, gold = s.gold, predicted = s.predicted
    FROM (SELECT * FROM new_rows ORDER BY row_id, model_id, prompt_id) s
        JOIN evaluation.rows r ON r.row_id = s.row_id AND r.truth_version = s.truth_version
    WHERE t.row_id = s.row_id AND t.model_id = s.model_id AND t.prompt_id = s.prompt_id
        AND t.final_attempt = s.attempt AND t.final_digest = s.prediction_digest;
    RETURN NULL;
END
$score$;

CREATE TRIGGER scores_500_tally AFTER INSERT ON evaluation.scores
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.count_scores();
ALTER TABLE evaluation.scores ENABLE ALWAYS TRIGGER scores_500_tally;

CREATE FUNCTION evaluation.forget_scores() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $forget$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE evaluation.predictionstatus SET truth_version = NULL, gold = NULL, predicted = NULL
        WHERE gold IS NOT NULL;
        RETURN NULL;
    END IF;
    PERFORM FROM (SELECT DISTINCT model_id, prompt_id, dataset_id FROM old_rows) s
        JOIN evaluation.modelpromptstatus j USING (model_id, prompt_id, dataset_id)
    ORDER BY s.model_id, s.prompt_id, s.dataset_id
    FOR NO KEY UPDATE OF j;
    UPDATE evaluation.predictionstatus t
    SET truth_version = NULL, gold = NULL, predicted = NULL
    FROM (SELECT * FROM old_rows ORDER BY row_id, model_id, prompt_id) s
    WHERE t.row_id = s.row_id AND t.model_id = s.model_id AND t.prompt_id = s.prompt_id
        AND t.final_attempt = s.attempt AND t.truth_version = s.truth_version;
    RETURN NULL;
END
$forget$;

CREATE TRIGGER scores_500_delete AFTER DELETE ON evaluation.scores
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.forget_scores();
ALTER TABLE evaluation.scores ENABLE ALWAYS TRIGGER scores_500_delete;

CREATE TRIGGER scores_500_truncate AFTER TRUNCATE ON evaluation.scores
FOR EACH STATEMENT EXECUTE FUNCTION evaluation.forget_scores();
ALTER TABLE evaluation.scores ENABLE ALWAYS TRIGGER scores_500_truncate;

GRANT USAGE ON SCHEMA evaluation TO podium_consumer, podium_stream, podium_reader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA evaluation TO podium_consumer;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA evaluation TO podium_consumer;
GRANT SELECT ON ALL TABLES IN SCHEMA evaluation TO podium_stream, podium_reader;

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
    billionths NUMERIC NOT NULL, 
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
    CONSTRAINT ck_predictions_exec_time_ms CHECK (exec_time_ms BETWEEN 0 AND 1000000000000), 
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
    CONSTRAINT ck_truths_lag_seconds CHECK (lag_seconds BETWEEN 0 AND 1000000000), 
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
    CONSTRAINT ck_judgements_value CHECK ((value IS NULL) = (failed_reason IS NOT NULL)), 
    CONSTRAINT ck_judgements_range CHECK (value BETWEEN -1e+101 AND 1e+101)
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
-- Numeric, so that no number of legal scores in an hour is too many.
CREATE FUNCTION competition.billionths(score double precision) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round(score::numeric * 1000000000);

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
    scope_key text, hour timestamptz, model_id text, n integer, succeeded integer, billionths numeric);

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
                count(*) FILTER (WHERE score_success)::integer, sum(competition.billionths(score_value))
            FROM new_rows WHERE score_value IS NOT NULL
            GROUP BY 1, 2, 3) d;
    WHEN 'DELETE' THEN
        SELECT array_agg(d::competition.delta) INTO deltas FROM (
            SELECT scope_key, competition.hour_end(resolvable_at), model_id, -count(*)::integer,
                -count(*) FILTER (WHERE score_success)::integer, -sum(competition.billionths(score_value))
            FROM old_rows WHERE score_value IS NOT NULL
            GROUP BY 1, 2, 3) d;
    ELSE
        SELECT array_agg(d::competition.delta) INTO deltas FROM (
            SELECT scope_key, competition.hour_end(resolvable_at), model_id, sum(weight)::integer AS n,
                coalesce(sum(weight) FILTER (WHERE score_success), 0)::integer AS succeeded,
                sum(weight * competition.billionths(score_value)) AS billionths
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
    affected text[];
    changed text[];
BEGIN
    PERFORM competition.hold_standings();
    IF TG_OP = 'INSERT' THEN
        SELECT min(created_at) INTO since FROM new_rows WHERE board = whole;
        IF since IS NULL THEN
            RETURN NULL;
        END IF;
        -- A board in parts comes as many rows of one time: those before would be made anew with every part.
        affected := ARRAY(
            SELECT DISTINCT e ->> 'id' FROM new_rows n, jsonb_array_elements(n.entries_jsonb) e WHERE n.board = whole);
    ELSE
        affected := ARRAY(
            SELECT model_id FROM competition.model_scores
            UNION
            SELECT e ->> 'id' FROM competition.leaderboards l, jsonb_array_elements(l.entries_jsonb) e
            WHERE l.board = whole);
    END IF;
    -- Boards come in the order of their cuts; one put before others by hand changes what follows.
    WITH gone AS (
        DELETE FROM competition.model_scores s USING unnest(affected) a (id)
        WHERE s.model_id = a.id AND s.computed_at >= since
        RETURNING s.model_id
    )
    SELECT array_agg(DISTINCT model_id) INTO changed FROM gone;
    WITH boards AS (
        SELECT id, created_at, entries_jsonb FROM competition.leaderboards
        WHERE board = whole AND created_at >= since
    ), shown AS (
        SELECT b.id, b.created_at, e ->> 'id' AS model_id, competition.payload(e) AS payload
        FROM boards b, jsonb_array_elements(b.entries_jsonb) e
        WHERE e ->> 'id' IN (SELECT unnest(affected))
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

CREATE SCHEMA replays;

CREATE TYPE replays.job_type AS ENUM ('INDIVIDUAL', 'GFWL');

CREATE TYPE replays.status AS ENUM ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED');

CREATE TABLE replays.scrape_failures (
    url VARCHAR NOT NULL, 
    epoch INTEGER NOT NULL, 
    attempt INTEGER NOT NULL, 
    error_kind VARCHAR NOT NULL, 
    error VARCHAR NOT NULL, 
    failed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_scrape_failures PRIMARY KEY (url, epoch)
);

COMMENT ON COLUMN replays.scrape_failures.attempt IS 'the last of the epoch';

CREATE TABLE replays.scraped_data (
    id UUID DEFAULT gen_random_uuid() NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    url VARCHAR NOT NULL, 
    s3_key VARCHAR NOT NULL, 
    epoch INTEGER DEFAULT 1 NOT NULL, 
    attempt INTEGER DEFAULT 1 NOT NULL, 
    seconds DOUBLE PRECISION, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_scraped_data PRIMARY KEY (id), 
    CONSTRAINT ck_scraped_data_seconds CHECK (seconds BETWEEN 0 AND 1000000000), 
    CONSTRAINT uq_scraped_data_url UNIQUE (url)
);

COMMENT ON COLUMN replays.scraped_data.url IS 'canonical link';

COMMENT ON COLUMN replays.scraped_data.seconds IS 'how long the scrape took';

CREATE TABLE replays.users (
    id UUID DEFAULT gen_random_uuid() NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    clerk_user_id VARCHAR NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_users PRIMARY KEY (id), 
    CONSTRAINT uq_users_clerk_user_id UNIQUE (clerk_user_id)
);

COMMENT ON COLUMN replays.users.clerk_user_id IS 'given by the identity provider';

CREATE TABLE replays.jobs (
    id UUID DEFAULT gen_random_uuid() NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    user_id UUID NOT NULL, 
    job_type replays.job_type NOT NULL, 
    status replays.status DEFAULT 'PENDING' NOT NULL, 
    urls JSONB NOT NULL, 
    team_data JSONB, 
    total_urls INTEGER NOT NULL, 
    processed_urls INTEGER DEFAULT 0 NOT NULL, 
    error_message VARCHAR, 
    shareable_id UUID DEFAULT gen_random_uuid() NOT NULL, 
    is_public BOOLEAN DEFAULT false NOT NULL, 
    started_at TIMESTAMP WITH TIME ZONE, 
    completed_at TIMESTAMP WITH TIME ZONE, 
    event_status VARCHAR DEFAULT 'PENDING' NOT NULL, 
    event_at TIMESTAMP WITH TIME ZONE, 
    wants_public BOOLEAN DEFAULT false NOT NULL, 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    failed_urls INTEGER DEFAULT 0 NOT NULL, 
    cached_urls INTEGER DEFAULT 0 NOT NULL, 
    total_teams INTEGER NOT NULL, 
    discovered_teams INTEGER DEFAULT 0 NOT NULL, 
    confirmed_teams INTEGER DEFAULT 0 NOT NULL, 
    phase VARCHAR, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_jobs PRIMARY KEY (id), 
    CONSTRAINT uq_jobs_shareable_id UNIQUE (shareable_id), 
    CONSTRAINT ck_jobs_progress CHECK (total_urls >= 1 AND processed_urls BETWEEN 0 AND total_urls), 
    CONSTRAINT ck_jobs_outcomes CHECK (failed_urls >= 0 AND cached_urls >= 0 AND failed_urls + cached_urls <= processed_urls), 
    CONSTRAINT ck_jobs_teams CHECK (confirmed_teams BETWEEN 0 AND discovered_teams AND discovered_teams <= total_teams), 
    CONSTRAINT ck_jobs_team_data CHECK ((job_type = 'GFWL') = (team_data IS NOT NULL)), 
    CONSTRAINT ck_jobs_urls CHECK (job_type = 'GFWL' OR total_urls <= 12), 
    CONSTRAINT ck_jobs_started_at CHECK (status <> 'RUNNING' OR started_at IS NOT NULL), 
    CONSTRAINT ck_jobs_error_message CHECK (status <> 'FAILED' OR error_message IS NOT NULL), 
    CONSTRAINT ck_jobs_completed_at CHECK ((status IN ('COMPLETED', 'FAILED', 'CANCELLED')) = (completed_at IS NOT NULL)), 
    CONSTRAINT ck_jobs_times CHECK (completed_at >= started_at AND started_at >= created_at AND completed_at >= created_at), 
    CONSTRAINT ck_jobs_updated_at CHECK (updated_at >= created_at), 
    CONSTRAINT ck_jobs_is_public CHECK (NOT is_public OR status = 'COMPLETED'), 
    CONSTRAINT ck_jobs_phase CHECK ((phase IS NOT NULL) = (status = 'RUNNING') AND phase IN ('scraping', 'discovering', 'awaiting_confirmation', 'analysing')), 
    CONSTRAINT fk_jobs_user_id FOREIGN KEY(user_id) REFERENCES replays.users (id)
)
 WITH (fillfactor = 50);

CREATE INDEX idx_jobs_public ON replays.jobs (id) WHERE is_public;

CREATE INDEX idx_jobs_status_created_at ON replays.jobs (status, created_at);

CREATE INDEX idx_jobs_user_id ON replays.jobs (user_id);

CREATE INDEX idx_jobs_user_id_job_type ON replays.jobs (user_id, job_type);

CREATE INDEX idx_jobs_user_id_status ON replays.jobs (user_id, status);

COMMENT ON COLUMN replays.jobs.status IS 'shown: see triggers.sql';

COMMENT ON COLUMN replays.jobs.urls IS 'links as submitted';

COMMENT ON COLUMN replays.jobs.team_data IS '{"teams": [{"team": ..., "matches": [{"urls": [...]}]}]}';

COMMENT ON COLUMN replays.jobs.total_urls IS 'distinct canonical links';

COMMENT ON COLUMN replays.jobs.processed_urls IS 'links with an outcome';

COMMENT ON COLUMN replays.jobs.is_public IS 'shown: wanted and COMPLETED';

COMMENT ON COLUMN replays.jobs.event_status IS 'what events said';

COMMENT ON COLUMN replays.jobs.event_at IS 'since when they say so';

COMMENT ON COLUMN replays.jobs.wants_public IS 'the latest wish';

COMMENT ON COLUMN replays.jobs.failed_urls IS 'links that could not be scraped';

COMMENT ON COLUMN replays.jobs.cached_urls IS 'links that had been scraped before the job was submitted';

COMMENT ON COLUMN replays.jobs.total_teams IS 'teams in team_data';

COMMENT ON COLUMN replays.jobs.discovered_teams IS 'teams whose players were discovered';

COMMENT ON COLUMN replays.jobs.confirmed_teams IS 'teams whose players were confirmed';

COMMENT ON COLUMN replays.jobs.phase IS 'step of a job that is RUNNING';

CREATE TABLE replays.replays (
    url VARCHAR NOT NULL, 
    parser_version INTEGER NOT NULL, 
    played_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    player1 VARCHAR NOT NULL, 
    player2 VARCHAR NOT NULL, 
    games SMALLINT NOT NULL, 
    content_hash VARCHAR NOT NULL, 
    CONSTRAINT pk_replays PRIMARY KEY (url), 
    CONSTRAINT ck_replays_games CHECK (games >= 0), 
    CONSTRAINT fk_replays_url FOREIGN KEY(url) REFERENCES replays.scraped_data (url)
);

COMMENT ON COLUMN replays.replays.parser_version IS 'games of another one do not count';

COMMENT ON COLUMN replays.replays.content_hash IS 'sha256 of the raw JSON, hex';

CREATE TABLE replays.decks (
    url VARCHAR NOT NULL, 
    parser_version INTEGER NOT NULL, 
    game SMALLINT NOT NULL, 
    player SMALLINT NOT NULL, 
    model_version INTEGER NOT NULL, 
    deck TEXT, 
    confidence DOUBLE PRECISION, 
    cards JSONB NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_decks PRIMARY KEY (url, parser_version, game, player, model_version), 
    CONSTRAINT ck_decks_player CHECK (player IN (1, 2)), 
    CONSTRAINT ck_decks_confidence CHECK (confidence BETWEEN 0 AND 1 AND (deck IS NULL) = (confidence IS NULL))
);

COMMENT ON COLUMN replays.decks.player IS '1 or 2';

COMMENT ON COLUMN replays.decks.model_version IS 'of the deck classifier; the greatest counts';

COMMENT ON COLUMN replays.decks.deck IS 'deck type; NULL: no card was seen';

COMMENT ON COLUMN replays.decks.cards IS 'card -> copies seen';

CREATE TABLE replays.games (
    url VARCHAR NOT NULL, 
    parser_version INTEGER NOT NULL, 
    game SMALLINT NOT NULL, 
    first SMALLINT, 
    winner SMALLINT, 
    unfinished BOOLEAN DEFAULT false NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_games PRIMARY KEY (url, parser_version, game), 
    CONSTRAINT ck_games_game CHECK (game >= 1 AND first IN (1, 2) AND winner IN (1, 2)), 
    CONSTRAINT ck_games_unfinished CHECK (NOT unfinished OR winner IS NULL)
);

COMMENT ON COLUMN replays.games.game IS 'number within the match, from 1';

COMMENT ON COLUMN replays.games.first IS '1 or 2: who went first; NULL: not known';

COMMENT ON COLUMN replays.games.winner IS '1 or 2; NULL: a draw, or unfinished';

CREATE TABLE replays.gfwl_team_submissions (
    id UUID DEFAULT gen_random_uuid() NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL, 
    job_id UUID NOT NULL, 
    team_name VARCHAR NOT NULL, 
    discovered_players JSONB DEFAULT '[]' NOT NULL, 
    confirmed_players JSONB, 
    confirmation_status VARCHAR DEFAULT 'pending' NOT NULL, 
    revision INTEGER DEFAULT 0 NOT NULL, 
    confirmed_revision INTEGER, 
    CONSTRAINT pk_gfwl_team_submissions PRIMARY KEY (id), 
    CONSTRAINT uq_gfwl_team_submissions_job_id_team_name UNIQUE (job_id, team_name), 
    CONSTRAINT ck_gfwl_team_submissions_team_name CHECK (char_length(team_name) BETWEEN 1 AND 255), 
    CONSTRAINT ck_gfwl_team_submissions_confirmed_players CHECK ((confirmation_status = 'confirmed') = (confirmed_players IS NOT NULL)), 
    CONSTRAINT ck_gfwl_team_submissions_updated_at CHECK (updated_at >= created_at), 
    CONSTRAINT fk_gfwl_team_submissions_job_id FOREIGN KEY(job_id) REFERENCES replays.jobs (id)
);

CREATE INDEX idx_gfwl_team_submissions_job_id ON replays.gfwl_team_submissions (job_id);

CREATE INDEX idx_gfwl_team_submissions_job_id_confirmation_status ON replays.gfwl_team_submissions (job_id, confirmation_status);

COMMENT ON COLUMN replays.gfwl_team_submissions.revision IS 'of discovered_players';

COMMENT ON COLUMN replays.gfwl_team_submissions.confirmed_revision IS 'what was confirmed is a part of this one';

CREATE TABLE replays.job_urls (
    job_id UUID NOT NULL, 
    url VARCHAR NOT NULL, 
    status VARCHAR NOT NULL, 
    finished_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_job_urls PRIMARY KEY (job_id, url), 
    CONSTRAINT ck_job_urls_status CHECK (status IN ('queued', 'scraped', 'cached', 'failed', 'dropped')), 
    CONSTRAINT ck_job_urls_finished_at CHECK ((finished_at IS NOT NULL) = (status IN ('scraped', 'cached', 'failed'))), 
    CONSTRAINT fk_job_urls_job_id FOREIGN KEY(job_id) REFERENCES replays.jobs (id) ON DELETE CASCADE
)
 WITH (fillfactor = 70);

CREATE INDEX idx_job_urls_url ON replays.job_urls (url);

COMMENT ON COLUMN replays.job_urls.finished_at IS 'when its outcome was there';

CREATE TABLE replays.scrapes (
    url VARCHAR NOT NULL, 
    status VARCHAR NOT NULL, 
    event_status VARCHAR DEFAULT 'queued' NOT NULL, 
    epoch INTEGER DEFAULT 1 NOT NULL, 
    attempt INTEGER DEFAULT 1 NOT NULL, 
    worker VARCHAR, 
    claimed_at TIMESTAMP WITH TIME ZONE, 
    lease_until TIMESTAMP WITH TIME ZONE, 
    error_kind VARCHAR, 
    error VARCHAR, 
    CONSTRAINT pk_scrapes PRIMARY KEY (url), 
    CONSTRAINT ck_scrapes_status CHECK (status IN ('queued', 'scraping', 'scraped', 'failed')), 
    CONSTRAINT ck_scrapes_steps CHECK (epoch BETWEEN 1 AND 1000000 AND attempt BETWEEN 1 AND 1000000)
)
 WITH (fillfactor = 50);

CREATE INDEX idx_scrapes_status ON replays.scrapes (status, lease_until);

COMMENT ON COLUMN replays.scrapes.url IS 'canonical link that some job wants';

COMMENT ON COLUMN replays.scrapes.status IS 'shown: scraped, or what events said';

COMMENT ON COLUMN replays.scrapes.epoch IS 'a retry by choice opens the next';

COMMENT ON COLUMN replays.scrapes.error_kind IS 'of the last attempt that failed';

CREATE TABLE replays.discoveries (
    job_id UUID NOT NULL, 
    team_name VARCHAR NOT NULL, 
    revision INTEGER NOT NULL, 
    players JSONB NOT NULL, 
    discovered_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_discoveries PRIMARY KEY (job_id, team_name, revision), 
    CONSTRAINT fk_discoveries_job_id_team_name FOREIGN KEY(job_id, team_name) REFERENCES replays.gfwl_team_submissions (job_id, team_name) ON DELETE CASCADE
);

COMMENT ON COLUMN replays.discoveries.players IS 'everybody discovered so far';

CREATE TABLE replays.confirmations (
    job_id UUID NOT NULL, 
    team_name VARCHAR NOT NULL, 
    revision INTEGER NOT NULL, 
    players JSONB NOT NULL, 
    confirmed_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_confirmations PRIMARY KEY (job_id, team_name), 
    CONSTRAINT fk_confirmations_job_id_team_name_revision FOREIGN KEY(job_id, team_name, revision) REFERENCES replays.discoveries (job_id, team_name, revision) ON DELETE CASCADE
);

COMMENT ON COLUMN replays.confirmations.revision IS 'the discovery that was chosen from';

COMMENT ON COLUMN replays.confirmations.players IS 'in order, so that equal sets are equal';

ALTER TABLE replays.decks ADD CONSTRAINT fk_decks_url
    FOREIGN KEY (url) REFERENCES replays.replays (url) NOT ENFORCED;

ALTER TABLE replays.games ADD CONSTRAINT fk_games_url
    FOREIGN KEY (url) REFERENCES replays.replays (url) NOT ENFORCED;

-- The life cycle job: ranks and moves of its states, as declared.
CREATE FUNCTION replays.job_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'PENDING' THEN 0 WHEN 'RUNNING' THEN 1 WHEN 'COMPLETED' THEN 2 WHEN 'FAILED' THEN 2 WHEN 'CANCELLED' THEN 2 END;

CREATE FUNCTION replays.job_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING' THEN target IN ('RUNNING', 'CANCELLED') WHEN 'RUNNING' THEN target IN ('COMPLETED', 'FAILED', 'CANCELLED') ELSE false END;

CREATE FUNCTION replays.job_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING' THEN target IN ('RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED') WHEN 'RUNNING' THEN target IN ('COMPLETED', 'FAILED', 'CANCELLED') ELSE false END;

CREATE FUNCTION replays.job_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'PENDING' OR CASE origin WHEN NULL THEN false ELSE false END;

-- The life cycle scrape: ranks and moves of its states, as declared.
CREATE FUNCTION replays.scrape_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'queued' THEN 0 WHEN 'scraping' THEN 1 WHEN 'failed' THEN 2 END;

CREATE FUNCTION replays.scrape_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'queued' THEN target IN ('scraping') WHEN 'scraping' THEN target IN ('failed') ELSE false END;

CREATE FUNCTION replays.scrape_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'queued' THEN target IN ('scraping', 'failed') WHEN 'scraping' THEN target IN ('failed') ELSE false END;

CREATE FUNCTION replays.scrape_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'queued' OR CASE origin WHEN 'scraping' THEN target IN ('queued') WHEN 'failed' THEN target IN ('queued') ELSE false END;

-- The life cycle submission: ranks and moves of its states, as declared.
CREATE FUNCTION replays.submission_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'pending' THEN 0 WHEN 'confirmed' THEN 1 END;

CREATE FUNCTION replays.submission_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending' THEN target IN ('confirmed') ELSE false END;

CREATE FUNCTION replays.submission_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending' THEN target IN ('confirmed') ELSE false END;

CREATE FUNCTION replays.submission_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'pending' OR CASE origin WHEN NULL THEN false ELSE false END;

ALTER TABLE replays.jobs ADD CONSTRAINT ck_jobs_event_status CHECK (event_status IN ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'));

-- jobs: moves of event_status follow the life cycle job; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION replays.jobs_100_guard() RETURNS trigger
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
        WHEN true THEN n.event_status <> o.event_status AND NOT CASE
            WHEN through_log THEN replays.job_reaches(o.event_status, n.event_status)
            ELSE replays.job_moves(o.event_status, n.event_status) END
        WHEN false THEN NOT (through_log OR replays.job_reopens(o.event_status, n.event_status))
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

CREATE TRIGGER jobs_100_guard AFTER UPDATE ON replays.jobs
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION replays.jobs_100_guard();
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_100_guard;

ALTER TABLE replays.scrapes ADD CONSTRAINT ck_scrapes_event_status CHECK (event_status IN ('queued', 'scraping', 'failed'));

-- scrapes: moves of event_status follow the life cycle scrape; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION replays.scrapes_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.event_status AS origin, n.event_status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.url = o.url
    WHERE CASE
        WHEN o.event_status IS NULL THEN true
        WHEN (n.epoch, n.attempt) = (o.epoch, o.attempt) THEN n.event_status <> o.event_status AND NOT CASE
            WHEN through_log THEN replays.scrape_reaches(o.event_status, n.event_status)
            ELSE replays.scrape_moves(o.event_status, n.event_status) END
        WHEN (n.epoch, n.attempt) > (o.epoch, o.attempt) THEN NOT (through_log OR replays.scrape_reopens(o.event_status, n.event_status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle scrape, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER scrapes_100_guard AFTER UPDATE ON replays.scrapes
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION replays.scrapes_100_guard();
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_100_guard;

ALTER TABLE replays.gfwl_team_submissions ADD CONSTRAINT ck_gfwl_team_submissions_confirmation_status CHECK (confirmation_status IN ('pending', 'confirmed'));

-- gfwl_team_submissions: moves of confirmation_status follow the life cycle submission; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION replays.gfwl_team_submissions_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.confirmation_status AS origin, n.confirmation_status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.job_id = o.job_id AND n.team_name = o.team_name
    WHERE CASE
        WHEN o.confirmation_status IS NULL THEN true
        WHEN true THEN n.confirmation_status <> o.confirmation_status AND NOT CASE
            WHEN through_log THEN replays.submission_reaches(o.confirmation_status, n.confirmation_status)
            ELSE replays.submission_moves(o.confirmation_status, n.confirmation_status) END
        WHEN false THEN NOT (through_log OR replays.submission_reopens(o.confirmation_status, n.confirmation_status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle submission, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER gfwl_team_submissions_100_guard AFTER UPDATE ON replays.gfwl_team_submissions
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION replays.gfwl_team_submissions_100_guard();
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_100_guard;

CREATE TRIGGER scrape_failures_100_immutable BEFORE UPDATE OF url, epoch, attempt, error_kind, error, failed_at, place_partition, place_offset ON replays.scrape_failures
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE replays.scrape_failures ENABLE ALWAYS TRIGGER scrape_failures_100_immutable;

CREATE TRIGGER scraped_data_100_immutable BEFORE UPDATE OF id, created_at, updated_at, url, s3_key, epoch, attempt, seconds, place_partition, place_offset ON replays.scraped_data
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE replays.scraped_data ENABLE ALWAYS TRIGGER scraped_data_100_immutable;

CREATE TRIGGER users_100_immutable BEFORE UPDATE OF id, created_at, updated_at, clerk_user_id, place_partition, place_offset ON replays.users
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE replays.users ENABLE ALWAYS TRIGGER users_100_immutable;

CREATE TRIGGER jobs_100_immutable BEFORE UPDATE OF id, created_at, user_id, job_type, urls, team_data, shareable_id, place_partition, place_offset ON replays.jobs
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_100_immutable;

CREATE TRIGGER decks_100_immutable BEFORE UPDATE OF url, parser_version, game, player, model_version, deck, confidence, cards, place_partition, place_offset ON replays.decks
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE replays.decks ENABLE ALWAYS TRIGGER decks_100_immutable;

CREATE TRIGGER games_100_immutable BEFORE UPDATE OF url, parser_version, game, first, winner, unfinished, place_partition, place_offset ON replays.games
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE replays.games ENABLE ALWAYS TRIGGER games_100_immutable;

CREATE TRIGGER discoveries_100_immutable BEFORE UPDATE OF job_id, team_name, revision, players, discovered_at, place_partition, place_offset ON replays.discoveries
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE replays.discoveries ENABLE ALWAYS TRIGGER discoveries_100_immutable;

CREATE TRIGGER confirmations_100_immutable BEFORE UPDATE OF job_id, team_name, revision, players, confirmed_at, place_partition, place_offset ON replays.confirmations
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE replays.confirmations ENABLE ALWAYS TRIGGER confirmations_100_immutable;

CREATE TRIGGER jobs_100_tallied BEFORE UPDATE OF total_urls, processed_urls, failed_urls, cached_urls, total_teams, discovered_teams, confirmed_teams, started_at, completed_at, phase ON replays.jobs
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_100_tallied;

CREATE TRIGGER gfwl_team_submissions_100_tallied BEFORE UPDATE OF revision ON replays.gfwl_team_submissions
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_100_tallied;

CREATE TRIGGER scrapes_100_tallied BEFORE UPDATE OF status ON replays.scrapes
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_100_tallied;

CREATE TRIGGER job_urls_100_derived BEFORE INSERT OR UPDATE OR DELETE ON replays.job_urls
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE replays.job_urls ENABLE ALWAYS TRIGGER job_urls_100_derived;

-- decks (url) refers to replays.replays (url): fk_decks_url, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION replays.decks_200_reference_replays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT url FROM new_rows) c
        JOIN replays.replays p ON p.url = c.url
    ORDER BY c.url
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('url', c.url) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.url) = 0 AND NOT EXISTS (SELECT FROM replays.replays p WHERE p.url = c.url)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in replays.replays has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_decks_url', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER decks_200_reference_replays AFTER INSERT ON replays.decks
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.decks_200_reference_replays();
ALTER TABLE replays.decks ENABLE ALWAYS TRIGGER decks_200_reference_replays;

-- replays (url) is referred to by replays.decks (url): fk_decks_url.
CREATE FUNCTION replays.replays_200_referred_decks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('url', p.url) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM replays.decks c WHERE c.url = p.url)
            AND NOT EXISTS (SELECT FROM replays.replays again WHERE again.url = p.url)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('url', c.url) INTO used
        FROM replays.decks c
        WHERE num_nulls(c.url) = 0 AND NOT EXISTS (SELECT FROM replays.replays p WHERE c.url = p.url)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: replays.decks still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_decks_url', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER replays_200_referred_decks AFTER DELETE ON replays.replays
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_decks();
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_200_referred_decks;

CREATE TRIGGER replays_200_referred_decks_key AFTER UPDATE OF url ON replays.replays
FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_decks();
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_200_referred_decks_key;

CREATE TRIGGER replays_200_referred_decks_truncate AFTER TRUNCATE ON replays.replays
FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_decks();
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_200_referred_decks_truncate;

-- games (url) refers to replays.replays (url): fk_games_url, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION replays.games_200_reference_replays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT url FROM new_rows) c
        JOIN replays.replays p ON p.url = c.url
    ORDER BY c.url
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('url', c.url) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.url) = 0 AND NOT EXISTS (SELECT FROM replays.replays p WHERE p.url = c.url)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in replays.replays has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_games_url', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER games_200_reference_replays AFTER INSERT ON replays.games
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.games_200_reference_replays();
ALTER TABLE replays.games ENABLE ALWAYS TRIGGER games_200_reference_replays;

-- replays (url) is referred to by replays.games (url): fk_games_url.
CREATE FUNCTION replays.replays_200_referred_games() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('url', p.url) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM replays.games c WHERE c.url = p.url)
            AND NOT EXISTS (SELECT FROM replays.replays again WHERE again.url = p.url)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('url', c.url) INTO used
        FROM replays.games c
        WHERE num_nulls(c.url) = 0 AND NOT EXISTS (SELECT FROM replays.replays p WHERE c.url = p.url)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: replays.games still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_games_url', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER replays_200_referred_games AFTER DELETE ON replays.replays
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_games();
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_200_referred_games;

CREATE TRIGGER replays_200_referred_games_key AFTER UPDATE OF url ON replays.replays
FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_games();
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_200_referred_games_key;

CREATE TRIGGER replays_200_referred_games_truncate AFTER TRUNCATE ON replays.replays
FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_games();
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_200_referred_games_truncate;

CREATE TRIGGER scrape_failures_900_outside_insert AFTER INSERT ON replays.scrape_failures
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url', 'epoch');
ALTER TABLE replays.scrape_failures ENABLE ALWAYS TRIGGER scrape_failures_900_outside_insert;

CREATE TRIGGER scrape_failures_900_outside_update AFTER UPDATE ON replays.scrape_failures
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url', 'epoch');
ALTER TABLE replays.scrape_failures ENABLE ALWAYS TRIGGER scrape_failures_900_outside_update;

CREATE TRIGGER scrape_failures_900_outside_delete AFTER DELETE ON replays.scrape_failures
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url', 'epoch');
ALTER TABLE replays.scrape_failures ENABLE ALWAYS TRIGGER scrape_failures_900_outside_delete;

CREATE TRIGGER scrape_failures_900_outside_truncate AFTER TRUNCATE ON replays.scrape_failures
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.scrape_failures ENABLE ALWAYS TRIGGER scrape_failures_900_outside_truncate;

CREATE TRIGGER scraped_data_900_outside_insert AFTER INSERT ON replays.scraped_data
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url');
ALTER TABLE replays.scraped_data ENABLE ALWAYS TRIGGER scraped_data_900_outside_insert;

CREATE TRIGGER scraped_data_900_outside_update AFTER UPDATE ON replays.scraped_data
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url');
ALTER TABLE replays.scraped_data ENABLE ALWAYS TRIGGER scraped_data_900_outside_update;

CREATE TRIGGER scraped_data_900_outside_delete AFTER DELETE ON replays.scraped_data
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url');
ALTER TABLE replays.scraped_data ENABLE ALWAYS TRIGGER scraped_data_900_outside_delete;

CREATE TRIGGER scraped_data_900_outside_truncate AFTER TRUNCATE ON replays.scraped_data
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.scraped_data ENABLE ALWAYS TRIGGER scraped_data_900_outside_truncate;

CREATE TRIGGER users_900_outside_insert AFTER INSERT ON replays.users
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('clerk_user_id');
ALTER TABLE replays.users ENABLE ALWAYS TRIGGER users_900_outside_insert;

CREATE TRIGGER users_900_outside_update AFTER UPDATE ON replays.users
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('clerk_user_id');
ALTER TABLE replays.users ENABLE ALWAYS TRIGGER users_900_outside_update;

CREATE TRIGGER users_900_outside_delete AFTER DELETE ON replays.users
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('clerk_user_id');
ALTER TABLE replays.users ENABLE ALWAYS TRIGGER users_900_outside_delete;

CREATE TRIGGER users_900_outside_truncate AFTER TRUNCATE ON replays.users
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.users ENABLE ALWAYS TRIGGER users_900_outside_truncate;

CREATE TRIGGER jobs_900_outside_insert AFTER INSERT ON replays.jobs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_900_outside_insert;

CREATE TRIGGER jobs_900_outside_update AFTER UPDATE ON replays.jobs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_900_outside_update;

CREATE TRIGGER jobs_900_outside_delete AFTER DELETE ON replays.jobs
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_900_outside_delete;

CREATE TRIGGER jobs_900_outside_truncate AFTER TRUNCATE ON replays.jobs
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_900_outside_truncate;

CREATE TRIGGER replays_900_outside_insert AFTER INSERT ON replays.replays
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url');
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_900_outside_insert;

CREATE TRIGGER replays_900_outside_update AFTER UPDATE ON replays.replays
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url');
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_900_outside_update;

CREATE TRIGGER replays_900_outside_delete AFTER DELETE ON replays.replays
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url');
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_900_outside_delete;

CREATE TRIGGER replays_900_outside_truncate AFTER TRUNCATE ON replays.replays
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.replays ENABLE ALWAYS TRIGGER replays_900_outside_truncate;

CREATE TRIGGER decks_900_outside_insert AFTER INSERT ON replays.decks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game', 'player', 'model_version');
ALTER TABLE replays.decks ENABLE ALWAYS TRIGGER decks_900_outside_insert;

CREATE TRIGGER decks_900_outside_update AFTER UPDATE ON replays.decks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game', 'player', 'model_version');
ALTER TABLE replays.decks ENABLE ALWAYS TRIGGER decks_900_outside_update;

CREATE TRIGGER decks_900_outside_delete AFTER DELETE ON replays.decks
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game', 'player', 'model_version');
ALTER TABLE replays.decks ENABLE ALWAYS TRIGGER decks_900_outside_delete;

CREATE TRIGGER decks_900_outside_truncate AFTER TRUNCATE ON replays.decks
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.decks ENABLE ALWAYS TRIGGER decks_900_outside_truncate;

CREATE TRIGGER games_900_outside_insert AFTER INSERT ON replays.games
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game');
ALTER TABLE replays.games ENABLE ALWAYS TRIGGER games_900_outside_insert;

CREATE TRIGGER games_900_outside_update AFTER UPDATE ON replays.games
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game');
ALTER TABLE replays.games ENABLE ALWAYS TRIGGER games_900_outside_update;

CREATE TRIGGER games_900_outside_delete AFTER DELETE ON replays.games
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game');
ALTER TABLE replays.games ENABLE ALWAYS TRIGGER games_900_outside_delete;

CREATE TRIGGER games_900_outside_truncate AFTER TRUNCATE ON replays.games
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.games ENABLE ALWAYS TRIGGER games_900_outside_truncate;

CREATE TRIGGER gfwl_team_submissions_900_outside_insert AFTER INSERT ON replays.gfwl_team_submissions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name');
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_900_outside_insert;

CREATE TRIGGER gfwl_team_submissions_900_outside_update AFTER UPDATE ON replays.gfwl_team_submissions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name');
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_900_outside_update;

CREATE TRIGGER gfwl_team_submissions_900_outside_delete AFTER DELETE ON replays.gfwl_team_submissions
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name');
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_900_outside_delete;

CREATE TRIGGER gfwl_team_submissions_900_outside_truncate AFTER TRUNCATE ON replays.gfwl_team_submissions
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_900_outside_truncate;

CREATE TRIGGER job_urls_900_outside_insert AFTER INSERT ON replays.job_urls
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'url');
ALTER TABLE replays.job_urls ENABLE ALWAYS TRIGGER job_urls_900_outside_insert;

CREATE TRIGGER job_urls_900_outside_update AFTER UPDATE ON replays.job_urls
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'url');
ALTER TABLE replays.job_urls ENABLE ALWAYS TRIGGER job_urls_900_outside_update;

CREATE TRIGGER job_urls_900_outside_delete AFTER DELETE ON replays.job_urls
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'url');
ALTER TABLE replays.job_urls ENABLE ALWAYS TRIGGER job_urls_900_outside_delete;

CREATE TRIGGER job_urls_900_outside_truncate AFTER TRUNCATE ON replays.job_urls
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.job_urls ENABLE ALWAYS TRIGGER job_urls_900_outside_truncate;

CREATE TRIGGER scrapes_900_outside_insert AFTER INSERT ON replays.scrapes
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url');
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_900_outside_insert;

CREATE TRIGGER scrapes_900_outside_update AFTER UPDATE ON replays.scrapes
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url');
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_900_outside_update;

CREATE TRIGGER scrapes_900_outside_delete AFTER DELETE ON replays.scrapes
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('url');
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_900_outside_delete;

CREATE TRIGGER scrapes_900_outside_truncate AFTER TRUNCATE ON replays.scrapes
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_900_outside_truncate;

CREATE TRIGGER discoveries_900_outside_insert AFTER INSERT ON replays.discoveries
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name', 'revision');
ALTER TABLE replays.discoveries ENABLE ALWAYS TRIGGER discoveries_900_outside_insert;

CREATE TRIGGER discoveries_900_outside_update AFTER UPDATE ON replays.discoveries
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name', 'revision');
ALTER TABLE replays.discoveries ENABLE ALWAYS TRIGGER discoveries_900_outside_update;

CREATE TRIGGER discoveries_900_outside_delete AFTER DELETE ON replays.discoveries
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name', 'revision');
ALTER TABLE replays.discoveries ENABLE ALWAYS TRIGGER discoveries_900_outside_delete;

CREATE TRIGGER discoveries_900_outside_truncate AFTER TRUNCATE ON replays.discoveries
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.discoveries ENABLE ALWAYS TRIGGER discoveries_900_outside_truncate;

CREATE TRIGGER confirmations_900_outside_insert AFTER INSERT ON replays.confirmations
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name');
ALTER TABLE replays.confirmations ENABLE ALWAYS TRIGGER confirmations_900_outside_insert;

CREATE TRIGGER confirmations_900_outside_update AFTER UPDATE ON replays.confirmations
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name');
ALTER TABLE replays.confirmations ENABLE ALWAYS TRIGGER confirmations_900_outside_update;

CREATE TRIGGER confirmations_900_outside_delete AFTER DELETE ON replays.confirmations
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name');
ALTER TABLE replays.confirmations ENABLE ALWAYS TRIGGER confirmations_900_outside_delete;

CREATE TRIGGER confirmations_900_outside_truncate AFTER TRUNCATE ON replays.confirmations
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE replays.confirmations ENABLE ALWAYS TRIGGER confirmations_900_outside_truncate;

-- Replays: what the database derives and defends, whoever writes.
-- A link of a job has the outcome that a function of the job, the page and its failures gives it; whichever of them
-- arrives or changes computes it anew. Lock order everywhere: links (advisory), jobs by id, links of jobs by key.

-- ---------------------------------------------------------------- pure functions

-- The page that a link leads to; NULL for none. The expression is that of links.py.
CREATE FUNCTION replays.canonical(link text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 'https://www.duelingbook.com/replay?id=' || (regexp_match(link, '^[ \t\r\n]*[Hh][Tt][Tt][Pp][Ss]?://([Ww][Ww][Ww]\.)?[Dd][Uu][Ee][Ll][Ii][Nn][Gg][Bb][Oo][Oo][Kk]\.[Cc][Oo][Mm]/replay\?((?!id=)[^#& \t\r\n]*&)*id=0*([1-9][0-9]{0,14})(&[^# \t\r\n]*)?(#[^ \t\r\n]*)?[ \t\r\n]*$'))[3];

-- The pages that links lead to, each once; NULL is among them if a link leads nowhere.
CREATE FUNCTION replays.pages(links jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT replays.canonical(link) FROM jsonb_array_elements_text(links) AS link ORDER BY 1);

-- Whether team_data has a list of teams, at least one, each once and with a name.
CREATE FUNCTION replays.names_teams(team_data jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN jsonb_typeof(team_data -> 'teams') = 'array' AND jsonb_array_length(team_data -> 'teams') > 0
    AND jsonb_array_length(team_data -> 'teams') = (
        SELECT count(DISTINCT team ->> 'team') FROM jsonb_array_elements(team_data -> 'teams') team);

-- Jobs that were cancelled or failed take no more outcomes from then on.
CREATE FUNCTION replays.ended(event_status text, event_at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN event_status IN ('CANCELLED', 'FAILED') THEN event_at ELSE 'infinity' END;

CREATE FUNCTION replays.shown(
    event_status text, total integer, processed integer, teams integer, confirmed integer) RETURNS replays.status
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN event_status = 'COMPLETED' AND (processed < total OR confirmed < teams) THEN 'RUNNING'
    ELSE event_status END::replays.status;

CREATE FUNCTION replays.phase(
    total integer, processed integer, teams integer, discovered integer, confirmed integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN processed < total THEN 'scraping'
    WHEN discovered < teams THEN 'discovering'
    WHEN confirmed < teams THEN 'awaiting_confirmation'
    ELSE 'analysing' END;

-- What became of a page for a job that wants it from `since` on and takes outcomes up to `until`. A page that was
-- scraped before is cached; an earlier failure does not count: the job asks again.
CREATE FUNCTION replays.outcome(page text, since timestamptz, until timestamptz)
RETURNS TABLE (status text, finished_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
            WHEN scraped_at < since THEN 'cached'
            WHEN scraped_at IS NOT NULL THEN 'scraped'
            WHEN failed_at IS NOT NULL THEN 'failed'
            WHEN until < 'infinity' THEN 'dropped'
            ELSE 'queued' END,
        least(CASE WHEN scraped_at IS NOT NULL THEN greatest(scraped_at, since) END, failed_at)
    FROM (
        SELECT
            (SELECT s.created_at FROM replays.scraped_data s WHERE s.url = page AND s.created_at <= until) AS scraped_at,
            (SELECT min(f.failed_at) FROM replays.scrape_failures f
            WHERE f.url = page AND f.failed_at BETWEEN since AND until) AS failed_at) found;
END;

-- ---------------------------------------------------------------- locks

-- Jobs and outcomes of a page may arrive in any order and at once: a job keeps outcomes out while it looks for them,
-- outcomes keep jobs out but not each other, so that no pair is missed. A bounded number of locks serves all pages.
CREATE FUNCTION replays.hold_pages(pages text[], alone boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $hold$
DECLARE
    class constant integer := hashtext('replays.pages');
    stripes constant integer := 256;
    stripe integer;
BEGIN
    FOR stripe IN SELECT DISTINCT hashtext(page) & (stripes - 1) FROM unnest(pages) page ORDER BY 1 LOOP
        IF alone THEN
            PERFORM pg_advisory_xact_lock(class, stripe);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(class, stripe);
        END IF;
    END LOOP;
END
$hold$;

-- The outcomes of these pages in all jobs, anew.
CREATE FUNCTION replays.settle(pages text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET plan_cache_mode = force_custom_plan AS $settle$
BEGIN
    PERFORM FROM replays.jobs
    WHERE id IN (SELECT job_id FROM replays.job_urls WHERE url = ANY (pages))
    ORDER BY id
    FOR NO KEY UPDATE;
    UPDATE replays.job_urls u SET status = o.status, finished_at = o.finished_at
    FROM (
        SELECT l.job_id, l.url, found.status, found.finished_at
        FROM replays.job_urls l JOIN replays.jobs j ON j.id = l.job_id,
            LATERAL replays.outcome(l.url, j.created_at, replays.ended(j.event_status, j.event_at)) found
        WHERE l.url = ANY (pages)
        ORDER BY l.job_id, l.url) o
    WHERE (u.job_id, u.url) = (o.job_id, o.url)
        AND (u.status, u.finished_at) IS DISTINCT FROM (o.status, o.finished_at);
END
$settle$;

-- ---------------------------------------------------------------- jobs

-- The shown status is a function of what events said and the tallies. A status written by hand is an event.
CREATE FUNCTION replays.show_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $show$
DECLARE
    by_hand constant boolean := session_user <> 'podium_consumer' AND pg_trigger_depth() = 1;
    written_status replays.status := NEW.status;
    written_public boolean := NEW.is_public;
    pages text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        pages := replays.pages(NEW.urls);
        IF cardinality(pages) = 0 OR array_position(pages, NULL) IS NOT NULL THEN
            RAISE EXCEPTION 'jobs: urls must be links to replay pages'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, DETAIL = left(NEW.urls::text, 1000),
                HINT = 'A link is like https://www.duelingbook.com/replay?id=1234567.';
        END IF;
        NEW.team_data := nullif(NEW.team_data, 'null');
        IF NEW.team_data IS NOT NULL AND NOT replays.names_teams(NEW.team_data) THEN
            RAISE EXCEPTION 'jobs: team_data must have a list of teams, each once'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Like {"teams": [{"team": "Red Eyes"}]}.';
        END IF;
        IF by_hand AND NEW.event_status = 'PENDING' THEN
            NEW.event_status := NEW.status::text;
        END IF;
        NEW.total_urls := cardinality(pages);
        NEW.total_teams := coalesce(jsonb_array_length(NEW.team_data -> 'teams'), 0);
        NEW.event_at := coalesce(NEW.event_at, NEW.created_at);
        NEW.updated_at := greatest(NEW.updated_at, NEW.created_at);
        NEW.processed_urls := 0;
        NEW.failed_urls := 0;
        NEW.cached_urls := 0;
        NEW.discovered_teams := 0;
        NEW.confirmed_teams := 0;
        IF NEW.started_at IS NULL AND NEW.event_status IN ('RUNNING', 'COMPLETED') THEN
            NEW.started_at := NEW.event_at;
        END IF;
    ELSE
        IF by_hand THEN
            IF NEW.event_status = OLD.event_status AND NEW.status <> OLD.status THEN
                NEW.event_status := NEW.status::text;
            END IF;
            NEW.event_at := CASE WHEN NEW.event_status <> OLD.event_status THEN clock_timestamp() ELSE OLD.event_at END;
            IF NEW.is_public <> OLD.is_public THEN
                NEW.wants_public := NEW.is_public;
            END IF;
            IF NEW.wants_public <> OLD.wants_public THEN
                NEW.latest_time := clock_timestamp();
            END IF;
            NEW.updated_at := greatest(OLD.updated_at, clock_timestamp());
        END IF;
        IF NEW.event_status <> OLD.event_status AND NEW.event_status IN ('RUNNING', 'COMPLETED') THEN
            NEW.started_at := coalesce(OLD.started_at, greatest(NEW.event_at, NEW.created_at));
        END IF;
    END IF;
    NEW.status := replays.shown(
        NEW.event_status, NEW.total_urls, NEW.processed_urls, NEW.total_teams, NEW.confirmed_teams);
    NEW.completed_at := CASE WHEN NEW.status IN ('COMPLETED', 'FAILED', 'CANCELLED')
        THEN greatest(NEW.event_at, NEW.started_at, NEW.created_at) END;
    NEW.phase := CASE WHEN NEW.status = 'RUNNING' THEN replays.phase(
        NEW.total_urls, NEW.processed_urls, NEW.total_teams, NEW.discovered_teams, NEW.confirmed_teams) END;
    -- A wish from before the end is void: nobody publishes what is not there yet.
    NEW.is_public := NEW.wants_public AND NEW.status = 'COMPLETED'
        AND coalesce(NEW.latest_time >= NEW.completed_at, false);
    IF by_hand AND TG_OP = 'UPDATE' AND (written_status, written_public) <> (OLD.status, OLD.is_public)
        AND (written_status <> NEW.status OR written_public AND NOT NEW.is_public) THEN
        RAISE EXCEPTION 'jobs: a job that is % cannot become %', OLD.status,
            CASE WHEN written_public AND NOT NEW.is_public THEN 'public' ELSE written_status::text END
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME,
            HINT = 'COMPLETED needs an outcome of every link and every team confirmed; only then can it be public.';
    END IF;
    RETURN NEW;
END
$show$;

CREATE TRIGGER jobs_050_show BEFORE INSERT OR UPDATE ON replays.jobs
FOR EACH ROW EXECUTE FUNCTION replays.show_job();
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_050_show;

CREATE FUNCTION replays.seed_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $seed$
DECLARE
    pages constant text[] := ARRAY(
        SELECT DISTINCT page FROM new_rows j, unnest(replays.pages(j.urls)) page ORDER BY page);
BEGIN
    PERFORM replays.hold_pages(pages, true);
    INSERT INTO replays.scrapes (url, status)
    SELECT page, CASE WHEN EXISTS (SELECT FROM replays.scraped_data s WHERE s.url = page) THEN 'scraped' ELSE 'queued' END
    FROM unnest(pages) page
    ORDER BY page
    ON CONFLICT (url) DO NOTHING;
    INSERT INTO replays.job_urls (job_id, url, status, finished_at)
    SELECT j.id, page, o.status, o.finished_at
    FROM new_rows j, unnest(replays.pages(j.urls)) page,
        LATERAL replays.outcome(page, j.created_at, replays.ended(j.event_status, j.event_at)) o
    ORDER BY j.id, page;
    RETURN NULL;
END
$seed$;

CREATE TRIGGER jobs_400_seed AFTER INSERT ON replays.jobs
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.seed_job();
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_400_seed;

-- A job that ended drops the links without an outcome by then.
CREATE FUNCTION replays.end_job() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $end$
DECLARE
    ended constant uuid[] := ARRAY(
        SELECT id FROM (
            SELECT id, replays.ended(event_status, event_at) FROM new_rows
            EXCEPT SELECT id, replays.ended(event_status, event_at) FROM old_rows) changed
        ORDER BY id);
BEGIN
    IF cardinality(ended) = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE replays.job_urls u SET status = o.status, finished_at = o.finished_at
    FROM (
        SELECT l.job_id, l.url, found.status, found.finished_at
        FROM replays.job_urls l JOIN replays.jobs j ON j.id = l.job_id,
            LATERAL replays.outcome(l.url, j.created_at, replays.ended(j.event_status, j.event_at)) found
        WHERE l.job_id = ANY (ended)
        ORDER BY l.job_id, l.url) o
    WHERE (u.job_id, u.url) = (o.job_id, o.url)
        AND (u.status, u.finished_at) IS DISTINCT FROM (o.status, o.finished_at);
    RETURN NULL;
END
$end$;

CREATE TRIGGER jobs_500_end AFTER UPDATE ON replays.jobs
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION replays.end_job();
ALTER TABLE replays.jobs ENABLE ALWAYS TRIGGER jobs_500_end;

-- ---------------------------------------------------------------- links of jobs

CREATE TYPE replays.link_delta AS (job_id uuid, processed integer, failed integer, cached integer);

-- The one place where links are counted. Whoever changes outcomes holds the jobs.
CREATE FUNCTION replays.tally_links() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $tally$
DECLARE
    deltas replays.link_delta[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(d::replays.link_delta) INTO deltas FROM (
            SELECT job_id, count(finished_at)::integer, count(*) FILTER (WHERE status = 'failed')::integer,
                count(*) FILTER (WHERE status = 'cached')::integer
            FROM new_rows GROUP BY job_id HAVING count(finished_at) > 0 ORDER BY job_id) d;
    ELSE
        SELECT array_agg(d::replays.link_delta) INTO deltas FROM (
            SELECT job_id, sum(processed)::integer, sum(failed)::integer, sum(cached)::integer
            FROM (
                SELECT job_id, (finished_at IS NOT NULL)::integer AS processed, (status = 'failed')::integer AS failed,
                    (status = 'cached')::integer AS cached
                FROM new_rows
                UNION ALL
                SELECT job_id, -(finished_at IS NOT NULL)::integer, -(status = 'failed')::integer,
                    -(status = 'cached')::integer
                FROM old_rows) weighed
            GROUP BY job_id
            HAVING sum(processed) <> 0 OR sum(failed) <> 0 OR sum(cached) <> 0
            ORDER BY job_id) d;
    END IF;
    IF deltas IS NOT NULL THEN
        UPDATE replays.jobs j
        SET processed_urls = j.processed_urls + d.processed, failed_urls = j.failed_urls + d.failed,
            cached_urls = j.cached_urls + d.cached
        FROM unnest(deltas) d
        WHERE j.id = d.job_id;
    END IF;
    RETURN NULL;
END
$tally$;

CREATE TRIGGER job_urls_500_insert AFTER INSERT ON replays.job_urls
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_links();
ALTER TABLE replays.job_urls ENABLE ALWAYS TRIGGER job_urls_500_insert;

CREATE TRIGGER job_urls_500_update AFTER UPDATE ON replays.job_urls
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_links();
ALTER TABLE replays.job_urls ENABLE ALWAYS TRIGGER job_urls_500_update;

-- Links go with their job, pages that nobody wants any more with the last link.
CREATE FUNCTION replays.forget_links() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $forget$
DECLARE
    pages constant text[] := ARRAY(SELECT DISTINCT url FROM old_rows ORDER BY url);
BEGIN
    PERFORM replays.hold_pages(pages, true);
    DELETE FROM replays.scrapes s
    WHERE s.url = ANY (pages) AND NOT EXISTS (SELECT FROM replays.job_urls u WHERE u.url = s.url);
    RETURN NULL;
END
$forget$;

CREATE TRIGGER job_urls_500_delete AFTER DELETE ON replays.job_urls
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.forget_links();
ALTER TABLE replays.job_urls ENABLE ALWAYS TRIGGER job_urls_500_delete;

-- Emptied links and pages are as after seeding.
CREATE FUNCTION replays.reseed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $reseed$
BEGIN
    UPDATE replays.jobs SET processed_urls = 0, failed_urls = 0, cached_urls = 0
    WHERE processed_urls > 0 AND NOT EXISTS (SELECT FROM replays.job_urls u WHERE u.job_id = jobs.id);
    INSERT INTO replays.job_urls (job_id, url, status, finished_at)
    SELECT j.id, page, o.status, o.finished_at
    FROM replays.jobs j, unnest(replays.pages(j.urls)) page,
        LATERAL replays.outcome(page, j.created_at, replays.ended(j.event_status, j.event_at)) o
    ON CONFLICT (job_id, url) DO NOTHING;
    INSERT INTO replays.scrapes (url, status)
    SELECT page, CASE WHEN EXISTS (SELECT FROM replays.scraped_data s WHERE s.url = page) THEN 'scraped' ELSE 'queued' END
    FROM (SELECT DISTINCT url FROM replays.job_urls) u (page)
    ON CONFLICT (url) DO NOTHING;
    DELETE FROM replays.scrapes s WHERE NOT EXISTS (SELECT FROM replays.job_urls u WHERE u.url = s.url);
    RETURN NULL;
END
$reseed$;

CREATE TRIGGER job_urls_500_truncate AFTER TRUNCATE ON replays.job_urls
FOR EACH STATEMENT EXECUTE FUNCTION replays.reseed();
ALTER TABLE replays.job_urls ENABLE ALWAYS TRIGGER job_urls_500_truncate;

CREATE TRIGGER scrapes_500_truncate AFTER TRUNCATE ON replays.scrapes
FOR EACH STATEMENT EXECUTE FUNCTION replays.reseed();
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_500_truncate;

-- ---------------------------------------------------------------- pages

CREATE TRIGGER scrapes_100_seeded BEFORE INSERT OR DELETE ON replays.scrapes
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_100_seeded;

-- A page that was scraped stays so, whatever is said of later attempts.
CREATE FUNCTION replays.show_scrape() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $show$
BEGIN
    IF session_user <> 'podium_consumer' AND pg_trigger_depth() = 1 THEN
        IF NEW.event_status = 'scraping' AND OLD.event_status <> 'scraping' THEN
            NEW.claimed_at := clock_timestamp();
        ELSIF NEW.event_status <> 'scraping' THEN
            NEW.worker := NULL;
            NEW.claimed_at := NULL;
            NEW.lease_until := NULL;
        END IF;
    END IF;
    NEW.status := CASE NEW.status WHEN 'scraped' THEN 'scraped' ELSE NEW.event_status END;
    RETURN NEW;
END
$show$;

CREATE TRIGGER scrapes_050_show BEFORE UPDATE ON replays.scrapes
FOR EACH ROW EXECUTE FUNCTION replays.show_scrape();
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_050_show;

-- A final failure that events brought has its own fact; by hand it is made here.
CREATE FUNCTION replays.note_failures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $note$
BEGIN
    INSERT INTO replays.scrape_failures (url, epoch, attempt, error_kind, error, failed_at)
    SELECT n.url, n.epoch, n.attempt, coalesce(n.error_kind, 'other'), coalesce(n.error, ''), clock_timestamp()
    FROM new_rows n JOIN old_rows o USING (url)
    WHERE n.event_status = 'failed' AND o.event_status <> 'failed'
    ORDER BY n.url
    ON CONFLICT (url, epoch) DO NOTHING;
    RETURN NULL;
END
$note$;

CREATE TRIGGER scrapes_500_failed AFTER UPDATE ON replays.scrapes
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION replays.note_failures();
ALTER TABLE replays.scrapes ENABLE ALWAYS TRIGGER scrapes_500_failed;

-- Whatever comes or goes of a page, its outcome in every job follows.
CREATE FUNCTION replays.settle_pages() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $pages$
DECLARE
    pages text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        pages := ARRAY(SELECT DISTINCT url FROM new_rows ORDER BY url);
    ELSIF TG_OP = 'DELETE' THEN
        pages := ARRAY(SELECT DISTINCT url FROM old_rows ORDER BY url);
    ELSE
        pages := ARRAY(SELECT url FROM replays.scrapes ORDER BY url);
    END IF;
    PERFORM replays.hold_pages(pages, false);
    IF TG_TABLE_NAME = 'scraped_data' THEN
        UPDATE replays.scrapes s
        SET status = CASE WHEN p.is_there THEN 'scraped' ELSE s.event_status END
        FROM (
            SELECT page, EXISTS (SELECT FROM replays.scraped_data d WHERE d.url = page) AS is_there
            FROM unnest(pages) page ORDER BY page) p
        WHERE s.url = p.page AND (s.status = 'scraped') <> p.is_there;
    END IF;
    PERFORM replays.settle(pages);
    RETURN NULL;
END
$pages$;

CREATE TRIGGER scraped_data_500_insert AFTER INSERT ON replays.scraped_data
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages();
ALTER TABLE replays.scraped_data ENABLE ALWAYS TRIGGER scraped_data_500_insert;

CREATE TRIGGER scraped_data_500_delete AFTER DELETE ON replays.scraped_data
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages();
ALTER TABLE replays.scraped_data ENABLE ALWAYS TRIGGER scraped_data_500_delete;

CREATE TRIGGER scraped_data_500_truncate AFTER TRUNCATE ON replays.scraped_data
FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages();
ALTER TABLE replays.scraped_data ENABLE ALWAYS TRIGGER scraped_data_500_truncate;

CREATE TRIGGER scrape_failures_500_insert AFTER INSERT ON replays.scrape_failures
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages();
ALTER TABLE replays.scrape_failures ENABLE ALWAYS TRIGGER scrape_failures_500_insert;

CREATE TRIGGER scrape_failures_500_delete AFTER DELETE ON replays.scrape_failures
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages();
ALTER TABLE replays.scrape_failures ENABLE ALWAYS TRIGGER scrape_failures_500_delete;

CREATE TRIGGER scrape_failures_500_truncate AFTER TRUNCATE ON replays.scrape_failures
FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages();
ALTER TABLE replays.scrape_failures ENABLE ALWAYS TRIGGER scrape_failures_500_truncate;

-- By hand only canonical links: two spellings would be two pages.
ALTER TABLE replays.scraped_data ADD CONSTRAINT ck_scraped_data_url CHECK (url = replays.canonical(url));
ALTER TABLE replays.scrape_failures ADD CONSTRAINT ck_scrape_failures_url CHECK (url = replays.canonical(url));

-- ---------------------------------------------------------------- teams

-- Shown: what the confirmed revision discovered, before that the greatest one. By hand the list grows until then.
CREATE FUNCTION replays.show_submission() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $show$
DECLARE
    by_hand constant boolean := session_user <> 'podium_consumer' AND pg_trigger_depth() = 1;
    shown record;
BEGIN
    NEW.confirmed_players := nullif(NEW.confirmed_players, 'null');
    IF by_hand AND TG_OP = 'UPDATE' THEN
        IF NEW.discovered_players <> OLD.discovered_players
            AND (OLD.confirmation_status = 'confirmed' OR NOT NEW.discovered_players @> OLD.discovered_players) THEN
            RAISE EXCEPTION 'gfwl_team_submissions: discovered players are added while nobody was confirmed'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Discover before you confirm.';
        END IF;
        IF OLD.confirmation_status = 'confirmed' AND NEW.confirmed_players IS DISTINCT FROM OLD.confirmed_players THEN
            RAISE EXCEPTION 'gfwl_team_submissions: players are confirmed once'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Submit another job.';
        END IF;
        NEW.updated_at := greatest(OLD.updated_at, clock_timestamp());
    ELSE
        SELECT d.revision, d.players INTO shown FROM replays.discoveries d
        WHERE (d.job_id, d.team_name) = (NEW.job_id, NEW.team_name)
        ORDER BY d.revision = NEW.confirmed_revision DESC NULLS LAST, d.revision DESC
        LIMIT 1;
        IF FOUND THEN
            NEW.revision := shown.revision;
            NEW.discovered_players := shown.players;
        END IF;
    END IF;
    IF NEW.confirmed_players IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.confirmed_players IS DISTINCT FROM OLD.confirmed_players)
        AND NOT replays.are_chosen(NEW.confirmed_players, NEW.discovered_players) THEN
        RAISE EXCEPTION 'gfwl_team_submissions: confirmed players must be some of the discovered, each once'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, DETAIL = left(NEW.confirmed_players::text, 1000),
            HINT = 'Choose among discovered_players.';
    END IF;
    RETURN NEW;
END
$show$;

-- Whether `chosen` is a list of texts, at least one, each once, all of them in `offered`.
CREATE FUNCTION replays.are_chosen(chosen jsonb, offered jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_typeof(chosen) = 'array' AND jsonb_typeof(offered) = 'array' AND offered @> chosen
    AND jsonb_array_length(chosen) > 0
    AND jsonb_array_length(chosen) = (SELECT count(DISTINCT name) FROM jsonb_array_elements(chosen) name
        WHERE jsonb_typeof(name) = 'string');

CREATE TRIGGER gfwl_team_submissions_050_show BEFORE INSERT OR UPDATE ON replays.gfwl_team_submissions
FOR EACH ROW EXECUTE FUNCTION replays.show_submission();
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_050_show;

CREATE FUNCTION replays.show_discoveries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $discovered$
BEGIN
    UPDATE replays.gfwl_team_submissions s SET revision = s.revision
    FROM (SELECT DISTINCT job_id, team_name FROM new_rows ORDER BY job_id, team_name) d
    WHERE (s.job_id, s.team_name) = (d.job_id, d.team_name);
    RETURN NULL;
END
$discovered$;

CREATE TRIGGER discoveries_500_show AFTER INSERT ON replays.discoveries
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.show_discoveries();
ALTER TABLE replays.discoveries ENABLE ALWAYS TRIGGER discoveries_500_show;

-- Judged by the revision that the confirmation names, which never changes.
CREATE FUNCTION replays.check_confirmations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $confirmed$
DECLARE
    foreign_ones record;
BEGIN
    SELECT c.team_name, c.players INTO foreign_ones
    FROM new_rows c JOIN replays.discoveries d USING (job_id, team_name, revision)
    WHERE NOT replays.are_chosen(c.players, d.players)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'confirmations: not all of the players of % were discovered', foreign_ones.team_name
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, DETAIL = left(foreign_ones.players::text, 1000),
            HINT = 'Confirm some of the players of the revision, each once.';
    END IF;
    RETURN NULL;
END
$confirmed$;

CREATE TRIGGER confirmations_300_players AFTER INSERT ON replays.confirmations
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.check_confirmations();
ALTER TABLE replays.confirmations ENABLE ALWAYS TRIGGER confirmations_300_players;

CREATE FUNCTION replays.keep_teams() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $keep$
DECLARE
    astray record;
BEGIN
    SELECT n.team_name, j.job_type INTO astray
    FROM new_rows n JOIN replays.jobs j ON j.id = n.job_id
    WHERE j.job_type <> 'GFWL' OR NOT j.team_data @> jsonb_build_object(
        'teams', jsonb_build_array(jsonb_build_object('team', n.team_name)))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'gfwl_team_submissions: % is no team of this % job', astray.team_name, astray.job_type
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, HINT = 'Only teams in the team_data of a GFWL job.';
    END IF;
    RETURN NULL;
END
$keep$;

CREATE TRIGGER gfwl_team_submissions_300_team AFTER INSERT ON replays.gfwl_team_submissions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.keep_teams();
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_300_team;

CREATE TYPE replays.team_delta AS (job_id uuid, discovered integer, confirmed integer);

CREATE FUNCTION replays.tally_teams() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $tally$
DECLARE
    deltas replays.team_delta[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(d::replays.team_delta) INTO deltas FROM (
            SELECT job_id, count(*)::integer, count(confirmed_players)::integer FROM new_rows GROUP BY job_id) d;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(d::replays.team_delta) INTO deltas FROM (
            SELECT job_id, 0, sum(confirmed)::integer
            FROM (
                SELECT job_id, (confirmed_players IS NOT NULL)::integer AS confirmed FROM new_rows
                UNION ALL SELECT job_id, -(confirmed_players IS NOT NULL)::integer FROM old_rows) weighed
            GROUP BY job_id HAVING sum(confirmed) <> 0) d;
    ELSE
        SELECT array_agg(d::replays.team_delta) INTO deltas FROM (
            SELECT job_id, -count(*)::integer, -count(confirmed_players)::integer FROM old_rows GROUP BY job_id) d;
    END IF;
    IF deltas IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM FROM replays.jobs WHERE id IN (SELECT job_id FROM unnest(deltas)) ORDER BY id FOR NO KEY UPDATE;
    UPDATE replays.jobs j
    SET discovered_teams = j.discovered_teams + d.discovered, confirmed_teams = j.confirmed_teams + d.confirmed
    FROM unnest(deltas) d
    WHERE j.id = d.job_id;
    RETURN NULL;
END
$tally$;

CREATE TRIGGER gfwl_team_submissions_500_insert AFTER INSERT ON replays.gfwl_team_submissions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_teams();
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_500_insert;

CREATE TRIGGER gfwl_team_submissions_500_update AFTER UPDATE ON replays.gfwl_team_submissions
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_teams();
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_500_update;

CREATE TRIGGER gfwl_team_submissions_500_delete AFTER DELETE ON replays.gfwl_team_submissions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_teams();
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_500_delete;

CREATE FUNCTION replays.forget_teams() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $forget$
BEGIN
    UPDATE replays.jobs SET discovered_teams = 0, confirmed_teams = 0 WHERE discovered_teams > 0;
    RETURN NULL;
END
$forget$;

CREATE TRIGGER gfwl_team_submissions_500_truncate AFTER TRUNCATE ON replays.gfwl_team_submissions
FOR EACH STATEMENT EXECUTE FUNCTION replays.forget_teams();
ALTER TABLE replays.gfwl_team_submissions ENABLE ALWAYS TRIGGER gfwl_team_submissions_500_truncate;

-- ---------------------------------------------------------------- what may be public

-- Readers see no table of the domain, only these: jobs whose owner shows them, and the pages of such jobs.
CREATE VIEW replays.public_jobs AS
SELECT shareable_id, job_type, status, total_urls, processed_urls, failed_urls, created_at, completed_at
FROM replays.jobs
WHERE is_public;

-- Which types of jobs there are: of those that are not public nothing else is told.
CREATE VIEW replays.job_types AS
SELECT DISTINCT job_type FROM replays.jobs;

CREATE VIEW replays.public_games AS
SELECT r.url, r.played_at, r.player1, r.player2, g.game, g.first, g.winner, g.unfinished, r.parser_version,
    g.place_partition, g.place_offset
FROM replays.replays r
JOIN replays.games g ON g.url = r.url AND g.parser_version = r.parser_version AND g.game <= r.games
WHERE EXISTS (
    SELECT FROM replays.job_urls u JOIN replays.jobs j ON j.id = u.job_id
    WHERE u.url = r.url AND j.is_public AND u.status IN ('scraped', 'cached'));

-- A game twice, once from each side, with the deck type that the newest classifier sees.
CREATE VIEW replays.public_decks AS
SELECT g.url, g.played_at, g.game, side.player, side.name, d.deck, d.confidence, g.winner, g.unfinished, d.model_version,
    d.place_partition, d.place_offset
FROM replays.public_games g
CROSS JOIN LATERAL (VALUES (1, g.player1), (2, g.player2)) AS side (player, name)
CROSS JOIN LATERAL (
    SELECT d.deck, d.confidence, d.model_version, d.place_partition, d.place_offset FROM replays.decks d
    WHERE d.url = g.url AND d.parser_version = g.parser_version AND d.game = g.game AND d.player = side.player
    ORDER BY d.model_version DESC
    LIMIT 1) d;

CREATE VIEW replays.public_teams AS
SELECT j.shareable_id, s.team_name, s.confirmed_players, u.url
FROM replays.jobs j
JOIN replays.gfwl_team_submissions s ON s.job_id = j.id
JOIN replays.job_urls u ON u.job_id = j.id
WHERE j.is_public AND u.status IN ('scraped', 'cached');

-- Submissions beyond five an hour and user: whoever takes them in refuses these; here they show, to
-- whoever may see the jobs.
CREATE VIEW replays.jobs_over_rate WITH (security_invoker = true) AS
SELECT id, user_id, created_at
FROM (
    SELECT id, user_id, created_at,
        count(*) OVER (PARTITION BY user_id ORDER BY created_at RANGE '1 hour' PRECEDING) AS within_the_hour
    FROM replays.jobs) counted
WHERE within_the_hour > 5;

GRANT USAGE ON SCHEMA replays TO podium_consumer, podium_stream, podium_reader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA replays TO podium_consumer;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA replays TO podium_consumer;
GRANT SELECT ON ALL TABLES IN SCHEMA replays TO podium_stream, podium_reader;

REVOKE SELECT ON replays.scrape_failures FROM podium_reader;

REVOKE SELECT ON replays.scraped_data FROM podium_reader;

REVOKE SELECT ON replays.users FROM podium_reader;

REVOKE SELECT ON replays.jobs FROM podium_reader;

REVOKE SELECT ON replays.replays FROM podium_reader;

REVOKE SELECT ON replays.decks FROM podium_reader;

REVOKE SELECT ON replays.games FROM podium_reader;

REVOKE SELECT ON replays.gfwl_team_submissions FROM podium_reader;

REVOKE SELECT ON replays.job_urls FROM podium_reader;

REVOKE SELECT ON replays.scrapes FROM podium_reader;

REVOKE SELECT ON replays.discoveries FROM podium_reader;

REVOKE SELECT ON replays.confirmations FROM podium_reader;

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
    CONSTRAINT ck_users_role CHECK (role IN ('user', 'admin')), 
    CONSTRAINT ck_users_email CHECK (email ~ '^[0-9a-z.!#$%%&''*+/=?^_`{|}~-]{1,64}@[0-9a-z.-]{1,190}$')
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
    CONSTRAINT ck_datasets_measures CHECK (sample_rate BETWEEN 1e-09 AND 1000000000000.0 AND size_bytes <= 9007199254740991), 
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
    CONSTRAINT ck_uploads_sizes CHECK (size_bytes BETWEEN 1 AND 9007199254740991 AND part_bytes > 0), 
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
    CONSTRAINT ck_denoised_seconds CHECK (trace >= 0 AND seconds BETWEEN 0 AND 1000000000.0)
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
    CONSTRAINT ck_measurements_finite CHECK (value BETWEEN -1e+300 AND 1e+300), 
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
    CONSTRAINT ck_results_output CHECK (traces > 0 AND samples > 0 AND sample_rate BETWEEN 1e-09 AND 1000000000000.0 AND size_bytes BETWEEN 1 AND 9007199254740991), 
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
CREATE FUNCTION seismic.segy_bytes(traces numeric, samples numeric, sample_bytes numeric, extended_headers numeric)
RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
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

REVOKE SELECT, INSERT, UPDATE ON seismic.users FROM podium_consumer;
GRANT SELECT (id, email, role, created_at, updated_at, latest_time, latest_id, latest_digest), INSERT (id, email, role, created_at, updated_at, latest_time, latest_id, latest_digest), UPDATE (id, email, role, created_at, updated_at, latest_time, latest_id, latest_digest) ON seismic.users TO podium_consumer;

REVOKE SELECT ON seismic.users FROM podium_stream;
GRANT SELECT (id, email, role, created_at, updated_at, latest_time, latest_id, latest_digest) ON seismic.users TO podium_stream;

REVOKE SELECT ON seismic.users FROM podium_reader;
GRANT SELECT (id, role, created_at, updated_at, latest_time, latest_id, latest_digest) ON seismic.users TO podium_reader;

CREATE SCHEMA chess;

CREATE SEQUENCE chess.auth_tokens_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.books_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.builds_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.clients_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.match_games_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.match_tasks_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.matches_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.networks_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.server_data_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.sprt_tasks_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.tasks_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.time_controls_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.training_games_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.training_runs_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.training_tasks_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.tune_param_sets_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.tune_tasks_id_seq AS BIGINT START WITH 1000000000000000;

CREATE SEQUENCE chess.users_id_seq AS BIGINT START WITH 1000000000000000;

CREATE TABLE chess.books (
    id BIGINT DEFAULT nextval('chess.books_id_seq') NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    sha256 TEXT NOT NULL, 
    url TEXT NOT NULL, 
    size_bytes BIGINT, 
    format TEXT, 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    CONSTRAINT pk_books PRIMARY KEY (id), 
    CONSTRAINT uq_books_sha256 UNIQUE (sha256), 
    CONSTRAINT ck_books_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'), 
    CONSTRAINT ck_books_size_bytes CHECK (size_bytes > 0), 
    CONSTRAINT ck_books_format CHECK (format IN ('pgn', 'epd'))
);

ALTER SEQUENCE chess.books_id_seq OWNED BY chess.books.id;

COMMENT ON COLUMN chess.books.sha256 IS 'of the book''s bytes: its address in the store';

CREATE TABLE chess.builds (
    id BIGINT DEFAULT nextval('chess.builds_id_seq') NOT NULL, 
    repo_url TEXT NOT NULL, 
    commit_hash TEXT NOT NULL, 
    params TEXT NOT NULL, 
    CONSTRAINT pk_builds PRIMARY KEY (id), 
    CONSTRAINT uq_builds_repo_url_commit_hash_params UNIQUE (repo_url, commit_hash, params), 
    CONSTRAINT ck_builds_commit_hash CHECK (commit_hash ~ '^[0-9a-f]{40}$')
);

ALTER SEQUENCE chess.builds_id_seq OWNED BY chess.builds.id;

COMMENT ON COLUMN chess.builds.params IS 'JSON object of build options';

CREATE TABLE chess.networks (
    id BIGINT DEFAULT nextval('chess.networks_id_seq') NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    training_run_id BIGINT, 
    network_number BIGINT, 
    sha TEXT, 
    path TEXT, 
    layers INTEGER, 
    filters INTEGER, 
    games_played INTEGER DEFAULT 0, 
    elo DOUBLE PRECISION, 
    anchor BOOLEAN DEFAULT false, 
    elo_set BOOLEAN DEFAULT false, 
    uploaded_by TEXT, 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_networks PRIMARY KEY (id), 
    CONSTRAINT ck_networks_sha CHECK (sha ~ '^[0-9a-f]{64}$'), 
    CONSTRAINT ck_networks_elo CHECK (num_nulls(elo) = 0 OR NOT (elo_set OR anchor)), 
    CONSTRAINT ck_networks_elo_range CHECK (abs(elo) <= 10000.0)
);

CREATE INDEX idx_networks_sha ON chess.networks (sha);

CREATE INDEX idx_networks_training_run_id ON chess.networks (training_run_id, network_number);

ALTER SEQUENCE chess.networks_id_seq OWNED BY chess.networks.id;

COMMENT ON COLUMN chess.networks.network_number IS 'within the run';

COMMENT ON COLUMN chess.networks.sha IS 'SHA-256 of the uncompressed weights, hex';

COMMENT ON COLUMN chess.networks.games_played IS 'training games recorded: derived';

COMMENT ON COLUMN chess.networks.anchor IS 'its rating never changes';

COMMENT ON COLUMN chess.networks.elo_set IS 'the rating comes from the offline rating job';

COMMENT ON COLUMN chess.networks.uploaded_by IS 'developer, where it did not come from training';

CREATE TABLE chess.server_data (
    id BIGINT DEFAULT nextval('chess.server_data_id_seq') NOT NULL, 
    training_pgn_uploaded INTEGER, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_server_data PRIMARY KEY (id)
);

ALTER SEQUENCE chess.server_data_id_seq OWNED BY chess.server_data.id;

CREATE TABLE chess.tasks (
    id BIGINT DEFAULT nextval('chess.tasks_id_seq') NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    task_type TEXT NOT NULL, 
    status TEXT DEFAULT 'PENDING' NOT NULL, 
    description TEXT, 
    priority INTEGER DEFAULT 0 NOT NULL, 
    throughput INTEGER DEFAULT 100 NOT NULL, 
    digest BYTEA, 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_tasks PRIMARY KEY (id), 
    CONSTRAINT ck_tasks_task_type CHECK (task_type IN ('TRAINING', 'MATCH', 'SPRT', 'TUNE')), 
    CONSTRAINT ck_tasks_throughput CHECK (throughput > 0)
);

CREATE INDEX idx_tasks_task_type_status ON chess.tasks (task_type, status, priority DESC, id);

ALTER SEQUENCE chess.tasks_id_seq OWNED BY chess.tasks.id;

COMMENT ON COLUMN chess.tasks.priority IS 'greater goes first';

COMMENT ON COLUMN chess.tasks.throughput IS 'share among equals, in percent';

COMMENT ON COLUMN chess.tasks.digest IS 'digest of the data of the event that made the task';

CREATE TABLE chess.time_controls (
    id BIGINT DEFAULT nextval('chess.time_controls_id_seq') NOT NULL, 
    kind VARCHAR(32) NOT NULL, 
    base_ms BIGINT, 
    increment_ms BIGINT, 
    nodes BIGINT, 
    CONSTRAINT pk_time_controls PRIMARY KEY (id), 
    CONSTRAINT ck_time_controls_kind CHECK (CASE kind WHEN 'time_based' THEN base_ms BETWEEN 0 AND 1000000000 AND increment_ms BETWEEN 0 AND 1000000000 AND base_ms + increment_ms > 0 AND nodes IS NULL WHEN 'nodes_per_move' THEN nodes > 0 AND num_nonnulls(base_ms, increment_ms) = 0 ELSE false END), 
    CONSTRAINT uq_time_controls_kind_base_ms_increment_ms_nodes UNIQUE NULLS NOT DISTINCT (kind, base_ms, increment_ms, nodes)
);

ALTER SEQUENCE chess.time_controls_id_seq OWNED BY chess.time_controls.id;

CREATE TABLE chess.users (
    id BIGINT DEFAULT nextval('chess.users_id_seq') NOT NULL, 
    username TEXT, 
    password TEXT, 
    assigned_training_run_id BIGINT, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_users PRIMARY KEY (id)
);

ALTER SEQUENCE chess.users_id_seq OWNED BY chess.users.id;

COMMENT ON COLUMN chess.users.password IS 'secret: never in an event';

CREATE TABLE chess.auth_tokens (
    id BIGINT DEFAULT nextval('chess.auth_tokens_id_seq') NOT NULL, 
    token TEXT, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    user_id BIGINT, 
    last_used_at TIMESTAMP WITH TIME ZONE, 
    issued_reason TEXT, 
    client_version TEXT, 
    client_host TEXT, 
    gpu_type TEXT, 
    gpu_id INTEGER, 
    prefix TEXT, 
    issuer TEXT, 
    subject TEXT, 
    expires_at TIMESTAMP WITH TIME ZONE, 
    rotated_from BIGINT, 
    status TEXT DEFAULT 'ISSUED' NOT NULL, 
    revoked_at TIMESTAMP WITH TIME ZONE, 
    grace_seconds INTEGER, 
    revoked_reason TEXT, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_auth_tokens PRIMARY KEY (id), 
    CONSTRAINT uq_auth_tokens_token UNIQUE (token), 
    CONSTRAINT ck_auth_tokens_token CHECK (token IS NOT NULL AND token ~ '^[0-9a-f]{64}$'), 
    CONSTRAINT ck_auth_tokens_grace_seconds CHECK (grace_seconds BETWEEN 0 AND 86400), 
    CONSTRAINT ck_auth_tokens_issuer CHECK (num_nonnulls(issuer, subject) <> 1), 
    CONSTRAINT ck_auth_tokens_revoked_at CHECK ((status = 'ISSUED') = (revoked_at IS NULL)), 
    CONSTRAINT fk_auth_tokens_user_id FOREIGN KEY(user_id) REFERENCES chess.users (id), 
    CONSTRAINT fk_auth_tokens_rotated_from FOREIGN KEY(rotated_from) REFERENCES chess.auth_tokens (id)
);

CREATE INDEX idx_auth_tokens_last_used_at ON chess.auth_tokens (last_used_at);

CREATE INDEX idx_auth_tokens_user_id ON chess.auth_tokens (user_id);

ALTER SEQUENCE chess.auth_tokens_id_seq OWNED BY chess.auth_tokens.id;

COMMENT ON COLUMN chess.auth_tokens.token IS 'SHA-256 of the token, hex; the token itself is nowhere';

COMMENT ON COLUMN chess.auth_tokens.user_id IS 'NULL: anonymous';

COMMENT ON COLUMN chess.auth_tokens.prefix IS 'first characters of the token, for people';

COMMENT ON COLUMN chess.auth_tokens.issuer IS 'of the account behind it, with its subject: the way to another source of users';

COMMENT ON COLUMN chess.auth_tokens.rotated_from IS 'what this one replaces';

COMMENT ON COLUMN chess.auth_tokens.grace_seconds IS 'how long it stays valid after revoked_at: a rotation leaves a day';

CREATE TABLE chess.clients (
    id BIGINT DEFAULT nextval('chess.clients_id_seq') NOT NULL, 
    user_id BIGINT, 
    client_name TEXT, 
    last_version BIGINT, 
    last_engine_version TEXT, 
    last_game_at TIMESTAMP WITH TIME ZONE, 
    gpu_name TEXT, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_clients PRIMARY KEY (id), 
    CONSTRAINT fk_clients_user_id FOREIGN KEY(user_id) REFERENCES chess.users (id)
);

ALTER SEQUENCE chess.clients_id_seq OWNED BY chess.clients.id;

CREATE TABLE chess.matches (
    id BIGINT DEFAULT nextval('chess.matches_id_seq') NOT NULL, 
    training_run_id BIGINT, 
    parameters TEXT, 
    candidate_id BIGINT, 
    current_best_id BIGINT, 
    games_created INTEGER, 
    wins INTEGER, 
    losses INTEGER, 
    draws INTEGER, 
    game_cap INTEGER, 
    done BOOLEAN, 
    passed BOOLEAN, 
    test_only BOOLEAN, 
    special_params BOOLEAN, 
    target_slice INTEGER, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_matches PRIMARY KEY (id), 
    CONSTRAINT fk_matches_candidate_id FOREIGN KEY(candidate_id) REFERENCES chess.networks (id), 
    CONSTRAINT fk_matches_current_best_id FOREIGN KEY(current_best_id) REFERENCES chess.networks (id)
);

ALTER SEQUENCE chess.matches_id_seq OWNED BY chess.matches.id;

CREATE TABLE chess.network_marks (
    network_id BIGINT NOT NULL, 
    kind TEXT NOT NULL, 
    marked BOOLEAN NOT NULL, 
    set_by TEXT NOT NULL, 
    set_at TIMESTAMP WITH TIME ZONE DEFAULT now(), 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    CONSTRAINT pk_network_marks PRIMARY KEY (network_id, kind), 
    CONSTRAINT ck_network_marks_kind CHECK (kind IN ('RELEASE', 'DEV_UPLOAD', 'APPROVED')), 
    CONSTRAINT fk_network_marks_network_id FOREIGN KEY(network_id) REFERENCES chess.networks (id)
);

COMMENT ON COLUMN chess.network_marks.marked IS 'false: taken back';

CREATE TABLE chess.sprt_tasks (
    id BIGINT DEFAULT nextval('chess.sprt_tasks_id_seq') NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    task_id BIGINT, 
    baseline_network_id BIGINT, 
    baseline_params_args TEXT, 
    baseline_params_uci_options TEXT, 
    candidate_network_id BIGINT, 
    candidate_params_args TEXT, 
    candidate_params_uci_options TEXT, 
    opening_book_id BIGINT, 
    time_control_type VARCHAR(32), 
    base_time_seconds DOUBLE PRECISION, 
    increment_seconds DOUBLE PRECISION, 
    nodes_per_move BIGINT, 
    time_control_id BIGINT NOT NULL, 
    scale_method TEXT DEFAULT 'DEV' NOT NULL, 
    scale_nps BIGINT, 
    elo0 DOUBLE PRECISION NOT NULL, 
    elo1 DOUBLE PRECISION NOT NULL, 
    alpha DOUBLE PRECISION NOT NULL, 
    beta DOUBLE PRECISION NOT NULL, 
    model TEXT NOT NULL, 
    lower DOUBLE PRECISION NOT NULL, 
    upper DOUBLE PRECISION NOT NULL, 
    wins INTEGER DEFAULT 0 NOT NULL, 
    losses INTEGER DEFAULT 0 NOT NULL, 
    draws INTEGER DEFAULT 0 NOT NULL, 
    ll INTEGER DEFAULT 0 NOT NULL, 
    ld INTEGER DEFAULT 0 NOT NULL, 
    dd INTEGER DEFAULT 0 NOT NULL, 
    dw INTEGER DEFAULT 0 NOT NULL, 
    ww INTEGER DEFAULT 0 NOT NULL, 
    unpaired INTEGER DEFAULT 0 NOT NULL, 
    crashes INTEGER DEFAULT 0 NOT NULL, 
    timeouts INTEGER DEFAULT 0 NOT NULL, 
    late INTEGER DEFAULT 0 NOT NULL, 
    verdict TEXT, 
    llr DOUBLE PRECISION, 
    decided_at TIMESTAMP WITH TIME ZONE, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_sprt_tasks PRIMARY KEY (id), 
    CONSTRAINT uq_sprt_tasks_task_id UNIQUE (task_id), 
    CONSTRAINT ck_sprt_tasks_time_control CHECK (CASE time_control_type WHEN 'time_based' THEN base_time_seconds BETWEEN 0 AND 1000000 AND increment_seconds BETWEEN 0 AND 1000000 AND base_time_seconds + increment_seconds > 0 AND nodes_per_move IS NULL WHEN 'nodes_per_move' THEN nodes_per_move > 0 AND num_nonnulls(base_time_seconds, increment_seconds) = 0 ELSE false END), 
    CONSTRAINT fk_sprt_tasks_time_control_id FOREIGN KEY(time_control_id) REFERENCES chess.time_controls (id), 
    CONSTRAINT ck_sprt_tasks_baseline_params_args CHECK (baseline_params_args IS JSON ARRAY), 
    CONSTRAINT ck_sprt_tasks_baseline_params_uci_options CHECK (baseline_params_uci_options IS JSON OBJECT), 
    CONSTRAINT ck_sprt_tasks_candidate_params_args CHECK (candidate_params_args IS JSON ARRAY), 
    CONSTRAINT ck_sprt_tasks_candidate_params_uci_options CHECK (candidate_params_uci_options IS JSON OBJECT), 
    CONSTRAINT ck_sprt_tasks_scale_method CHECK (scale_method IN ('DEV', 'BASE', 'BOTH')), 
    CONSTRAINT ck_sprt_tasks_model CHECK (model IN ('normalized', 'logistic', 'bayesian')), 
    CONSTRAINT ck_sprt_tasks_hypotheses CHECK (elo0 < elo1 AND greatest(-elo0, elo1) <= CASE model WHEN 'normalized' THEN 200.0 ELSE 1000.0 END AND least(alpha, beta) >= 0.000000001 AND alpha + beta < 1), 
    CONSTRAINT ck_sprt_tasks_verdict CHECK (verdict IN ('accepted', 'rejected')), 
    CONSTRAINT fk_sprt_tasks_task_id FOREIGN KEY(task_id) REFERENCES chess.tasks (id) ON DELETE CASCADE, 
    CONSTRAINT fk_sprt_tasks_baseline_network_id FOREIGN KEY(baseline_network_id) REFERENCES chess.networks (id), 
    CONSTRAINT fk_sprt_tasks_candidate_network_id FOREIGN KEY(candidate_network_id) REFERENCES chess.networks (id), 
    CONSTRAINT fk_sprt_tasks_opening_book_id FOREIGN KEY(opening_book_id) REFERENCES chess.books (id)
)
 WITH (fillfactor = 50);

ALTER SEQUENCE chess.sprt_tasks_id_seq OWNED BY chess.sprt_tasks.id;

COMMENT ON COLUMN chess.sprt_tasks.scale_nps IS 'nodes per second that the time control is meant for';

COMMENT ON COLUMN chess.sprt_tasks.lower IS 'ln(beta / (1 - alpha))';

COMMENT ON COLUMN chess.sprt_tasks.upper IS 'ln((1 - beta) / alpha)';

COMMENT ON COLUMN chess.sprt_tasks.llr IS 'at the decision';

CREATE TABLE chess.training_runs (
    id BIGINT DEFAULT nextval('chess.training_runs_id_seq') NOT NULL, 
    best_network_id BIGINT, 
    description TEXT, 
    train_parameters TEXT, 
    match_parameters TEXT, 
    train_book TEXT, 
    match_book TEXT, 
    active BOOLEAN, 
    last_network BIGINT, 
    last_game BIGINT, 
    permission_expr TEXT, 
    multi_net_mode BOOLEAN, 
    first_network_id BIGINT, 
    latest_time TIMESTAMP WITH TIME ZONE, 
    latest_id UUID, 
    latest_digest BYTEA, 
    CONSTRAINT pk_training_runs PRIMARY KEY (id), 
    CONSTRAINT fk_training_runs_best_network_id FOREIGN KEY(best_network_id) REFERENCES chess.networks (id), 
    CONSTRAINT fk_training_runs_first_network_id FOREIGN KEY(first_network_id) REFERENCES chess.networks (id)
);

ALTER SEQUENCE chess.training_runs_id_seq OWNED BY chess.training_runs.id;

COMMENT ON COLUMN chess.training_runs.best_network_id IS 'the first, then as promoted: derived';

COMMENT ON COLUMN chess.training_runs.last_network IS 'greatest network number: derived';

COMMENT ON COLUMN chess.training_runs.last_game IS 'greatest game number: derived';

COMMENT ON COLUMN chess.training_runs.first_network_id IS 'best before any promotion';

CREATE TABLE chess.tune_tasks (
    id BIGINT DEFAULT nextval('chess.tune_tasks_id_seq') NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    task_id BIGINT, 
    build_repo_url TEXT, 
    build_commit_hash TEXT, 
    build_params TEXT, 
    tune_network_id BIGINT, 
    opening_book_id BIGINT, 
    games_per_param_set INTEGER, 
    time_control_type VARCHAR(32), 
    base_time_seconds DOUBLE PRECISION, 
    increment_seconds DOUBLE PRECISION, 
    nodes_per_move BIGINT, 
    time_control_id BIGINT NOT NULL, 
    build_id BIGINT NOT NULL, 
    param_sets INTEGER NOT NULL, 
    spsa JSONB, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_tune_tasks PRIMARY KEY (id), 
    CONSTRAINT uq_tune_tasks_task_id UNIQUE (task_id), 
    CONSTRAINT ck_tune_tasks_time_control CHECK (CASE time_control_type WHEN 'time_based' THEN base_time_seconds BETWEEN 0 AND 1000000 AND increment_seconds BETWEEN 0 AND 1000000 AND base_time_seconds + increment_seconds > 0 AND nodes_per_move IS NULL WHEN 'nodes_per_move' THEN nodes_per_move > 0 AND num_nonnulls(base_time_seconds, increment_seconds) = 0 ELSE false END), 
    CONSTRAINT fk_tune_tasks_time_control_id FOREIGN KEY(time_control_id) REFERENCES chess.time_controls (id), 
    CONSTRAINT ck_tune_tasks_games CHECK (games_per_param_set > 0 AND param_sets > 0), 
    CONSTRAINT fk_tune_tasks_task_id FOREIGN KEY(task_id) REFERENCES chess.tasks (id) ON DELETE CASCADE, 
    CONSTRAINT fk_tune_tasks_tune_network_id FOREIGN KEY(tune_network_id) REFERENCES chess.networks (id), 
    CONSTRAINT fk_tune_tasks_opening_book_id FOREIGN KEY(opening_book_id) REFERENCES chess.books (id), 
    CONSTRAINT fk_tune_tasks_build_id FOREIGN KEY(build_id) REFERENCES chess.builds (id)
);

ALTER SEQUENCE chess.tune_tasks_id_seq OWNED BY chess.tune_tasks.id;

COMMENT ON COLUMN chess.tune_tasks.param_sets IS 'how many there will be';

COMMENT ON COLUMN chess.tune_tasks.spsa IS 'settings of the tuning, where it is SPSA';

CREATE TABLE chess.match_games (
    id BIGINT DEFAULT nextval('chess.match_games_id_seq') NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    user_id BIGINT, 
    match_id BIGINT, 
    version BIGINT, 
    pgn TEXT, 
    result INTEGER, 
    done BOOLEAN, 
    flip BOOLEAN, 
    engine_version TEXT, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_match_games PRIMARY KEY (id), 
    CONSTRAINT ck_match_games_result CHECK (result IN (-1, 0, 1)), 
    CONSTRAINT fk_match_games_match_id FOREIGN KEY(match_id) REFERENCES chess.matches (id)
);

CREATE INDEX idx_match_games_match_id ON chess.match_games (match_id);

ALTER SEQUENCE chess.match_games_id_seq OWNED BY chess.match_games.id;

COMMENT ON COLUMN chess.match_games.result IS 'the candidate''s: 1, 0, -1; without `done` it says nothing';

COMMENT ON COLUMN chess.match_games.flip IS 'the candidate was Black; the result is turned already';

CREATE TABLE chess.task_assignments (
    task_id BIGINT NOT NULL, 
    assignment_id BIGINT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    assigned_token_id BIGINT, 
    gpu_id INTEGER, 
    assigned_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    last_heartbeat_at TIMESTAMP WITH TIME ZONE, 
    status TEXT DEFAULT 'ACTIVE' NOT NULL, 
    ended_at TIMESTAMP WITH TIME ZONE, 
    reason TEXT, 
    measured_nps BIGINT, 
    scale_factor DOUBLE PRECISION, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_task_assignments PRIMARY KEY (task_id, assignment_id), 
    CONSTRAINT ck_task_assignments_scale_factor CHECK (scale_factor BETWEEN 0.001 AND 1000.0), 
    CONSTRAINT fk_task_assignments_task_id FOREIGN KEY(task_id) REFERENCES chess.tasks (id), 
    CONSTRAINT fk_task_assignments_assigned_token_id FOREIGN KEY(assigned_token_id) REFERENCES chess.auth_tokens (id)
);

CREATE INDEX idx_task_assignments_active ON chess.task_assignments (last_heartbeat_at) WHERE status = 'ACTIVE';

CREATE INDEX idx_task_assignments_assigned_token_id ON chess.task_assignments (assigned_token_id);

COMMENT ON COLUMN chess.task_assignments.scale_factor IS 'what the time control was multiplied by';

CREATE TABLE chess.training_games (
    id BIGINT DEFAULT nextval('chess.training_games_id_seq') NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), 
    user_id BIGINT, 
    client_id BIGINT, 
    training_run_id BIGINT, 
    network_id BIGINT, 
    game_number BIGINT, 
    version BIGINT, 
    compacted BOOLEAN, 
    engine_version TEXT, 
    resign_fp_threshold DOUBLE PRECISION, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_training_games PRIMARY KEY (id), 
    CONSTRAINT fk_training_games_user_id FOREIGN KEY(user_id) REFERENCES chess.users (id), 
    CONSTRAINT fk_training_games_client_id FOREIGN KEY(client_id) REFERENCES chess.clients (id), 
    CONSTRAINT fk_training_games_training_run_id FOREIGN KEY(training_run_id) REFERENCES chess.training_runs (id), 
    CONSTRAINT fk_training_games_network_id FOREIGN KEY(network_id) REFERENCES chess.networks (id)
);

CREATE INDEX idx_training_games_client_id ON chess.training_games (client_id);

CREATE INDEX idx_training_games_created_at ON chess.training_games (created_at);

CREATE INDEX idx_training_games_network_id ON chess.training_games (network_id);

CREATE INDEX idx_training_games_training_run_id ON chess.training_games (training_run_id, game_number);

CREATE INDEX idx_training_games_user_id ON chess.training_games (user_id);

ALTER SEQUENCE chess.training_games_id_seq OWNED BY chess.training_games.id;

CREATE TABLE chess.training_tasks (
    id BIGINT DEFAULT nextval('chess.training_tasks_id_seq') NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    task_id BIGINT, 
    training_run_id BIGINT, 
    train_book_id BIGINT, 
    match_book_id BIGINT, 
    train_parameters TEXT, 
    match_parameters TEXT, 
    best_network_id BIGINT, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_training_tasks PRIMARY KEY (id), 
    CONSTRAINT uq_training_tasks_task_id UNIQUE (task_id), 
    CONSTRAINT fk_training_tasks_task_id FOREIGN KEY(task_id) REFERENCES chess.tasks (id) ON DELETE CASCADE, 
    CONSTRAINT fk_training_tasks_training_run_id FOREIGN KEY(training_run_id) REFERENCES chess.training_runs (id), 
    CONSTRAINT fk_training_tasks_train_book_id FOREIGN KEY(train_book_id) REFERENCES chess.books (id), 
    CONSTRAINT fk_training_tasks_match_book_id FOREIGN KEY(match_book_id) REFERENCES chess.books (id), 
    CONSTRAINT fk_training_tasks_best_network_id FOREIGN KEY(best_network_id) REFERENCES chess.networks (id)
);

CREATE INDEX idx_training_tasks_training_run_id ON chess.training_tasks (training_run_id);

ALTER SEQUENCE chess.training_tasks_id_seq OWNED BY chess.training_tasks.id;

COMMENT ON COLUMN chess.training_tasks.best_network_id IS 'the run''s best: derived';

CREATE TABLE chess.tune_outputs (
    task_id BIGINT NOT NULL, 
    iteration INTEGER NOT NULL, 
    kind TEXT NOT NULL, 
    param_set_id TEXT, 
    params JSONB NOT NULL, 
    est_elo DOUBLE PRECISION, 
    ci_low DOUBLE PRECISION, 
    ci_high DOUBLE PRECISION, 
    published_at TIMESTAMP WITH TIME ZONE DEFAULT now(), 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_tune_outputs PRIMARY KEY (task_id, iteration, kind), 
    CONSTRAINT ck_tune_outputs_kind CHECK (kind IN ('HISTORY', 'OPTIMUM', 'FINAL')), 
    CONSTRAINT ck_tune_outputs_interval CHECK (ci_low <= est_elo AND est_elo <= ci_high), 
    CONSTRAINT ck_tune_outputs_range CHECK (greatest(abs(est_elo), abs(ci_low), abs(ci_high)) <= 10000.0), 
    CONSTRAINT fk_tune_outputs_task_id FOREIGN KEY(task_id) REFERENCES chess.tune_tasks (task_id)
);

COMMENT ON COLUMN chess.tune_outputs.params IS 'parameter -> value';

CREATE TABLE chess.tune_param_sets (
    id BIGINT DEFAULT nextval('chess.tune_param_sets_id_seq') NOT NULL, 
    tune_task_id BIGINT, 
    param_set_id TEXT, 
    params_args TEXT, 
    params_uci_options TEXT, 
    status TEXT DEFAULT 'OPEN' NOT NULL, 
    wins INTEGER DEFAULT 0 NOT NULL, 
    losses INTEGER DEFAULT 0 NOT NULL, 
    draws INTEGER DEFAULT 0 NOT NULL, 
    ll INTEGER DEFAULT 0 NOT NULL, 
    ld INTEGER DEFAULT 0 NOT NULL, 
    dd INTEGER DEFAULT 0 NOT NULL, 
    dw INTEGER DEFAULT 0 NOT NULL, 
    ww INTEGER DEFAULT 0 NOT NULL, 
    unpaired INTEGER DEFAULT 0 NOT NULL, 
    crashes INTEGER DEFAULT 0 NOT NULL, 
    timeouts INTEGER DEFAULT 0 NOT NULL, 
    late INTEGER DEFAULT 0 NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_tune_param_sets PRIMARY KEY (id), 
    CONSTRAINT uq_tune_param_sets_tune_task_id_param_set_id UNIQUE (tune_task_id, param_set_id), 
    CONSTRAINT ck_tune_param_sets_params_args CHECK (params_args IS JSON ARRAY), 
    CONSTRAINT ck_tune_param_sets_params_uci_options CHECK (params_uci_options IS JSON OBJECT), 
    CONSTRAINT ck_tune_param_sets_param_set_id CHECK (num_nulls(tune_task_id, param_set_id) = 0), 
    CONSTRAINT ck_tune_param_sets_status CHECK (status IN ('OPEN', 'DONE')), 
    CONSTRAINT fk_tune_param_sets_tune_task_id FOREIGN KEY(tune_task_id) REFERENCES chess.tune_tasks (id)
)
 WITH (fillfactor = 50);

ALTER SEQUENCE chess.tune_param_sets_id_seq OWNED BY chess.tune_param_sets.id;

COMMENT ON COLUMN chess.tune_param_sets.status IS 'DONE from games_per_param_set on';

CREATE TABLE chess.game_results (
    task_id BIGINT NOT NULL, 
    pair_key TEXT NOT NULL, 
    seq SMALLINT NOT NULL, 
    param_set_id TEXT, 
    assignment_id BIGINT, 
    result SMALLINT, 
    candidate_is_white BOOLEAN NOT NULL, 
    detailed_outcome TEXT, 
    crash_type TEXT, 
    played_at TIMESTAMP WITH TIME ZONE DEFAULT now(), 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_game_results PRIMARY KEY (task_id, pair_key, seq), 
    CONSTRAINT ck_game_results_seq CHECK (seq IN (1, 2)), 
    CONSTRAINT ck_game_results_result CHECK (result IN (-1, 0, 1)), 
    CONSTRAINT ck_game_results_crashed CHECK (num_nonnulls(result, crash_type) = 1), 
    CONSTRAINT ck_game_results_detailed_outcome CHECK (detailed_outcome IN ('CHECKMATE', 'STALEMATE', 'ADJUDICATION', 'RESIGNATION', 'TIMEOUT')), 
    CONSTRAINT ck_game_results_crash_type CHECK (crash_type IN ('SIGSEGV', 'INVALID_MOVE', 'TIMEOUT'))
);

COMMENT ON COLUMN chess.game_results.pair_key IS 'of the two games of one opening; a lone game has its own';

COMMENT ON COLUMN chess.game_results.seq IS '1 or 2 within the pair';

COMMENT ON COLUMN chess.game_results.param_set_id IS 'where the task is a tuning';

COMMENT ON COLUMN chess.game_results.result IS '1 the candidate won, 0 draw, -1 it lost; NULL: crashed';

CREATE TABLE chess.match_tasks (
    id BIGINT DEFAULT nextval('chess.match_tasks_id_seq') NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    task_id BIGINT, 
    training_task_id BIGINT, 
    candidate_network_id BIGINT, 
    current_best_network_id BIGINT, 
    games_created INTEGER DEFAULT 0, 
    wins INTEGER DEFAULT 0, 
    losses INTEGER DEFAULT 0, 
    draws INTEGER DEFAULT 0, 
    done BOOLEAN DEFAULT false, 
    passed BOOLEAN DEFAULT false, 
    ll INTEGER DEFAULT 0 NOT NULL, 
    ld INTEGER DEFAULT 0 NOT NULL, 
    dd INTEGER DEFAULT 0 NOT NULL, 
    dw INTEGER DEFAULT 0 NOT NULL, 
    ww INTEGER DEFAULT 0 NOT NULL, 
    unpaired INTEGER DEFAULT 0 NOT NULL, 
    crashes INTEGER DEFAULT 0 NOT NULL, 
    timeouts INTEGER DEFAULT 0 NOT NULL, 
    late INTEGER DEFAULT 0 NOT NULL, 
    regression_of BIGINT, 
    game_cap INTEGER DEFAULT 600 NOT NULL, 
    threshold_elo DOUBLE PRECISION DEFAULT -50 NOT NULL, 
    test_only BOOLEAN DEFAULT false NOT NULL, 
    special_params BOOLEAN DEFAULT false NOT NULL, 
    target_slice SMALLINT DEFAULT 0 NOT NULL, 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_match_tasks PRIMARY KEY (id), 
    CONSTRAINT uq_match_tasks_task_id UNIQUE (task_id), 
    CONSTRAINT ck_match_tasks_training_task_id CHECK (num_nonnulls(training_task_id, regression_of) = 1), 
    CONSTRAINT ck_match_tasks_networks CHECK (candidate_network_id <> current_best_network_id), 
    CONSTRAINT ck_match_tasks_game_cap CHECK (game_cap > 0), 
    CONSTRAINT ck_match_tasks_threshold_elo CHECK (abs(threshold_elo) <= 10000.0), 
    CONSTRAINT ck_match_tasks_done CHECK (done OR NOT passed), 
    CONSTRAINT ck_match_tasks_test_only CHECK (NOT (passed AND test_only)), 
    CONSTRAINT ck_match_tasks_regression_of CHECK (regression_of IS NULL OR test_only), 
    CONSTRAINT ck_match_tasks_target_slice CHECK (target_slice BETWEEN 0 AND 3), 
    CONSTRAINT uq_match_tasks_training_task_id_candidate_network_id UNIQUE (training_task_id, candidate_network_id), 
    CONSTRAINT uq_match_tasks_regression_of_candidate_network_id_curre_9458 UNIQUE (regression_of, candidate_network_id, current_best_network_id), 
    CONSTRAINT fk_match_tasks_task_id FOREIGN KEY(task_id) REFERENCES chess.tasks (id) ON DELETE CASCADE, 
    CONSTRAINT fk_match_tasks_training_task_id FOREIGN KEY(training_task_id) REFERENCES chess.training_tasks (id), 
    CONSTRAINT fk_match_tasks_candidate_network_id FOREIGN KEY(candidate_network_id) REFERENCES chess.networks (id), 
    CONSTRAINT fk_match_tasks_current_best_network_id FOREIGN KEY(current_best_network_id) REFERENCES chess.networks (id), 
    CONSTRAINT fk_match_tasks_regression_of FOREIGN KEY(regression_of) REFERENCES chess.training_tasks (id)
)
 WITH (fillfactor = 50);

ALTER SEQUENCE chess.match_tasks_id_seq OWNED BY chess.match_tasks.id;

COMMENT ON COLUMN chess.match_tasks.games_created IS 'games heard of, whatever became of them';

COMMENT ON COLUMN chess.match_tasks.done IS 'decided';

COMMENT ON COLUMN chess.match_tasks.passed IS 'decided in the candidate''s favour';

COMMENT ON COLUMN chess.match_tasks.regression_of IS 'of a regression, in its place';

COMMENT ON COLUMN chess.match_tasks.threshold_elo IS 'passes strictly above';

COMMENT ON COLUMN chess.match_tasks.test_only IS 'never promotes';

COMMENT ON COLUMN chess.match_tasks.special_params IS 'never rated';

CREATE TABLE chess.promotions (
    training_run_id BIGINT NOT NULL, 
    match_task_id BIGINT NOT NULL, 
    network_id BIGINT NOT NULL, 
    expected_network_id BIGINT, 
    version INTEGER, 
    promoted_at TIMESTAMP WITH TIME ZONE DEFAULT now(), 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_promotions PRIMARY KEY (training_run_id, match_task_id), 
    CONSTRAINT fk_promotions_training_run_id FOREIGN KEY(training_run_id) REFERENCES chess.training_runs (id), 
    CONSTRAINT fk_promotions_match_task_id FOREIGN KEY(match_task_id) REFERENCES chess.match_tasks (task_id), 
    CONSTRAINT fk_promotions_network_id FOREIGN KEY(network_id) REFERENCES chess.networks (id), 
    CONSTRAINT fk_promotions_expected_network_id FOREIGN KEY(expected_network_id) REFERENCES chess.networks (id)
);

COMMENT ON COLUMN chess.promotions.expected_network_id IS 'the best that it was held against';

COMMENT ON COLUMN chess.promotions.version IS 'of the run''s best, from 1; NULL: stale, the best had moved on';

CREATE TABLE chess.verdicts (
    task_id BIGINT NOT NULL, 
    pair_key TEXT NOT NULL, 
    seq SMALLINT NOT NULL, 
    verdict TEXT NOT NULL, 
    wins INTEGER NOT NULL, 
    losses INTEGER NOT NULL, 
    draws INTEGER NOT NULL, 
    ll INTEGER NOT NULL, 
    ld INTEGER NOT NULL, 
    dd INTEGER NOT NULL, 
    dw INTEGER NOT NULL, 
    ww INTEGER NOT NULL, 
    elo DOUBLE PRECISION, 
    llr DOUBLE PRECISION, 
    lower DOUBLE PRECISION, 
    upper DOUBLE PRECISION, 
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now(), 
    place_partition INTEGER, 
    place_offset BIGINT, 
    CONSTRAINT pk_verdicts PRIMARY KEY (task_id), 
    CONSTRAINT fk_verdicts_task_id FOREIGN KEY(task_id) REFERENCES chess.tasks (id), 
    CONSTRAINT ck_verdicts_verdict CHECK (verdict IN ('accepted', 'rejected', 'passed', 'failed')), 
    CONSTRAINT ck_verdicts_counts CHECK (greatest(wins, losses, draws) <= 500000000), 
    CONSTRAINT ck_verdicts_elo CHECK (abs(elo) <= 10000.0), 
    CONSTRAINT ck_verdicts_ratios CHECK (greatest(abs(llr), abs(lower), abs(upper)) <= 1000000.0), 
    CONSTRAINT ck_verdicts_llr CHECK (CASE WHEN verdict IN ('accepted', 'rejected') THEN num_nulls(llr, lower, upper) = 0 AND CASE verdict WHEN 'accepted' THEN llr >= upper ELSE llr <= lower END ELSE num_nonnulls(llr, lower, upper) = 0 END)
);

COMMENT ON COLUMN chess.verdicts.pair_key IS 'the deciding game: the last one that counts';

COMMENT ON COLUMN chess.verdicts.elo IS 'of the candidate over its opponent; NULL: not finite';

ALTER TABLE chess.game_results ADD CONSTRAINT fk_game_results_task_id
    FOREIGN KEY (task_id) REFERENCES chess.tasks (id) NOT ENFORCED;
ALTER TABLE chess.game_results ADD CONSTRAINT fk_game_results_task_id_assignment_id
    FOREIGN KEY (task_id, assignment_id) REFERENCES chess.task_assignments (task_id, assignment_id) NOT ENFORCED;
ALTER TABLE chess.game_results ADD CONSTRAINT fk_game_results_task_id_param_set_id
    FOREIGN KEY (task_id, param_set_id) REFERENCES chess.tune_param_sets (tune_task_id, param_set_id) NOT ENFORCED;

ALTER TABLE chess.verdicts ADD CONSTRAINT fk_verdicts_task_id_pair_key_seq
    FOREIGN KEY (task_id, pair_key, seq) REFERENCES chess.game_results (task_id, pair_key, seq) NOT ENFORCED;

-- The life cycle task: ranks and moves of its states, as declared.
CREATE FUNCTION chess.task_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'PENDING' THEN 0 WHEN 'ACTIVE' THEN 1 WHEN 'DONE' THEN 2 WHEN 'CANCELLED' THEN 2 END;

CREATE FUNCTION chess.task_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING' THEN target IN ('ACTIVE', 'CANCELLED') WHEN 'ACTIVE' THEN target IN ('DONE', 'CANCELLED') ELSE false END;

CREATE FUNCTION chess.task_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING' THEN target IN ('ACTIVE', 'DONE', 'CANCELLED') WHEN 'ACTIVE' THEN target IN ('DONE', 'CANCELLED') ELSE false END;

CREATE FUNCTION chess.task_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'PENDING' OR CASE origin WHEN NULL THEN false ELSE false END;

-- The life cycle assignment: ranks and moves of its states, as declared.
CREATE FUNCTION chess.assignment_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'ACTIVE' THEN 0 WHEN 'COMPLETED' THEN 1 WHEN 'CANCELLED' THEN 1 WHEN 'EXPIRED' THEN 1 END;

CREATE FUNCTION chess.assignment_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'ACTIVE' THEN target IN ('COMPLETED', 'CANCELLED', 'EXPIRED') ELSE false END;

CREATE FUNCTION chess.assignment_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'ACTIVE' THEN target IN ('COMPLETED', 'CANCELLED', 'EXPIRED') ELSE false END;

CREATE FUNCTION chess.assignment_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'ACTIVE' OR CASE origin WHEN NULL THEN false ELSE false END;

-- The life cycle token: ranks and moves of its states, as declared.
CREATE FUNCTION chess.token_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state WHEN 'ISSUED' THEN 0 WHEN 'ROTATED' THEN 1 WHEN 'REVOKED' THEN 2 END;

CREATE FUNCTION chess.token_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'ISSUED' THEN target IN ('ROTATED', 'REVOKED') WHEN 'ROTATED' THEN target IN ('REVOKED') ELSE false END;

CREATE FUNCTION chess.token_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'ISSUED' THEN target IN ('ROTATED', 'REVOKED') WHEN 'ROTATED' THEN target IN ('REVOKED') ELSE false END;

CREATE FUNCTION chess.token_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN target = 'ISSUED' OR CASE origin WHEN NULL THEN false ELSE false END;

ALTER TABLE chess.auth_tokens ADD CONSTRAINT ck_auth_tokens_status CHECK (status IN ('ISSUED', 'ROTATED', 'REVOKED'));

-- auth_tokens: moves of status follow the life cycle token; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION chess.auth_tokens_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.status AS origin, n.status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.token = o.token
    WHERE CASE
        WHEN o.status IS NULL THEN true
        WHEN true THEN n.status <> o.status AND NOT CASE
            WHEN through_log THEN chess.token_reaches(o.status, n.status)
            ELSE chess.token_moves(o.status, n.status) END
        WHEN false THEN NOT (through_log OR chess.token_reopens(o.status, n.status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle token, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER auth_tokens_100_guard AFTER UPDATE ON chess.auth_tokens
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION chess.auth_tokens_100_guard();
ALTER TABLE chess.auth_tokens ENABLE ALWAYS TRIGGER auth_tokens_100_guard;

ALTER TABLE chess.tasks ADD CONSTRAINT ck_tasks_status CHECK (status IN ('PENDING', 'ACTIVE', 'DONE', 'CANCELLED'));

-- tasks: moves of status follow the life cycle task; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION chess.tasks_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.status AS origin, n.status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.id = o.id
    WHERE CASE
        WHEN o.status IS NULL THEN true
        WHEN true THEN n.status <> o.status AND NOT CASE
            WHEN through_log THEN chess.task_reaches(o.status, n.status)
            ELSE chess.task_moves(o.status, n.status) END
        WHEN false THEN NOT (through_log OR chess.task_reopens(o.status, n.status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle task, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER tasks_100_guard AFTER UPDATE ON chess.tasks
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION chess.tasks_100_guard();
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_100_guard;

ALTER TABLE chess.task_assignments ADD CONSTRAINT ck_task_assignments_status CHECK (status IN ('ACTIVE', 'COMPLETED', 'CANCELLED', 'EXPIRED'));

-- task_assignments: moves of status follow the life cycle assignment; its key never changes. Events overtake each other, so
-- what comes through the log need only reach the new state; everybody else makes direct moves.
CREATE FUNCTION chess.task_assignments_100_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_nestloop = off AS $guard$
DECLARE
    through_log constant boolean := session_user = 'podium_consumer';
    illegal record;
BEGIN
    SELECT o.status AS origin, n.status AS target, to_jsonb(n) AS entry INTO illegal
    FROM new_rows n LEFT JOIN old_rows o ON n.task_id = o.task_id AND n.assignment_id = o.assignment_id
    WHERE CASE
        WHEN o.status IS NULL THEN true
        WHEN true THEN n.status <> o.status AND NOT CASE
            WHEN through_log THEN chess.assignment_reaches(o.status, n.status)
            ELSE chess.assignment_moves(o.status, n.status) END
        WHEN false THEN NOT (through_log OR chess.assignment_reopens(o.status, n.status))
        ELSE true END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: % cannot become %', TG_TABLE_NAME, coalesce(illegal.origin, 'another key'), illegal.target
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            DETAIL = left(illegal.entry::text, 1000),
            HINT = 'Make a legal move of the life cycle assignment, or open the next epoch or attempt.';
    END IF;
    RETURN NULL;
END
$guard$;

CREATE TRIGGER task_assignments_100_guard AFTER UPDATE ON chess.task_assignments
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION chess.task_assignments_100_guard();
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_100_guard;

CREATE TRIGGER builds_100_immutable BEFORE UPDATE OF id, repo_url, commit_hash, params ON chess.builds
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.builds ENABLE ALWAYS TRIGGER builds_100_immutable;

CREATE TRIGGER networks_100_immutable BEFORE UPDATE OF id, created_at, training_run_id, network_number, sha, path, layers, filters, anchor, uploaded_by, place_partition, place_offset ON chess.networks
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_100_immutable;

CREATE TRIGGER server_data_100_immutable BEFORE UPDATE OF id, training_pgn_uploaded, place_partition, place_offset ON chess.server_data
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.server_data ENABLE ALWAYS TRIGGER server_data_100_immutable;

CREATE TRIGGER tasks_100_immutable BEFORE UPDATE OF id, created_at, task_type, description, digest, place_partition, place_offset ON chess.tasks
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_100_immutable;

CREATE TRIGGER time_controls_100_immutable BEFORE UPDATE OF id, kind, base_ms, increment_ms, nodes ON chess.time_controls
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.time_controls ENABLE ALWAYS TRIGGER time_controls_100_immutable;

CREATE TRIGGER users_100_immutable BEFORE UPDATE OF id, username, assigned_training_run_id, place_partition, place_offset ON chess.users
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.users ENABLE ALWAYS TRIGGER users_100_immutable;

CREATE TRIGGER auth_tokens_100_immutable BEFORE UPDATE OF id, token, created_at, user_id, issued_reason, prefix, issuer, subject, expires_at, rotated_from, place_partition, place_offset ON chess.auth_tokens
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.auth_tokens ENABLE ALWAYS TRIGGER auth_tokens_100_immutable;

CREATE TRIGGER clients_100_immutable BEFORE UPDATE OF id, user_id, client_name, last_version, last_engine_version, last_game_at, gpu_name, place_partition, place_offset ON chess.clients
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.clients ENABLE ALWAYS TRIGGER clients_100_immutable;

CREATE TRIGGER matches_100_immutable BEFORE UPDATE OF id, training_run_id, parameters, candidate_id, current_best_id, games_created, wins, losses, draws, game_cap, done, passed, test_only, special_params, target_slice, place_partition, place_offset ON chess.matches
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.matches ENABLE ALWAYS TRIGGER matches_100_immutable;

CREATE TRIGGER sprt_tasks_100_immutable BEFORE UPDATE OF id, created_at, updated_at, task_id, baseline_network_id, baseline_params_args, baseline_params_uci_options, candidate_network_id, candidate_params_args, candidate_params_uci_options, opening_book_id, time_control_type, base_time_seconds, increment_seconds, nodes_per_move, time_control_id, scale_method, scale_nps, elo0, elo1, alpha, beta, model, lower, upper, place_partition, place_offset ON chess.sprt_tasks
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.sprt_tasks ENABLE ALWAYS TRIGGER sprt_tasks_100_immutable;

CREATE TRIGGER tune_tasks_100_immutable BEFORE UPDATE OF id, created_at, updated_at, task_id, build_repo_url, build_commit_hash, build_params, tune_network_id, opening_book_id, games_per_param_set, time_control_type, base_time_seconds, increment_seconds, nodes_per_move, time_control_id, build_id, param_sets, spsa, place_partition, place_offset ON chess.tune_tasks
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.tune_tasks ENABLE ALWAYS TRIGGER tune_tasks_100_immutable;

CREATE TRIGGER match_games_100_immutable BEFORE UPDATE OF id, created_at, user_id, match_id, version, pgn, result, done, flip, engine_version, place_partition, place_offset ON chess.match_games
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.match_games ENABLE ALWAYS TRIGGER match_games_100_immutable;

CREATE TRIGGER task_assignments_100_immutable BEFORE UPDATE OF task_id, assignment_id, created_at, assigned_token_id, gpu_id, assigned_at, measured_nps, scale_factor, place_partition, place_offset ON chess.task_assignments
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_100_immutable;

CREATE TRIGGER training_games_100_immutable BEFORE UPDATE OF id, created_at, user_id, client_id, training_run_id, network_id, game_number, version, compacted, engine_version, resign_fp_threshold, place_partition, place_offset ON chess.training_games
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.training_games ENABLE ALWAYS TRIGGER training_games_100_immutable;

CREATE TRIGGER training_tasks_100_immutable BEFORE UPDATE OF id, created_at, updated_at, task_id, training_run_id, train_book_id, match_book_id, train_parameters, match_parameters, place_partition, place_offset ON chess.training_tasks
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.training_tasks ENABLE ALWAYS TRIGGER training_tasks_100_immutable;

CREATE TRIGGER tune_outputs_100_immutable BEFORE UPDATE OF task_id, iteration, kind, param_set_id, params, est_elo, ci_low, ci_high, published_at, place_partition, place_offset ON chess.tune_outputs
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.tune_outputs ENABLE ALWAYS TRIGGER tune_outputs_100_immutable;

CREATE TRIGGER tune_param_sets_100_immutable BEFORE UPDATE OF id, tune_task_id, param_set_id, params_args, params_uci_options, place_partition, place_offset ON chess.tune_param_sets
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_100_immutable;

CREATE TRIGGER game_results_100_immutable BEFORE UPDATE OF task_id, pair_key, seq, param_set_id, assignment_id, result, candidate_is_white, detailed_outcome, crash_type, played_at, place_partition, place_offset ON chess.game_results
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_100_immutable;

CREATE TRIGGER match_tasks_100_immutable BEFORE UPDATE OF id, created_at, updated_at, task_id, training_task_id, candidate_network_id, current_best_network_id, regression_of, game_cap, threshold_elo, test_only, special_params, target_slice, place_partition, place_offset ON chess.match_tasks
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.match_tasks ENABLE ALWAYS TRIGGER match_tasks_100_immutable;

CREATE TRIGGER promotions_100_immutable BEFORE UPDATE OF training_run_id, match_task_id, network_id, expected_network_id, promoted_at, place_partition, place_offset ON chess.promotions
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.promotions ENABLE ALWAYS TRIGGER promotions_100_immutable;

CREATE TRIGGER verdicts_100_immutable BEFORE UPDATE OF task_id, pair_key, seq, verdict, wins, losses, draws, ll, ld, dd, dw, ww, elo, llr, lower, upper, decided_at, place_partition, place_offset ON chess.verdicts
FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update();
ALTER TABLE chess.verdicts ENABLE ALWAYS TRIGGER verdicts_100_immutable;

CREATE TRIGGER networks_100_tallied BEFORE UPDATE OF games_played ON chess.networks
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_100_tallied;

CREATE TRIGGER sprt_tasks_100_tallied BEFORE UPDATE OF wins, losses, draws, ll, ld, dd, dw, ww, unpaired, crashes, timeouts, late, verdict, llr, decided_at ON chess.sprt_tasks
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE chess.sprt_tasks ENABLE ALWAYS TRIGGER sprt_tasks_100_tallied;

CREATE TRIGGER training_runs_100_tallied BEFORE UPDATE OF best_network_id, last_network, last_game ON chess.training_runs
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE chess.training_runs ENABLE ALWAYS TRIGGER training_runs_100_tallied;

CREATE TRIGGER training_tasks_100_tallied BEFORE UPDATE OF best_network_id ON chess.training_tasks
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE chess.training_tasks ENABLE ALWAYS TRIGGER training_tasks_100_tallied;

CREATE TRIGGER tune_param_sets_100_tallied BEFORE UPDATE OF status, wins, losses, draws, ll, ld, dd, dw, ww, unpaired, crashes, timeouts, late ON chess.tune_param_sets
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_100_tallied;

CREATE TRIGGER match_tasks_100_tallied BEFORE UPDATE OF games_created, done, passed, wins, losses, draws, ll, ld, dd, dw, ww, unpaired, crashes, timeouts, late ON chess.match_tasks
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE chess.match_tasks ENABLE ALWAYS TRIGGER match_tasks_100_tallied;

CREATE TRIGGER promotions_100_tallied BEFORE UPDATE OF version ON chess.promotions
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger.refuse_direct_write();
ALTER TABLE chess.promotions ENABLE ALWAYS TRIGGER promotions_100_tallied;

-- game_results (task_id) refers to chess.tasks (id): fk_game_results_task_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION chess.game_results_200_reference_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT task_id FROM new_rows) c
        JOIN chess.tasks p ON p.id = c.task_id
    ORDER BY c.task_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('id', c.task_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.task_id) = 0 AND NOT EXISTS (SELECT FROM chess.tasks p WHERE p.id = c.task_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in chess.tasks has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_game_results_task_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER game_results_200_reference_tasks AFTER INSERT ON chess.game_results
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_reference_tasks();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_200_reference_tasks;

-- tasks (id) is referred to by chess.game_results (task_id): fk_game_results_task_id.
CREATE FUNCTION chess.tasks_200_referred_game_results() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('id', p.id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM chess.game_results c WHERE c.task_id = p.id)
            AND NOT EXISTS (SELECT FROM chess.tasks again WHERE again.id = p.id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('task_id', c.task_id) INTO used
        FROM chess.game_results c
        WHERE num_nulls(c.task_id) = 0 AND NOT EXISTS (SELECT FROM chess.tasks p WHERE c.task_id = p.id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: chess.game_results still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_game_results_task_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER tasks_200_referred_game_results AFTER DELETE ON chess.tasks
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.tasks_200_referred_game_results();
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_200_referred_game_results;

CREATE TRIGGER tasks_200_referred_game_results_key AFTER UPDATE OF id ON chess.tasks
FOR EACH STATEMENT EXECUTE FUNCTION chess.tasks_200_referred_game_results();
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_200_referred_game_results_key;

CREATE TRIGGER tasks_200_referred_game_results_truncate AFTER TRUNCATE ON chess.tasks
FOR EACH STATEMENT EXECUTE FUNCTION chess.tasks_200_referred_game_results();
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_200_referred_game_results_truncate;

-- game_results (task_id, assignment_id) refers to chess.task_assignments (task_id, assignment_id): fk_game_results_task_id_assignment_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION chess.game_results_200_reference_task_assignments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT task_id, assignment_id FROM new_rows) c
        JOIN chess.task_assignments p ON p.task_id = c.task_id AND p.assignment_id = c.assignment_id
    ORDER BY c.task_id, c.assignment_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('task_id', c.task_id, 'assignment_id', c.assignment_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.task_id, c.assignment_id) = 0 AND NOT EXISTS (SELECT FROM chess.task_assignments p WHERE p.task_id = c.task_id AND p.assignment_id = c.assignment_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in chess.task_assignments has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_game_results_task_id_assignment_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER game_results_200_reference_task_assignments AFTER INSERT ON chess.game_results
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_reference_task_assignments();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_200_reference_task_assignments;

-- task_assignments (task_id, assignment_id) is referred to by chess.game_results (task_id, assignment_id): fk_game_results_task_id_assignment_id.
CREATE FUNCTION chess.task_assignments_200_referred_game_results() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('task_id', p.task_id, 'assignment_id', p.assignment_id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM chess.game_results c WHERE c.task_id = p.task_id AND c.assignment_id = p.assignment_id)
            AND NOT EXISTS (SELECT FROM chess.task_assignments again WHERE again.task_id = p.task_id AND again.assignment_id = p.assignment_id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('task_id', c.task_id, 'assignment_id', c.assignment_id) INTO used
        FROM chess.game_results c
        WHERE num_nulls(c.task_id, c.assignment_id) = 0 AND NOT EXISTS (SELECT FROM chess.task_assignments p WHERE c.task_id = p.task_id AND c.assignment_id = p.assignment_id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: chess.game_results still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_game_results_task_id_assignment_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER task_assignments_200_referred_game_results AFTER DELETE ON chess.task_assignments
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.task_assignments_200_referred_game_results();
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_200_referred_game_results;

CREATE TRIGGER task_assignments_200_referred_game_results_key AFTER UPDATE OF task_id, assignment_id ON chess.task_assignments
FOR EACH STATEMENT EXECUTE FUNCTION chess.task_assignments_200_referred_game_results();
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_200_referred_game_results_key;

CREATE TRIGGER task_assignments_200_referred_game_results_truncate AFTER TRUNCATE ON chess.task_assignments
FOR EACH STATEMENT EXECUTE FUNCTION chess.task_assignments_200_referred_game_results();
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_200_referred_game_results_truncate;

-- game_results (task_id, param_set_id) refers to chess.tune_param_sets (tune_task_id, param_set_id): fk_game_results_task_id_param_set_id, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION chess.game_results_200_reference_tune_param_sets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT task_id, param_set_id FROM new_rows) c
        JOIN chess.tune_param_sets p ON p.tune_task_id = c.task_id AND p.param_set_id = c.param_set_id
    ORDER BY c.task_id, c.param_set_id
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('tune_task_id', c.task_id, 'param_set_id', c.param_set_id) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.task_id, c.param_set_id) = 0 AND NOT EXISTS (SELECT FROM chess.tune_param_sets p WHERE p.tune_task_id = c.task_id AND p.param_set_id = c.param_set_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in chess.tune_param_sets has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_game_results_task_id_param_set_id', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER game_results_200_reference_tune_param_sets AFTER INSERT ON chess.game_results
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_reference_tune_param_sets();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_200_reference_tune_param_sets;

-- tune_param_sets (tune_task_id, param_set_id) is referred to by chess.game_results (task_id, param_set_id): fk_game_results_task_id_param_set_id.
CREATE FUNCTION chess.tune_param_sets_200_referred_game_results() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('tune_task_id', p.tune_task_id, 'param_set_id', p.param_set_id) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM chess.game_results c WHERE c.task_id = p.tune_task_id AND c.param_set_id = p.param_set_id)
            AND NOT EXISTS (SELECT FROM chess.tune_param_sets again WHERE again.tune_task_id = p.tune_task_id AND again.param_set_id = p.param_set_id)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('task_id', c.task_id, 'param_set_id', c.param_set_id) INTO used
        FROM chess.game_results c
        WHERE num_nulls(c.task_id, c.param_set_id) = 0 AND NOT EXISTS (SELECT FROM chess.tune_param_sets p WHERE c.task_id = p.tune_task_id AND c.param_set_id = p.param_set_id)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: chess.game_results still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_game_results_task_id_param_set_id', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER tune_param_sets_200_referred_game_results AFTER DELETE ON chess.tune_param_sets
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.tune_param_sets_200_referred_game_results();
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_200_referred_game_results;

CREATE TRIGGER tune_param_sets_200_referred_game_results_key AFTER UPDATE OF tune_task_id, param_set_id ON chess.tune_param_sets
FOR EACH STATEMENT EXECUTE FUNCTION chess.tune_param_sets_200_referred_game_results();
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_200_referred_game_results_key;

CREATE TRIGGER tune_param_sets_200_referred_game_results_truncate AFTER TRUNCATE ON chess.tune_param_sets
FOR EACH STATEMENT EXECUTE FUNCTION chess.tune_param_sets_200_referred_game_results();
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_200_referred_game_results_truncate;

-- verdicts (task_id, pair_key, seq) refers to chess.game_results (task_id, pair_key, seq): fk_verdicts_task_id_pair_key_seq, NOT ENFORCED and checked here, once a statement.
-- First the lock, then a look with a new snapshot: what was deleted meanwhile is seen.
CREATE FUNCTION chess.verdicts_200_reference_game_results() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    orphan jsonb;
BEGIN
    PERFORM FROM (SELECT DISTINCT task_id, pair_key, seq FROM new_rows) c
        JOIN chess.game_results p ON p.task_id = c.task_id AND p.pair_key = c.pair_key AND p.seq = c.seq
    ORDER BY c.task_id, c.pair_key, c.seq
    FOR KEY SHARE OF p;
    SELECT jsonb_build_object('task_id', c.task_id, 'pair_key', c.pair_key, 'seq', c.seq) INTO orphan
    FROM new_rows c
    WHERE num_nulls(c.task_id, c.pair_key, c.seq) = 0 AND NOT EXISTS (SELECT FROM chess.game_results p WHERE p.task_id = c.task_id AND p.pair_key = c.pair_key AND p.seq = c.seq)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: nothing in chess.game_results has the key %', TG_TABLE_NAME, orphan
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_verdicts_task_id_pair_key_seq', DETAIL = orphan::text,
            HINT = 'Write what it refers to first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER verdicts_200_reference_game_results AFTER INSERT ON chess.verdicts
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.verdicts_200_reference_game_results();
ALTER TABLE chess.verdicts ENABLE ALWAYS TRIGGER verdicts_200_reference_game_results;

-- game_results (task_id, pair_key, seq) is referred to by chess.verdicts (task_id, pair_key, seq): fk_verdicts_task_id_pair_key_seq.
CREATE FUNCTION chess.game_results_200_referred_verdicts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $reference$
DECLARE
    used jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT jsonb_build_object('task_id', p.task_id, 'pair_key', p.pair_key, 'seq', p.seq) INTO used
        FROM old_rows p
        WHERE EXISTS (SELECT FROM chess.verdicts c WHERE c.task_id = p.task_id AND c.pair_key = p.pair_key AND c.seq = p.seq)
            AND NOT EXISTS (SELECT FROM chess.game_results again WHERE again.task_id = p.task_id AND again.pair_key = p.pair_key AND again.seq = p.seq)
        LIMIT 1;
    ELSE
        SELECT jsonb_build_object('task_id', c.task_id, 'pair_key', c.pair_key, 'seq', c.seq) INTO used
        FROM chess.verdicts c
        WHERE num_nulls(c.task_id, c.pair_key, c.seq) = 0 AND NOT EXISTS (SELECT FROM chess.game_results p WHERE c.task_id = p.task_id AND c.pair_key = p.pair_key AND c.seq = p.seq)
        LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: chess.verdicts still refers to %', TG_TABLE_NAME, used
        USING ERRCODE = 'foreign_key_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'fk_verdicts_task_id_pair_key_seq', DETAIL = used::text,
            HINT = 'Remove what refers to it first.';
    END IF;
    RETURN NULL;
END
$reference$;

CREATE TRIGGER game_results_200_referred_verdicts AFTER DELETE ON chess.game_results
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_referred_verdicts();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_200_referred_verdicts;

CREATE TRIGGER game_results_200_referred_verdicts_key AFTER UPDATE OF task_id, pair_key, seq ON chess.game_results
FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_referred_verdicts();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_200_referred_verdicts_key;

CREATE TRIGGER game_results_200_referred_verdicts_truncate AFTER TRUNCATE ON chess.game_results
FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_referred_verdicts();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_200_referred_verdicts_truncate;

CREATE TRIGGER books_900_outside_insert AFTER INSERT ON chess.books
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('sha256');
ALTER TABLE chess.books ENABLE ALWAYS TRIGGER books_900_outside_insert;

CREATE TRIGGER books_900_outside_update AFTER UPDATE ON chess.books
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('sha256');
ALTER TABLE chess.books ENABLE ALWAYS TRIGGER books_900_outside_update;

CREATE TRIGGER books_900_outside_delete AFTER DELETE ON chess.books
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('sha256');
ALTER TABLE chess.books ENABLE ALWAYS TRIGGER books_900_outside_delete;

CREATE TRIGGER books_900_outside_truncate AFTER TRUNCATE ON chess.books
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.books ENABLE ALWAYS TRIGGER books_900_outside_truncate;

CREATE TRIGGER builds_900_outside_insert AFTER INSERT ON chess.builds
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('repo_url', 'commit_hash', 'params');
ALTER TABLE chess.builds ENABLE ALWAYS TRIGGER builds_900_outside_insert;

CREATE TRIGGER builds_900_outside_update AFTER UPDATE ON chess.builds
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('repo_url', 'commit_hash', 'params');
ALTER TABLE chess.builds ENABLE ALWAYS TRIGGER builds_900_outside_update;

CREATE TRIGGER builds_900_outside_delete AFTER DELETE ON chess.builds
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('repo_url', 'commit_hash', 'params');
ALTER TABLE chess.builds ENABLE ALWAYS TRIGGER builds_900_outside_delete;

CREATE TRIGGER builds_900_outside_truncate AFTER TRUNCATE ON chess.builds
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.builds ENABLE ALWAYS TRIGGER builds_900_outside_truncate;

CREATE TRIGGER networks_900_outside_insert AFTER INSERT ON chess.networks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_900_outside_insert;

CREATE TRIGGER networks_900_outside_update AFTER UPDATE ON chess.networks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_900_outside_update;

CREATE TRIGGER networks_900_outside_delete AFTER DELETE ON chess.networks
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_900_outside_delete;

CREATE TRIGGER networks_900_outside_truncate AFTER TRUNCATE ON chess.networks
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_900_outside_truncate;

CREATE TRIGGER server_data_900_outside_insert AFTER INSERT ON chess.server_data
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.server_data ENABLE ALWAYS TRIGGER server_data_900_outside_insert;

CREATE TRIGGER server_data_900_outside_update AFTER UPDATE ON chess.server_data
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.server_data ENABLE ALWAYS TRIGGER server_data_900_outside_update;

CREATE TRIGGER server_data_900_outside_delete AFTER DELETE ON chess.server_data
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.server_data ENABLE ALWAYS TRIGGER server_data_900_outside_delete;

CREATE TRIGGER server_data_900_outside_truncate AFTER TRUNCATE ON chess.server_data
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.server_data ENABLE ALWAYS TRIGGER server_data_900_outside_truncate;

CREATE TRIGGER tasks_900_outside_insert AFTER INSERT ON chess.tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_900_outside_insert;

CREATE TRIGGER tasks_900_outside_update AFTER UPDATE ON chess.tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_900_outside_update;

CREATE TRIGGER tasks_900_outside_delete AFTER DELETE ON chess.tasks
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_900_outside_delete;

CREATE TRIGGER tasks_900_outside_truncate AFTER TRUNCATE ON chess.tasks
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_900_outside_truncate;

CREATE TRIGGER time_controls_900_outside_insert AFTER INSERT ON chess.time_controls
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.time_controls ENABLE ALWAYS TRIGGER time_controls_900_outside_insert;

CREATE TRIGGER time_controls_900_outside_update AFTER UPDATE ON chess.time_controls
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.time_controls ENABLE ALWAYS TRIGGER time_controls_900_outside_update;

CREATE TRIGGER time_controls_900_outside_delete AFTER DELETE ON chess.time_controls
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.time_controls ENABLE ALWAYS TRIGGER time_controls_900_outside_delete;

CREATE TRIGGER time_controls_900_outside_truncate AFTER TRUNCATE ON chess.time_controls
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.time_controls ENABLE ALWAYS TRIGGER time_controls_900_outside_truncate;

CREATE TRIGGER users_900_outside_insert AFTER INSERT ON chess.users
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.users ENABLE ALWAYS TRIGGER users_900_outside_insert;

CREATE TRIGGER users_900_outside_update AFTER UPDATE ON chess.users
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.users ENABLE ALWAYS TRIGGER users_900_outside_update;

CREATE TRIGGER users_900_outside_delete AFTER DELETE ON chess.users
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.users ENABLE ALWAYS TRIGGER users_900_outside_delete;

CREATE TRIGGER users_900_outside_truncate AFTER TRUNCATE ON chess.users
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.users ENABLE ALWAYS TRIGGER users_900_outside_truncate;

CREATE TRIGGER auth_tokens_900_outside_insert AFTER INSERT ON chess.auth_tokens
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('token');
ALTER TABLE chess.auth_tokens ENABLE ALWAYS TRIGGER auth_tokens_900_outside_insert;

CREATE TRIGGER auth_tokens_900_outside_update AFTER UPDATE ON chess.auth_tokens
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('token');
ALTER TABLE chess.auth_tokens ENABLE ALWAYS TRIGGER auth_tokens_900_outside_update;

CREATE TRIGGER auth_tokens_900_outside_delete AFTER DELETE ON chess.auth_tokens
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('token');
ALTER TABLE chess.auth_tokens ENABLE ALWAYS TRIGGER auth_tokens_900_outside_delete;

CREATE TRIGGER auth_tokens_900_outside_truncate AFTER TRUNCATE ON chess.auth_tokens
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.auth_tokens ENABLE ALWAYS TRIGGER auth_tokens_900_outside_truncate;

CREATE TRIGGER clients_900_outside_insert AFTER INSERT ON chess.clients
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.clients ENABLE ALWAYS TRIGGER clients_900_outside_insert;

CREATE TRIGGER clients_900_outside_update AFTER UPDATE ON chess.clients
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.clients ENABLE ALWAYS TRIGGER clients_900_outside_update;

CREATE TRIGGER clients_900_outside_delete AFTER DELETE ON chess.clients
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.clients ENABLE ALWAYS TRIGGER clients_900_outside_delete;

CREATE TRIGGER clients_900_outside_truncate AFTER TRUNCATE ON chess.clients
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.clients ENABLE ALWAYS TRIGGER clients_900_outside_truncate;

CREATE TRIGGER matches_900_outside_insert AFTER INSERT ON chess.matches
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.matches ENABLE ALWAYS TRIGGER matches_900_outside_insert;

CREATE TRIGGER matches_900_outside_update AFTER UPDATE ON chess.matches
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.matches ENABLE ALWAYS TRIGGER matches_900_outside_update;

CREATE TRIGGER matches_900_outside_delete AFTER DELETE ON chess.matches
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.matches ENABLE ALWAYS TRIGGER matches_900_outside_delete;

CREATE TRIGGER matches_900_outside_truncate AFTER TRUNCATE ON chess.matches
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.matches ENABLE ALWAYS TRIGGER matches_900_outside_truncate;

CREATE TRIGGER network_marks_900_outside_insert AFTER INSERT ON chess.network_marks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('network_id', 'kind');
ALTER TABLE chess.network_marks ENABLE ALWAYS TRIGGER network_marks_900_outside_insert;

CREATE TRIGGER network_marks_900_outside_update AFTER UPDATE ON chess.network_marks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('network_id', 'kind');
ALTER TABLE chess.network_marks ENABLE ALWAYS TRIGGER network_marks_900_outside_update;

CREATE TRIGGER network_marks_900_outside_delete AFTER DELETE ON chess.network_marks
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('network_id', 'kind');
ALTER TABLE chess.network_marks ENABLE ALWAYS TRIGGER network_marks_900_outside_delete;

CREATE TRIGGER network_marks_900_outside_truncate AFTER TRUNCATE ON chess.network_marks
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.network_marks ENABLE ALWAYS TRIGGER network_marks_900_outside_truncate;

CREATE TRIGGER sprt_tasks_900_outside_insert AFTER INSERT ON chess.sprt_tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.sprt_tasks ENABLE ALWAYS TRIGGER sprt_tasks_900_outside_insert;

CREATE TRIGGER sprt_tasks_900_outside_update AFTER UPDATE ON chess.sprt_tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.sprt_tasks ENABLE ALWAYS TRIGGER sprt_tasks_900_outside_update;

CREATE TRIGGER sprt_tasks_900_outside_delete AFTER DELETE ON chess.sprt_tasks
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.sprt_tasks ENABLE ALWAYS TRIGGER sprt_tasks_900_outside_delete;

CREATE TRIGGER sprt_tasks_900_outside_truncate AFTER TRUNCATE ON chess.sprt_tasks
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.sprt_tasks ENABLE ALWAYS TRIGGER sprt_tasks_900_outside_truncate;

CREATE TRIGGER training_runs_900_outside_insert AFTER INSERT ON chess.training_runs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.training_runs ENABLE ALWAYS TRIGGER training_runs_900_outside_insert;

CREATE TRIGGER training_runs_900_outside_update AFTER UPDATE ON chess.training_runs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.training_runs ENABLE ALWAYS TRIGGER training_runs_900_outside_update;

CREATE TRIGGER training_runs_900_outside_delete AFTER DELETE ON chess.training_runs
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.training_runs ENABLE ALWAYS TRIGGER training_runs_900_outside_delete;

CREATE TRIGGER training_runs_900_outside_truncate AFTER TRUNCATE ON chess.training_runs
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.training_runs ENABLE ALWAYS TRIGGER training_runs_900_outside_truncate;

CREATE TRIGGER tune_tasks_900_outside_insert AFTER INSERT ON chess.tune_tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.tune_tasks ENABLE ALWAYS TRIGGER tune_tasks_900_outside_insert;

CREATE TRIGGER tune_tasks_900_outside_update AFTER UPDATE ON chess.tune_tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.tune_tasks ENABLE ALWAYS TRIGGER tune_tasks_900_outside_update;

CREATE TRIGGER tune_tasks_900_outside_delete AFTER DELETE ON chess.tune_tasks
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.tune_tasks ENABLE ALWAYS TRIGGER tune_tasks_900_outside_delete;

CREATE TRIGGER tune_tasks_900_outside_truncate AFTER TRUNCATE ON chess.tune_tasks
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.tune_tasks ENABLE ALWAYS TRIGGER tune_tasks_900_outside_truncate;

CREATE TRIGGER match_games_900_outside_insert AFTER INSERT ON chess.match_games
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.match_games ENABLE ALWAYS TRIGGER match_games_900_outside_insert;

CREATE TRIGGER match_games_900_outside_update AFTER UPDATE ON chess.match_games
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.match_games ENABLE ALWAYS TRIGGER match_games_900_outside_update;

CREATE TRIGGER match_games_900_outside_delete AFTER DELETE ON chess.match_games
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.match_games ENABLE ALWAYS TRIGGER match_games_900_outside_delete;

CREATE TRIGGER match_games_900_outside_truncate AFTER TRUNCATE ON chess.match_games
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.match_games ENABLE ALWAYS TRIGGER match_games_900_outside_truncate;

CREATE TRIGGER task_assignments_900_outside_insert AFTER INSERT ON chess.task_assignments
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id', 'assignment_id');
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_900_outside_insert;

CREATE TRIGGER task_assignments_900_outside_update AFTER UPDATE ON chess.task_assignments
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id', 'assignment_id');
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_900_outside_update;

CREATE TRIGGER task_assignments_900_outside_delete AFTER DELETE ON chess.task_assignments
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id', 'assignment_id');
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_900_outside_delete;

CREATE TRIGGER task_assignments_900_outside_truncate AFTER TRUNCATE ON chess.task_assignments
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_900_outside_truncate;

CREATE TRIGGER training_games_900_outside_insert AFTER INSERT ON chess.training_games
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.training_games ENABLE ALWAYS TRIGGER training_games_900_outside_insert;

CREATE TRIGGER training_games_900_outside_update AFTER UPDATE ON chess.training_games
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.training_games ENABLE ALWAYS TRIGGER training_games_900_outside_update;

CREATE TRIGGER training_games_900_outside_delete AFTER DELETE ON chess.training_games
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.training_games ENABLE ALWAYS TRIGGER training_games_900_outside_delete;

CREATE TRIGGER training_games_900_outside_truncate AFTER TRUNCATE ON chess.training_games
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.training_games ENABLE ALWAYS TRIGGER training_games_900_outside_truncate;

CREATE TRIGGER training_tasks_900_outside_insert AFTER INSERT ON chess.training_tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.training_tasks ENABLE ALWAYS TRIGGER training_tasks_900_outside_insert;

CREATE TRIGGER training_tasks_900_outside_update AFTER UPDATE ON chess.training_tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.training_tasks ENABLE ALWAYS TRIGGER training_tasks_900_outside_update;

CREATE TRIGGER training_tasks_900_outside_delete AFTER DELETE ON chess.training_tasks
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.training_tasks ENABLE ALWAYS TRIGGER training_tasks_900_outside_delete;

CREATE TRIGGER training_tasks_900_outside_truncate AFTER TRUNCATE ON chess.training_tasks
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.training_tasks ENABLE ALWAYS TRIGGER training_tasks_900_outside_truncate;

CREATE TRIGGER tune_outputs_900_outside_insert AFTER INSERT ON chess.tune_outputs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id', 'iteration', 'kind');
ALTER TABLE chess.tune_outputs ENABLE ALWAYS TRIGGER tune_outputs_900_outside_insert;

CREATE TRIGGER tune_outputs_900_outside_update AFTER UPDATE ON chess.tune_outputs
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id', 'iteration', 'kind');
ALTER TABLE chess.tune_outputs ENABLE ALWAYS TRIGGER tune_outputs_900_outside_update;

CREATE TRIGGER tune_outputs_900_outside_delete AFTER DELETE ON chess.tune_outputs
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id', 'iteration', 'kind');
ALTER TABLE chess.tune_outputs ENABLE ALWAYS TRIGGER tune_outputs_900_outside_delete;

CREATE TRIGGER tune_outputs_900_outside_truncate AFTER TRUNCATE ON chess.tune_outputs
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.tune_outputs ENABLE ALWAYS TRIGGER tune_outputs_900_outside_truncate;

CREATE TRIGGER tune_param_sets_900_outside_insert AFTER INSERT ON chess.tune_param_sets
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('tune_task_id', 'param_set_id');
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_900_outside_insert;

CREATE TRIGGER tune_param_sets_900_outside_update AFTER UPDATE ON chess.tune_param_sets
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('tune_task_id', 'param_set_id');
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_900_outside_update;

CREATE TRIGGER tune_param_sets_900_outside_delete AFTER DELETE ON chess.tune_param_sets
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('tune_task_id', 'param_set_id');
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_900_outside_delete;

CREATE TRIGGER tune_param_sets_900_outside_truncate AFTER TRUNCATE ON chess.tune_param_sets
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_900_outside_truncate;

CREATE TRIGGER game_results_900_outside_insert AFTER INSERT ON chess.game_results
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id', 'pair_key', 'seq');
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_900_outside_insert;

CREATE TRIGGER game_results_900_outside_update AFTER UPDATE ON chess.game_results
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id', 'pair_key', 'seq');
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_900_outside_update;

CREATE TRIGGER game_results_900_outside_delete AFTER DELETE ON chess.game_results
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id', 'pair_key', 'seq');
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_900_outside_delete;

CREATE TRIGGER game_results_900_outside_truncate AFTER TRUNCATE ON chess.game_results
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_900_outside_truncate;

CREATE TRIGGER match_tasks_900_outside_insert AFTER INSERT ON chess.match_tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.match_tasks ENABLE ALWAYS TRIGGER match_tasks_900_outside_insert;

CREATE TRIGGER match_tasks_900_outside_update AFTER UPDATE ON chess.match_tasks
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.match_tasks ENABLE ALWAYS TRIGGER match_tasks_900_outside_update;

CREATE TRIGGER match_tasks_900_outside_delete AFTER DELETE ON chess.match_tasks
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('id');
ALTER TABLE chess.match_tasks ENABLE ALWAYS TRIGGER match_tasks_900_outside_delete;

CREATE TRIGGER match_tasks_900_outside_truncate AFTER TRUNCATE ON chess.match_tasks
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.match_tasks ENABLE ALWAYS TRIGGER match_tasks_900_outside_truncate;

CREATE TRIGGER promotions_900_outside_insert AFTER INSERT ON chess.promotions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('training_run_id', 'match_task_id');
ALTER TABLE chess.promotions ENABLE ALWAYS TRIGGER promotions_900_outside_insert;

CREATE TRIGGER promotions_900_outside_update AFTER UPDATE ON chess.promotions
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('training_run_id', 'match_task_id');
ALTER TABLE chess.promotions ENABLE ALWAYS TRIGGER promotions_900_outside_update;

CREATE TRIGGER promotions_900_outside_delete AFTER DELETE ON chess.promotions
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('training_run_id', 'match_task_id');
ALTER TABLE chess.promotions ENABLE ALWAYS TRIGGER promotions_900_outside_delete;

CREATE TRIGGER promotions_900_outside_truncate AFTER TRUNCATE ON chess.promotions
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.promotions ENABLE ALWAYS TRIGGER promotions_900_outside_truncate;

CREATE TRIGGER verdicts_900_outside_insert AFTER INSERT ON chess.verdicts
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id');
ALTER TABLE chess.verdicts ENABLE ALWAYS TRIGGER verdicts_900_outside_insert;

CREATE TRIGGER verdicts_900_outside_update AFTER UPDATE ON chess.verdicts
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id');
ALTER TABLE chess.verdicts ENABLE ALWAYS TRIGGER verdicts_900_outside_update;

CREATE TRIGGER verdicts_900_outside_delete AFTER DELETE ON chess.verdicts
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write('task_id');
ALTER TABLE chess.verdicts ENABLE ALWAYS TRIGGER verdicts_900_outside_delete;

CREATE TRIGGER verdicts_900_outside_truncate AFTER TRUNCATE ON chess.verdicts
FOR EACH STATEMENT WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION ledger.record_outside_write();
ALTER TABLE chess.verdicts ENABLE ALWAYS TRIGGER verdicts_900_outside_truncate;

-- Chess: what the database derives and defends, whoever writes.
-- Lock order everywhere: runs (advisory, then rows), tasks, extensions, each by key. Statements after a lock see what
-- was committed before it. A late game is one whose place in its partition is after the deciding game's: games,
-- verdicts and extensions may come in any order and give the same counts.

-- ---------------------------------------------------------------- users and clients are over

CREATE FUNCTION chess.keep_legacy() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $keep$
DECLARE
    migrator constant name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID);
BEGIN
    IF session_user = migrator OR session_user = 'podium_consumer' AND TG_OP = 'INSERT' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '%: a legacy table is read-only for %', TG_TABLE_NAME, session_user
    USING ERRCODE = 'insufficient_privilege', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
        HINT = format('Rows come by the import events; else only %s writes here.', migrator);
END
$keep$;

CREATE TRIGGER users_050_legacy BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON chess.users
FOR EACH STATEMENT EXECUTE FUNCTION chess.keep_legacy();
ALTER TABLE chess.users ENABLE ALWAYS TRIGGER users_050_legacy;

CREATE TRIGGER clients_050_legacy BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON chess.clients
FOR EACH STATEMENT EXECUTE FUNCTION chess.keep_legacy();
ALTER TABLE chess.clients ENABLE ALWAYS TRIGGER clients_050_legacy;

-- ---------------------------------------------------------------- by hand, the clock stamps

CREATE FUNCTION chess.touch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $touch$
BEGIN
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    RETURN NEW;
END
$touch$;

CREATE TRIGGER tasks_060_touch BEFORE UPDATE ON chess.tasks
FOR EACH ROW WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0) EXECUTE FUNCTION chess.touch();
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_060_touch;

CREATE TRIGGER task_assignments_060_touch BEFORE UPDATE ON chess.task_assignments
FOR EACH ROW WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0) EXECUTE FUNCTION chess.touch();
ALTER TABLE chess.task_assignments ENABLE ALWAYS TRIGGER task_assignments_060_touch;

CREATE TRIGGER auth_tokens_060_touch BEFORE UPDATE ON chess.auth_tokens
FOR EACH ROW WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0) EXECUTE FUNCTION chess.touch();
ALTER TABLE chess.auth_tokens ENABLE ALWAYS TRIGGER auth_tokens_060_touch;

CREATE TRIGGER books_060_touch BEFORE UPDATE ON chess.books
FOR EACH ROW WHEN (session_user <> 'podium_consumer' AND pg_trigger_depth() = 0) EXECUTE FUNCTION chess.touch();
ALTER TABLE chess.books ENABLE ALWAYS TRIGGER books_060_touch;

-- ---------------------------------------------------------------- networks and runs

-- Through the log a new rating of an anchor is superseded by what it is; by hand it is refused.
CREATE FUNCTION chess.keep_anchor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $anchor$
BEGIN
    IF session_user <> 'podium_consumer' THEN
        RAISE EXCEPTION 'networks: % is an anchor, whose rating never changes', OLD.id
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            HINT = 'Import a network that is an anchor with the rating it shall keep.';
    END IF;
    NEW.elo := OLD.elo;
    NEW.elo_set := OLD.elo_set;
    RETURN NEW;
END
$anchor$;

CREATE TRIGGER networks_050_anchor BEFORE UPDATE ON chess.networks
FOR EACH ROW WHEN (OLD.anchor AND (NEW.elo, NEW.elo_set) IS DISTINCT FROM (OLD.elo, OLD.elo_set))
EXECUTE FUNCTION chess.keep_anchor();
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_050_anchor;

-- Networks and runs come in any order and at once: a run keeps networks out while it looks for them, networks keep
-- runs out but not each other.
CREATE FUNCTION chess.hold_runs(of_runs bigint[], alone boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $hold$
DECLARE
    one bigint;
BEGIN
    FOREACH one IN ARRAY of_runs LOOP
        IF alone THEN
            PERFORM pg_advisory_xact_lock(hashtextextended('chess.training_runs', one));
        ELSE
            PERFORM pg_advisory_xact_lock_shared(hashtextextended('chess.training_runs', one));
        END IF;
    END LOOP;
END
$hold$;

-- A run's best network is the first one, then what was promoted, in the order of the log, in place of what was the
-- best by then: compare and set. Only the candidate of a match of that run that passed takes a place.
CREATE FUNCTION chess.describe_runs(of_runs bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $describe$
DECLARE
    run record;
    one record;
    best bigint;
    newest integer;
BEGIN
    FOR run IN SELECT id, first_network_id FROM chess.training_runs WHERE id = ANY (of_runs) ORDER BY id
        FOR NO KEY UPDATE
    LOOP
        best := run.first_network_id;
        newest := 0;
        FOR one IN SELECT p.match_task_id, p.network_id, p.expected_network_id, p.version,
                m.passed AND m.candidate_network_id = p.network_id AND t.training_run_id = run.id AS earned
            FROM chess.promotions p
                JOIN chess.match_tasks m ON m.task_id = p.match_task_id
                LEFT JOIN chess.training_tasks t ON t.id = m.training_task_id
            WHERE p.training_run_id = run.id ORDER BY p.place_offset, p.match_task_id
        LOOP
            IF one.expected_network_id IS DISTINCT FROM best OR one.earned IS NOT TRUE THEN
                UPDATE chess.promotions SET version = NULL
                WHERE training_run_id = run.id AND match_task_id = one.match_task_id AND version IS NOT NULL;
                CONTINUE;
            END IF;
            best := one.network_id;
            newest := newest + 1;
            UPDATE chess.promotions SET version = newest
            WHERE training_run_id = run.id AND match_task_id = one.match_task_id AND version IS DISTINCT FROM newest;
        END LOOP;
        UPDATE chess.training_runs r
        SET best_network_id = best,
            last_network = (SELECT max(network_number) FROM chess.networks WHERE training_run_id = run.id),
            last_game = (SELECT max(game_number) FROM chess.training_games WHERE training_run_id = run.id)
        WHERE r.id = run.id;
        UPDATE chess.training_tasks SET best_network_id = best
        WHERE training_run_id = run.id AND best_network_id IS DISTINCT FROM best;
    END LOOP;
END
$describe$;

CREATE FUNCTION chess.describe_new_runs() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $describe$
DECLARE
    runs constant bigint[] := ARRAY(SELECT DISTINCT id FROM new_rows ORDER BY 1);
BEGIN
    PERFORM chess.hold_runs(runs, true);
    PERFORM chess.describe_runs(runs);
    RETURN NULL;
END
$describe$;

CREATE TRIGGER training_runs_500_describe AFTER INSERT ON chess.training_runs
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_new_runs();
ALTER TABLE chess.training_runs ENABLE ALWAYS TRIGGER training_runs_500_describe;

CREATE FUNCTION chess.describe_runs_of() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $describe$
DECLARE
    runs bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT training_run_id ORDER BY training_run_id) INTO runs FROM new_rows
        WHERE training_run_id IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT training_run_id ORDER BY training_run_id) INTO runs FROM old_rows
        WHERE training_run_id IS NOT NULL;
    ELSE
        SELECT array_agg(id ORDER BY id) INTO runs FROM chess.training_runs;
    END IF;
    IF runs IS NOT NULL THEN
        PERFORM chess.hold_runs(runs, false);
        PERFORM chess.describe_runs(runs);
    END IF;
    RETURN NULL;
END
$describe$;

CREATE TRIGGER networks_500_describe AFTER INSERT ON chess.networks
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of();
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_500_describe;

CREATE TRIGGER networks_500_describe_delete AFTER DELETE ON chess.networks
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of();
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_500_describe_delete;

CREATE TRIGGER networks_500_describe_truncate AFTER TRUNCATE ON chess.networks
FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of();
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_500_describe_truncate;

CREATE TRIGGER training_tasks_500_describe AFTER INSERT ON chess.training_tasks
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of();
ALTER TABLE chess.training_tasks ENABLE ALWAYS TRIGGER training_tasks_500_describe;

CREATE TRIGGER promotions_500_describe AFTER INSERT ON chess.promotions
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of();
ALTER TABLE chess.promotions ENABLE ALWAYS TRIGGER promotions_500_describe;

CREATE TRIGGER promotions_500_describe_delete AFTER DELETE ON chess.promotions
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of();
ALTER TABLE chess.promotions ENABLE ALWAYS TRIGGER promotions_500_describe_delete;

CREATE TRIGGER promotions_500_describe_truncate AFTER TRUNCATE ON chess.promotions
FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of();
ALTER TABLE chess.promotions ENABLE ALWAYS TRIGGER promotions_500_describe_truncate;

-- Training games: counted for their network; the run knows the greatest number.
CREATE FUNCTION chess.count_training_games() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $count$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE chess.networks t SET games_played = t.games_played + g.n
        FROM (SELECT network_id, count(*)::integer AS n FROM new_rows GROUP BY network_id ORDER BY network_id) g
        WHERE t.id = g.network_id;
        UPDATE chess.training_runs r SET last_game = greatest(r.last_game, g.last)
        FROM (SELECT training_run_id, max(game_number) AS last FROM new_rows
            GROUP BY training_run_id ORDER BY training_run_id) g
        WHERE r.id = g.training_run_id AND g.last IS NOT NULL AND (r.last_game IS NULL OR r.last_game < g.last);
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE chess.networks t SET games_played = t.games_played - g.n
        FROM (SELECT network_id, count(*)::integer AS n FROM old_rows GROUP BY network_id ORDER BY network_id) g
        WHERE t.id = g.network_id;
        PERFORM chess.describe_runs(ARRAY(SELECT DISTINCT training_run_id FROM old_rows));
    ELSE
        UPDATE chess.networks SET games_played = 0 WHERE games_played <> 0;
        UPDATE chess.training_runs SET last_game = NULL WHERE last_game IS NOT NULL;
    END IF;
    RETURN NULL;
END
$count$;

CREATE TRIGGER training_games_500_tally AFTER INSERT ON chess.training_games
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.count_training_games();
ALTER TABLE chess.training_games ENABLE ALWAYS TRIGGER training_games_500_tally;

CREATE TRIGGER training_games_500_delete AFTER DELETE ON chess.training_games
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.count_training_games();
ALTER TABLE chess.training_games ENABLE ALWAYS TRIGGER training_games_500_delete;

CREATE TRIGGER training_games_500_truncate AFTER TRUNCATE ON chess.training_games
FOR EACH STATEMENT EXECUTE FUNCTION chess.count_training_games();
ALTER TABLE chess.training_games ENABLE ALWAYS TRIGGER training_games_500_truncate;

-- A network that is new has no games: nothing can refer to it yet.
CREATE FUNCTION chess.begin_networks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $begin$
BEGIN
    UPDATE chess.networks t SET games_played = 0 FROM new_rows n WHERE t.id = n.id AND t.games_played IS DISTINCT FROM 0;
    RETURN NULL;
END
$begin$;

CREATE TRIGGER networks_400_begin AFTER INSERT ON chess.networks
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.begin_networks();
ALTER TABLE chess.networks ENABLE ALWAYS TRIGGER networks_400_begin;

-- ---------------------------------------------------------------- games and verdicts

CREATE TYPE chess.tally AS (
    task_id bigint, param_set_id text, games integer, wins integer, losses integer, draws integer,
    ll integer, ld integer, dd integer, dw integer, ww integer, unpaired integer,
    crashes integer, timeouts integer, late integer);

-- Of each task the place of the deciding game: what comes after it is late. By hand a game has no place.
CREATE FUNCTION chess.is_late(place bigint, deciding bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(place > deciding, place IS NULL AND deciding IS NOT NULL);

CREATE VIEW chess.games AS
SELECT g.*, chess.is_late(g.place_offset, d.place_offset) AS late
FROM chess.game_results g
    LEFT JOIN chess.verdicts v ON v.task_id = g.task_id
    LEFT JOIN chess.game_results d ON d.task_id = v.task_id AND d.pair_key = v.pair_key AND d.seq = v.seq;

-- Adds tallies to what matches, tests and parameter sets show, or puts them in its place.
CREATE FUNCTION chess.show_tallies(tallies chess.tally[], anew boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $show$
DECLARE
    keep constant integer := CASE WHEN anew THEN 0 ELSE 1 END;
BEGIN
    UPDATE chess.match_tasks t
    SET games_created = t.games_created * keep + d.games,
        wins = t.wins * keep + d.wins, losses = t.losses * keep + d.losses, draws = t.draws * keep + d.draws,
        ll = t.ll * keep + d.ll, ld = t.ld * keep + d.ld, dd = t.dd * keep + d.dd, dw = t.dw * keep + d.dw,
        ww = t.ww * keep + d.ww, unpaired = t.unpaired * keep + d.unpaired, crashes = t.crashes * keep + d.crashes,
        timeouts = t.timeouts * keep + d.timeouts, late = t.late * keep + d.late
    FROM unnest(tallies) d
    WHERE t.task_id = d.task_id AND d.param_set_id IS NULL;
    UPDATE chess.sprt_tasks t
    SET wins = t.wins * keep + d.wins, losses = t.losses * keep + d.losses, draws = t.draws * keep + d.draws,
        ll = t.ll * keep + d.ll, ld = t.ld * keep + d.ld, dd = t.dd * keep + d.dd, dw = t.dw * keep + d.dw,
        ww = t.ww * keep + d.ww, unpaired = t.unpaired * keep + d.unpaired, crashes = t.crashes * keep + d.crashes,
        timeouts = t.timeouts * keep + d.timeouts, late = t.late * keep + d.late
    FROM unnest(tallies) d
    WHERE t.task_id = d.task_id AND d.param_set_id IS NULL;
    UPDATE chess.tune_param_sets t
    SET wins = t.wins * keep + d.wins, losses = t.losses * keep + d.losses, draws = t.draws * keep + d.draws,
        ll = t.ll * keep + d.ll, ld = t.ld * keep + d.ld, dd = t.dd * keep + d.dd, dw = t.dw * keep + d.dw,
        ww = t.ww * keep + d.ww, unpaired = t.unpaired * keep + d.unpaired, crashes = t.crashes * keep + d.crashes,
        timeouts = t.timeouts * keep + d.timeouts, late = t.late * keep + d.late,
        status = CASE
            WHEN (t.wins + t.losses + t.draws) * keep + d.wins + d.losses + d.draws >= s.games_per_param_set THEN 'DONE'
            ELSE 'OPEN' END
    FROM unnest(tallies) d
        JOIN chess.tune_tasks s ON s.task_id = d.task_id
    WHERE t.tune_task_id = s.id AND t.param_set_id = d.param_set_id;
END
$show$;

CREATE FUNCTION chess.hold_tasks(of_tasks bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $hold$
BEGIN
    PERFORM FROM chess.tasks WHERE id = ANY (of_tasks) ORDER BY id FOR NO KEY UPDATE;
END
$hold$;

-- Everything that a task shows of its games and its verdict, anew.
CREATE FUNCTION chess.recount(of_tasks bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $recount$
DECLARE
    tallies chess.tally[];
BEGIN
    PERFORM chess.hold_tasks(of_tasks);
    WITH wanted AS (
        SELECT id AS task_id, NULL::text AS param_set_id FROM unnest(of_tasks) id
        UNION ALL
        SELECT s.task_id, p.param_set_id FROM chess.tune_param_sets p JOIN chess.tune_tasks s ON s.id = p.tune_task_id
        WHERE s.task_id = ANY (of_tasks)),
    own AS (
        SELECT task_id, param_set_id, pair_key, result, crash_type, detailed_outcome, late FROM chess.games
        WHERE task_id = ANY (of_tasks)),
    singles AS (
        SELECT task_id, param_set_id, count(*) AS games,
            count(*) FILTER (WHERE NOT late AND result = 1) AS wins,
            count(*) FILTER (WHERE NOT late AND result = -1) AS losses,
            count(*) FILTER (WHERE NOT late AND result = 0) AS draws,
            count(*) FILTER (WHERE NOT late AND crash_type IS NOT NULL) AS crashes,
            count(*) FILTER (WHERE NOT late AND detailed_outcome = 'TIMEOUT') AS timeouts,
            count(*) FILTER (WHERE late) AS late
        FROM own GROUP BY task_id, param_set_id),
    pairs AS (
        SELECT task_id, param_set_id, n, s, count(*) AS pairs
        FROM (
            SELECT task_id, param_set_id, pair_key, count(*) AS n, sum(result) AS s FROM own
            WHERE NOT late AND result IS NOT NULL
            GROUP BY task_id, param_set_id, pair_key) of_pair
        GROUP BY task_id, param_set_id, n, s),
    cells AS (
        SELECT task_id, param_set_id,
            sum(pairs) FILTER (WHERE n = 2 AND s = -2) AS ll, sum(pairs) FILTER (WHERE n = 2 AND s = -1) AS ld,
            sum(pairs) FILTER (WHERE n = 2 AND s = 0) AS dd, sum(pairs) FILTER (WHERE n = 2 AND s = 1) AS dw,
            sum(pairs) FILTER (WHERE n = 2 AND s = 2) AS ww, sum(pairs) FILTER (WHERE n = 1) AS unpaired
        FROM pairs GROUP BY task_id, param_set_id)
    SELECT array_agg((w.task_id, w.param_set_id, coalesce(g.games, 0), coalesce(g.wins, 0), coalesce(g.losses, 0),
        coalesce(g.draws, 0), coalesce(c.ll, 0), coalesce(c.ld, 0), coalesce(c.dd, 0), coalesce(c.dw, 0),
        coalesce(c.ww, 0), coalesce(c.unpaired, 0), coalesce(g.crashes, 0), coalesce(g.timeouts, 0),
        coalesce(g.late, 0))::chess.tally ORDER BY w.task_id, w.param_set_id)
    INTO tallies
    FROM wanted w
        LEFT JOIN singles g ON g.task_id = w.task_id AND g.param_set_id IS NOT DISTINCT FROM w.param_set_id
        LEFT JOIN cells c ON c.task_id = w.task_id AND c.param_set_id IS NOT DISTINCT FROM w.param_set_id;
    PERFORM chess.show_tallies(tallies, true);
    UPDATE chess.match_tasks t
    SET done = v.verdict IS NOT NULL, passed = coalesce(v.verdict = 'passed', false) AND NOT t.test_only
    FROM unnest(of_tasks) k LEFT JOIN chess.verdicts v ON v.task_id = k
    WHERE t.task_id = k;
    UPDATE chess.sprt_tasks t
    SET verdict = CASE WHEN v.llr IS NOT NULL THEN v.verdict END, llr = v.llr,
        decided_at = CASE WHEN v.llr IS NOT NULL THEN v.decided_at END
    FROM unnest(of_tasks) k LEFT JOIN chess.verdicts v ON v.task_id = k
    WHERE t.task_id = k;
END
$recount$;

-- The one place where games are counted as they come. The pair of a game is looked up if its other game is not here.
CREATE FUNCTION chess.count_games() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET plan_cache_mode = force_custom_plan AS $count$
DECLARE
    tallies chess.tally[];
BEGIN
    PERFORM chess.hold_tasks(ARRAY(SELECT DISTINCT task_id FROM new_rows));
    WITH deciding AS MATERIALIZED (
        SELECT v.task_id, d.place_offset AS place
        FROM (SELECT DISTINCT task_id FROM new_rows) t
            JOIN chess.verdicts v USING (task_id)
            JOIN chess.game_results d ON d.task_id = v.task_id AND d.pair_key = v.pair_key AND d.seq = v.seq),
    own AS (
        SELECT n.task_id, n.param_set_id, n.pair_key, n.result, n.crash_type, n.detailed_outcome, d.place,
            d.task_id IS NOT NULL AND chess.is_late(n.place_offset, d.place) AS late
        FROM new_rows n LEFT JOIN deciding d USING (task_id)),
    of_pair AS (
        SELECT task_id, param_set_id, pair_key, count(*)::integer AS games,
            count(*) FILTER (WHERE late)::integer AS late,
            count(*) FILTER (WHERE NOT late AND result = 1)::integer AS wins,
            count(*) FILTER (WHERE NOT late AND result = -1)::integer AS losses,
            count(*) FILTER (WHERE NOT late AND result = 0)::integer AS draws,
            count(*) FILTER (WHERE NOT late AND crash_type IS NOT NULL)::integer AS crashes,
            count(*) FILTER (WHERE NOT late AND detailed_outcome = 'TIMEOUT')::integer AS timeouts,
            max(place) AS place
        FROM own GROUP BY task_id, param_set_id, pair_key),
    paired AS (
        SELECT p.*, wins + losses + draws AS n, wins - losses AS s, coalesce(o.n, 0) AS other, coalesce(o.s, 0) AS score
        FROM of_pair p LEFT JOIN LATERAL (
            SELECT count(*) - p.wins - p.losses - p.draws AS n, sum(result) - p.wins + p.losses AS s
            FROM chess.game_results m
            WHERE m.task_id = p.task_id AND m.pair_key = p.pair_key AND m.result IS NOT NULL
                AND m.param_set_id IS NOT DISTINCT FROM p.param_set_id
                AND NOT coalesce(m.place_offset > p.place, m.place_offset IS NULL AND p.place IS NOT NULL)
            ) o ON p.games = 1 AND p.late = 0 AND p.crashes = 0)
    SELECT array_agg(t::chess.tally) INTO tallies FROM (
        SELECT task_id, param_set_id, sum(games), sum(wins), sum(losses), sum(draws),
            count(*) FILTER (WHERE n + other = 2 AND n > 0 AND s + score = -2),
            count(*) FILTER (WHERE n + other = 2 AND n > 0 AND s + score = -1),
            count(*) FILTER (WHERE n + other = 2 AND n > 0 AND s + score = 0),
            count(*) FILTER (WHERE n + other = 2 AND n > 0 AND s + score = 1),
            count(*) FILTER (WHERE n + other = 2 AND n > 0 AND s + score = 2),
            count(*) FILTER (WHERE n + other = 1) - count(*) FILTER (WHERE n > 0 AND other = 1),
            sum(crashes), sum(timeouts), sum(late)
        FROM paired GROUP BY task_id, param_set_id ORDER BY task_id, param_set_id) t;
    PERFORM chess.show_tallies(tallies, false);
    RETURN NULL;
END
$count$;

CREATE TRIGGER game_results_500_tally AFTER INSERT ON chess.game_results
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.count_games();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_500_tally;

-- Rows that came or went otherwise: their tasks are counted anew. What a verdict says of a match decides whether its
-- promotion counts, so a verdict takes the run's turn first.
CREATE FUNCTION chess.recount_tasks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $recount$
DECLARE
    touched bigint[];
    runs bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT task_id) INTO touched FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT task_id) INTO touched FROM old_rows;
    ELSE
        SELECT array_agg(id) INTO touched FROM chess.tasks;
    END IF;
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'verdicts' THEN
        SELECT array_agg(DISTINCT t.training_run_id ORDER BY t.training_run_id) INTO runs
        FROM chess.match_tasks m JOIN chess.training_tasks t ON t.id = m.training_task_id
        WHERE m.task_id = ANY (touched);
        PERFORM FROM chess.training_runs WHERE id = ANY (runs) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    PERFORM chess.recount(touched);
    IF runs IS NOT NULL THEN
        PERFORM chess.describe_runs(runs);
    END IF;
    RETURN NULL;
END
$recount$;

CREATE TRIGGER game_results_500_delete AFTER DELETE ON chess.game_results
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_500_delete;

CREATE TRIGGER game_results_500_truncate AFTER TRUNCATE ON chess.game_results
FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks();
ALTER TABLE chess.game_results ENABLE ALWAYS TRIGGER game_results_500_truncate;

CREATE TRIGGER verdicts_500_decide AFTER INSERT ON chess.verdicts
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks();
ALTER TABLE chess.verdicts ENABLE ALWAYS TRIGGER verdicts_500_decide;

CREATE TRIGGER verdicts_500_delete AFTER DELETE ON chess.verdicts
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks();
ALTER TABLE chess.verdicts ENABLE ALWAYS TRIGGER verdicts_500_delete;

CREATE TRIGGER verdicts_500_truncate AFTER TRUNCATE ON chess.verdicts
FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks();
ALTER TABLE chess.verdicts ENABLE ALWAYS TRIGGER verdicts_500_truncate;

CREATE TRIGGER match_tasks_500_tally AFTER INSERT ON chess.match_tasks
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks();
ALTER TABLE chess.match_tasks ENABLE ALWAYS TRIGGER match_tasks_500_tally;

CREATE TRIGGER sprt_tasks_500_tally AFTER INSERT ON chess.sprt_tasks
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks();
ALTER TABLE chess.sprt_tasks ENABLE ALWAYS TRIGGER sprt_tasks_500_tally;

-- A parameter set that is new has no games: nothing can refer to it yet.
CREATE FUNCTION chess.begin_param_sets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $begin$
BEGIN
    PERFORM chess.show_tallies(array_agg(
        (s.task_id, n.param_set_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)::chess.tally), true)
    FROM new_rows n JOIN chess.tune_tasks s ON s.id = n.tune_task_id
    HAVING count(*) > 0;
    RETURN NULL;
END
$begin$;

CREATE TRIGGER tune_param_sets_400_begin AFTER INSERT ON chess.tune_param_sets
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION chess.begin_param_sets();
ALTER TABLE chess.tune_param_sets ENABLE ALWAYS TRIGGER tune_param_sets_400_begin;

-- ---------------------------------------------------------------- one task, two rows

CREATE FUNCTION chess.extends_its_task() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $extends$
DECLARE
    wanted constant text := upper(replace(TG_TABLE_NAME, '_tasks', ''));
    astray record;
BEGIN
    SELECT t.id, t.task_type INTO astray FROM new_rows n JOIN chess.tasks t ON t.id = n.task_id
    WHERE t.task_type <> wanted
    LIMIT 1;
    IF FOUND OR EXISTS (SELECT FROM new_rows WHERE task_id IS NULL) THEN
        RAISE EXCEPTION '%: task % is of type %', TG_TABLE_NAME, astray.id, astray.task_type
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            HINT = format('Name a task of type %s.', wanted);
    END IF;
    RETURN NULL;
END
$extends$;

-- By hand the two rows are two statements: at the end of the transaction both are there.
CREATE FUNCTION chess.has_both_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $both$
DECLARE
    one constant bigint := CASE TG_TABLE_NAME WHEN 'tasks' THEN (to_jsonb(NEW) ->> 'id')::bigint
        ELSE (to_jsonb(OLD) ->> 'task_id')::bigint END;
    kind text;
BEGIN
    SELECT task_type INTO kind FROM chess.tasks WHERE id = one;
    IF NOT (CASE kind
        WHEN 'TRAINING' THEN EXISTS (SELECT FROM chess.training_tasks WHERE task_id = one)
        WHEN 'MATCH' THEN EXISTS (SELECT FROM chess.match_tasks WHERE task_id = one)
        WHEN 'SPRT' THEN EXISTS (SELECT FROM chess.sprt_tasks WHERE task_id = one)
        WHEN 'TUNE' THEN EXISTS (SELECT FROM chess.tune_tasks WHERE task_id = one)
        ELSE true END) THEN
        RAISE EXCEPTION 'tasks: task % has no row in %_tasks', one, lower(kind)
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
            HINT = 'Write both rows in one transaction.';
    END IF;
    RETURN NULL;
END
$both$;

CREATE CONSTRAINT TRIGGER tasks_800_extended AFTER INSERT ON chess.tasks DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (session_user <> 'podium_consumer') EXECUTE FUNCTION chess.has_both_rows();
ALTER TABLE chess.tasks ENABLE ALWAYS TRIGGER tasks_800_extended;

DO $make$
DECLARE
    kind text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['training', 'match', 'sprt', 'tune'] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_tasks_300_extends AFTER INSERT ON chess.%1$s_tasks REFERENCING NEW TABLE AS new_rows '
            'FOR EACH STATEMENT EXECUTE FUNCTION chess.extends_its_task();'
            'ALTER TABLE chess.%1$s_tasks ENABLE ALWAYS TRIGGER %1$s_tasks_300_extends;'
            'CREATE CONSTRAINT TRIGGER %1$s_tasks_800_extends AFTER DELETE ON chess.%1$s_tasks '
            'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chess.has_both_rows();'
            'ALTER TABLE chess.%1$s_tasks ENABLE ALWAYS TRIGGER %1$s_tasks_800_extends', kind);
    END LOOP;
END
$make$;

-- ---------------------------------------------------------------- what to choose from, and what looks odd

CREATE VIEW chess.special_networks AS
SELECT best_network_id AS network_id, 'BEST' AS kind, id AS training_run_id, NULL::text AS set_by
FROM chess.training_runs WHERE best_network_id IS NOT NULL
UNION ALL
SELECT id, 'ANCHOR', training_run_id, NULL FROM chess.networks WHERE anchor
UNION ALL
SELECT m.network_id, m.kind, n.training_run_id, m.set_by
FROM chess.network_marks m JOIN chess.networks n ON n.id = m.network_id WHERE m.marked;

-- What one developer may choose from: what everybody may, and their own uploads.
CREATE FUNCTION chess.selectable_networks(who text) RETURNS SETOF bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $selectable$
    SELECT DISTINCT s.network_id FROM chess.special_networks s WHERE s.kind <> 'DEV_UPLOAD' OR s.set_by = who;
$selectable$;

CREATE VIEW chess.token_validity AS
SELECT id, token, user_id, created_at AS valid_from,
    least(expires_at, revoked_at + make_interval(secs => grace_seconds)) AS valid_until
FROM chess.auth_tokens;

CREATE VIEW chess.anomalies AS
SELECT 'token was not valid when it took a part' AS anomaly,
    jsonb_build_object('task_id', a.task_id, 'assignment_id', a.assignment_id) AS subject
FROM chess.task_assignments a JOIN chess.token_validity v ON v.id = a.assigned_token_id
WHERE a.assigned_at < v.valid_from OR a.assigned_at >= v.valid_until
UNION ALL
SELECT 'part of a task that was decided', jsonb_build_object('task_id', a.task_id, 'assignment_id', a.assignment_id)
FROM chess.task_assignments a JOIN chess.verdicts v ON v.task_id = a.task_id AND v.place_offset < a.place_offset
UNION ALL
SELECT 'two active parts of one token and device', jsonb_build_object('token_id', assigned_token_id, 'gpu_id', gpu_id)
FROM chess.task_assignments WHERE status = 'ACTIVE' AND assigned_token_id IS NOT NULL
GROUP BY assigned_token_id, gpu_id HAVING count(*) > 1
UNION ALL
SELECT 'both games of a pair with one colour', jsonb_build_object('task_id', task_id, 'pair_key', pair_key)
FROM chess.game_results GROUP BY task_id, pair_key HAVING count(*) = 2 AND count(DISTINCT candidate_is_white) = 1
UNION ALL
SELECT 'game of a tuning without its parameter set', jsonb_build_object('task_id', g.task_id, 'pair_key', g.pair_key)
FROM chess.game_results g JOIN chess.tune_tasks t ON t.task_id = g.task_id WHERE g.param_set_id IS NULL
UNION ALL
SELECT 'verdict on other games than there are', jsonb_build_object('task_id', v.task_id)
FROM chess.verdicts v
    LEFT JOIN chess.match_tasks m ON m.task_id = v.task_id
    LEFT JOIN chess.sprt_tasks s ON s.task_id = v.task_id
WHERE (v.wins, v.losses, v.draws) IS DISTINCT FROM (
    coalesce(s.wins, m.wins), coalesce(s.losses, m.losses), coalesce(s.draws, m.draws))
UNION ALL
SELECT 'match decided below its cap', jsonb_build_object('task_id', task_id)
FROM chess.match_tasks WHERE done AND wins + losses + draws < game_cap
UNION ALL
SELECT 'weights under several networks', jsonb_build_object('sha', sha)
FROM chess.networks WHERE sha IS NOT NULL GROUP BY sha HAVING count(*) > 1
UNION ALL
SELECT 'network number given twice', jsonb_build_object('training_run_id', training_run_id, 'number', network_number)
FROM chess.networks GROUP BY training_run_id, network_number HAVING count(*) > 1 AND count(network_number) > 1
UNION ALL
SELECT 'network number left out', jsonb_build_object('training_run_id', r.id, 'number', number)
FROM chess.training_runs r, generate_series(1, r.last_network) number
WHERE NOT EXISTS (
    SELECT FROM chess.networks n WHERE n.training_run_id = r.id AND n.network_number = number)
UNION ALL
SELECT 'promotion was stale', jsonb_build_object('training_run_id', training_run_id, 'match_task_id', match_task_id)
FROM chess.promotions WHERE version IS NULL
UNION ALL
SELECT 'candidate of another run', jsonb_build_object('task_id', m.task_id)
FROM chess.match_tasks m
    JOIN chess.training_tasks t ON t.id = coalesce(m.training_task_id, m.regression_of)
    JOIN chess.networks n ON n.id = m.candidate_network_id
WHERE n.training_run_id IS DISTINCT FROM t.training_run_id
UNION ALL
SELECT 'legacy match shows more games than it has', jsonb_build_object('match_id', m.id)
FROM chess.matches m
WHERE coalesce(m.wins, 0) + coalesce(m.losses, 0) + coalesce(m.draws, 0)
    > (SELECT count(*) FROM chess.match_games g WHERE g.match_id = m.id AND g.done)
    AND EXISTS (SELECT FROM chess.match_games g WHERE g.match_id = m.id);

GRANT USAGE ON SCHEMA chess TO podium_consumer, podium_stream, podium_reader;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA chess TO podium_consumer;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA chess TO podium_consumer;
GRANT SELECT ON ALL TABLES IN SCHEMA chess TO podium_stream, podium_reader;

REVOKE SELECT, INSERT, UPDATE ON chess.users FROM podium_consumer;
GRANT SELECT (id, username, assigned_training_run_id, place_partition, place_offset), INSERT (id, username, assigned_training_run_id, place_partition, place_offset), UPDATE (id, username, assigned_training_run_id, place_partition, place_offset) ON chess.users TO podium_consumer;

REVOKE SELECT ON chess.users FROM podium_stream;
GRANT SELECT (id, username, assigned_training_run_id, place_partition, place_offset) ON chess.users TO podium_stream;

REVOKE SELECT ON chess.users FROM podium_reader;
GRANT SELECT (id, username, assigned_training_run_id, place_partition, place_offset) ON chess.users TO podium_reader;
