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
    CONSTRAINT ck_networks_elo CHECK (num_nulls(elo) = 0 OR NOT (elo_set OR anchor))
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
    CONSTRAINT ck_time_controls_kind CHECK (CASE kind WHEN 'time_based' THEN base_ms >= 0 AND increment_ms >= 0 AND base_ms + increment_ms > 0 AND nodes IS NULL WHEN 'nodes_per_move' THEN nodes > 0 AND num_nonnulls(base_ms, increment_ms) = 0 ELSE false END), 
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
    CONSTRAINT ck_sprt_tasks_time_control CHECK (CASE time_control_type WHEN 'time_based' THEN base_time_seconds >= 0 AND increment_seconds >= 0 AND base_time_seconds + increment_seconds > 0 AND nodes_per_move IS NULL WHEN 'nodes_per_move' THEN nodes_per_move > 0 AND num_nonnulls(base_time_seconds, increment_seconds) = 0 ELSE false END), 
    CONSTRAINT fk_sprt_tasks_time_control_id FOREIGN KEY(time_control_id) REFERENCES chess.time_controls (id), 
    CONSTRAINT ck_sprt_tasks_baseline_params_args CHECK (baseline_params_args IS JSON ARRAY), 
    CONSTRAINT ck_sprt_tasks_baseline_params_uci_options CHECK (baseline_params_uci_options IS JSON OBJECT), 
    CONSTRAINT ck_sprt_tasks_candidate_params_args CHECK (candidate_params_args IS JSON ARRAY), 
    CONSTRAINT ck_sprt_tasks_candidate_params_uci_options CHECK (candidate_params_uci_options IS JSON OBJECT), 
    CONSTRAINT ck_sprt_tasks_scale_method CHECK (scale_method IN ('DEV', 'BASE', 'BOTH')), 
    CONSTRAINT ck_sprt_tasks_model CHECK (model IN ('normalized', 'logistic', 'bayesian')), 
    CONSTRAINT ck_sprt_tasks_hypotheses CHECK (elo0 < elo1 AND alpha > 0 AND beta > 0 AND alpha + beta < 1), 
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
    CONSTRAINT ck_tune_tasks_time_control CHECK (CASE time_control_type WHEN 'time_based' THEN base_time_seconds >= 0 AND increment_seconds >= 0 AND base_time_seconds + increment_seconds > 0 AND nodes_per_move IS NULL WHEN 'nodes_per_move' THEN nodes_per_move > 0 AND num_nonnulls(base_time_seconds, increment_seconds) = 0 ELSE false END), 
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

REVOKE SELECT ON chess.users FROM podium_stream, podium_reader;
GRANT SELECT (id, username, assigned_training_run_id, place_partition, place_offset) ON chess.users TO podium_stream, podium_reader;
