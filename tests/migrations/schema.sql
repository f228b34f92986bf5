-- Printed by `python -m tests.migrations.catalog DSN` from a migrated database.

-- column chess.anomalies 01 anomaly
text

-- column chess.anomalies 02 subject
jsonb

-- column chess.auth_tokens 01 id
bigint NOT NULL DEFAULT nextval('chess.auth_tokens_id_seq'::regclass)

-- column chess.auth_tokens 02 token
text -- SHA-256 of the token, hex; the token itself is nowhere

-- column chess.auth_tokens 03 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.auth_tokens 04 updated_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.auth_tokens 05 user_id
bigint -- NULL: anonymous

-- column chess.auth_tokens 06 last_used_at
timestamp with time zone

-- column chess.auth_tokens 07 issued_reason
text

-- column chess.auth_tokens 08 client_version
text

-- column chess.auth_tokens 09 client_host
text

-- column chess.auth_tokens 10 gpu_type
text

-- column chess.auth_tokens 11 gpu_id
integer

-- column chess.auth_tokens 12 prefix
text -- first characters of the token, for people

-- column chess.auth_tokens 13 issuer
text -- of the account behind it, with its subject: the way to another source of users

-- column chess.auth_tokens 14 subject
text

-- column chess.auth_tokens 15 expires_at
timestamp with time zone

-- column chess.auth_tokens 16 rotated_from
bigint -- what this one replaces

-- column chess.auth_tokens 17 status
text NOT NULL DEFAULT 'ISSUED'::text

-- column chess.auth_tokens 18 revoked_at
timestamp with time zone

-- column chess.auth_tokens 19 grace_seconds
integer -- how long it stays valid after revoked_at: a rotation leaves a day

-- column chess.auth_tokens 20 revoked_reason
text

-- column chess.auth_tokens 21 place_partition
integer

-- column chess.auth_tokens 22 place_offset
bigint

-- column chess.books 01 id
bigint NOT NULL DEFAULT nextval('chess.books_id_seq'::regclass)

-- column chess.books 02 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.books 03 updated_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.books 04 sha256
text NOT NULL -- of the book's bytes: its address in the store

-- column chess.books 05 url
text NOT NULL

-- column chess.books 06 size_bytes
bigint

-- column chess.books 07 format
text

-- column chess.books 08 latest_time
timestamp with time zone

-- column chess.books 09 latest_id
uuid

-- column chess.books 10 latest_digest
bytea

-- column chess.builds 01 id
bigint NOT NULL DEFAULT nextval('chess.builds_id_seq'::regclass)

-- column chess.builds 02 repo_url
text NOT NULL

-- column chess.builds 03 commit_hash
text NOT NULL

-- column chess.builds 04 params
text NOT NULL -- JSON object of build options

-- column chess.clients 01 id
bigint NOT NULL DEFAULT nextval('chess.clients_id_seq'::regclass)

-- column chess.clients 02 user_id
bigint

-- column chess.clients 03 client_name
text

-- column chess.clients 04 last_version
bigint

-- column chess.clients 05 last_engine_version
text

-- column chess.clients 06 last_game_at
timestamp with time zone

-- column chess.clients 07 gpu_name
text

-- column chess.clients 08 place_partition
integer

-- column chess.clients 09 place_offset
bigint

-- column chess.game_results 01 task_id
bigint NOT NULL

-- column chess.game_results 02 pair_key
text NOT NULL -- of the two games of one opening; a lone game has its own

-- column chess.game_results 03 seq
smallint NOT NULL -- 1 or 2 within the pair

-- column chess.game_results 04 param_set_id
text -- where the task is a tuning

-- column chess.game_results 05 assignment_id
bigint

-- column chess.game_results 06 result
smallint -- 1 the candidate won, 0 draw, -1 it lost; NULL: crashed

-- column chess.game_results 07 candidate_is_white
boolean NOT NULL

-- column chess.game_results 08 detailed_outcome
text

-- column chess.game_results 09 crash_type
text

-- column chess.game_results 10 played_at
timestamp with time zone DEFAULT now()

-- column chess.game_results 11 place_partition
integer

-- column chess.game_results 12 place_offset
bigint

-- column chess.games 01 task_id
bigint

-- column chess.games 02 pair_key
text

-- column chess.games 03 seq
smallint

-- column chess.games 04 param_set_id
text

-- column chess.games 05 assignment_id
bigint

-- column chess.games 06 result
smallint

-- column chess.games 07 candidate_is_white
boolean

-- column chess.games 08 detailed_outcome
text

-- column chess.games 09 crash_type
text

-- column chess.games 10 played_at
timestamp with time zone

-- column chess.games 11 place_partition
integer

-- column chess.games 12 place_offset
bigint

-- column chess.games 13 late
boolean

-- column chess.match_games 01 id
bigint NOT NULL DEFAULT nextval('chess.match_games_id_seq'::regclass)

-- column chess.match_games 02 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.match_games 03 user_id
bigint

-- column chess.match_games 04 match_id
bigint

-- column chess.match_games 05 version
bigint

-- column chess.match_games 06 pgn
text

-- column chess.match_games 07 result
integer -- the candidate's: 1, 0, -1; without `done` it says nothing

-- column chess.match_games 08 done
boolean

-- column chess.match_games 09 flip
boolean -- the candidate was Black; the result is turned already

-- column chess.match_games 10 engine_version
text

-- column chess.match_games 11 place_partition
integer

-- column chess.match_games 12 place_offset
bigint

-- column chess.match_tasks 01 id
bigint NOT NULL DEFAULT nextval('chess.match_tasks_id_seq'::regclass)

-- column chess.match_tasks 02 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.match_tasks 03 updated_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.match_tasks 04 task_id
bigint

-- column chess.match_tasks 05 training_task_id
bigint

-- column chess.match_tasks 06 candidate_network_id
bigint

-- column chess.match_tasks 07 current_best_network_id
bigint

-- column chess.match_tasks 08 games_created
integer DEFAULT 0 -- games heard of, whatever became of them

-- column chess.match_tasks 09 wins
integer DEFAULT 0

-- column chess.match_tasks 10 losses
integer DEFAULT 0

-- column chess.match_tasks 11 draws
integer DEFAULT 0

-- column chess.match_tasks 12 done
boolean DEFAULT false -- decided

-- column chess.match_tasks 13 passed
boolean DEFAULT false -- decided in the candidate's favour

-- column chess.match_tasks 14 ll
integer NOT NULL DEFAULT 0

-- column chess.match_tasks 15 ld
integer NOT NULL DEFAULT 0

-- column chess.match_tasks 16 dd
integer NOT NULL DEFAULT 0

-- column chess.match_tasks 17 dw
integer NOT NULL DEFAULT 0

-- column chess.match_tasks 18 ww
integer NOT NULL DEFAULT 0

-- column chess.match_tasks 19 unpaired
integer NOT NULL DEFAULT 0

-- column chess.match_tasks 20 crashes
integer NOT NULL DEFAULT 0

-- column chess.match_tasks 21 timeouts
integer NOT NULL DEFAULT 0

-- column chess.match_tasks 22 late
integer NOT NULL DEFAULT 0

-- column chess.match_tasks 23 regression_of
bigint -- of a regression, in its place

-- column chess.match_tasks 24 game_cap
integer NOT NULL DEFAULT 600

-- column chess.match_tasks 25 threshold_elo
double precision NOT NULL DEFAULT '-50'::integer -- passes strictly above

-- column chess.match_tasks 26 test_only
boolean NOT NULL DEFAULT false -- never promotes

-- column chess.match_tasks 27 special_params
boolean NOT NULL DEFAULT false -- never rated

-- column chess.match_tasks 28 target_slice
smallint NOT NULL DEFAULT 0

-- column chess.match_tasks 29 place_partition
integer

-- column chess.match_tasks 30 place_offset
bigint

-- column chess.matches 01 id
bigint NOT NULL DEFAULT nextval('chess.matches_id_seq'::regclass)

-- column chess.matches 02 training_run_id
bigint

-- column chess.matches 03 parameters
text

-- column chess.matches 04 candidate_id
bigint

-- column chess.matches 05 current_best_id
bigint

-- column chess.matches 06 games_created
integer

-- column chess.matches 07 wins
integer

-- column chess.matches 08 losses
integer

-- column chess.matches 09 draws
integer

-- column chess.matches 10 game_cap
integer

-- column chess.matches 11 done
boolean

-- column chess.matches 12 passed
boolean

-- column chess.matches 13 test_only
boolean

-- column chess.matches 14 special_params
boolean

-- column chess.matches 15 target_slice
integer

-- column chess.matches 16 place_partition
integer

-- column chess.matches 17 place_offset
bigint

-- column chess.network_marks 01 network_id
bigint NOT NULL

-- column chess.network_marks 02 kind
text NOT NULL

-- column chess.network_marks 03 marked
boolean NOT NULL -- false: taken back

-- column chess.network_marks 04 set_by
text NOT NULL

-- column chess.network_marks 05 set_at
timestamp with time zone DEFAULT now()

-- column chess.network_marks 06 latest_time
timestamp with time zone

-- column chess.network_marks 07 latest_id
uuid

-- column chess.network_marks 08 latest_digest
bytea

-- column chess.networks 01 id
bigint NOT NULL DEFAULT nextval('chess.networks_id_seq'::regclass)

-- column chess.networks 02 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.networks 03 training_run_id
bigint

-- column chess.networks 04 network_number
bigint -- within the run

-- column chess.networks 05 sha
text -- SHA-256 of the uncompressed weights, hex

-- column chess.networks 06 path
text

-- column chess.networks 07 layers
integer

-- column chess.networks 08 filters
integer

-- column chess.networks 09 games_played
integer DEFAULT 0 -- training games recorded: derived

-- column chess.networks 10 elo
double precision

-- column chess.networks 11 anchor
boolean DEFAULT false -- its rating never changes

-- column chess.networks 12 elo_set
boolean DEFAULT false -- the rating comes from the offline rating job

-- column chess.networks 13 uploaded_by
text -- developer, where it did not come from training

-- column chess.networks 14 latest_time
timestamp with time zone

-- column chess.networks 15 latest_id
uuid

-- column chess.networks 16 latest_digest
bytea

-- column chess.networks 17 place_partition
integer

-- column chess.networks 18 place_offset
bigint

-- column chess.promotions 01 training_run_id
bigint NOT NULL

-- column chess.promotions 02 match_task_id
bigint NOT NULL

-- column chess.promotions 03 network_id
bigint NOT NULL

-- column chess.promotions 04 expected_network_id
bigint -- the best that it was held against

-- column chess.promotions 05 version
integer -- of the run's best, from 1; NULL: stale, the best had moved on

-- column chess.promotions 06 promoted_at
timestamp with time zone DEFAULT now()

-- column chess.promotions 07 place_partition
integer

-- column chess.promotions 08 place_offset
bigint

-- column chess.server_data 01 id
bigint NOT NULL DEFAULT nextval('chess.server_data_id_seq'::regclass)

-- column chess.server_data 02 training_pgn_uploaded
integer

-- column chess.server_data 03 place_partition
integer

-- column chess.server_data 04 place_offset
bigint

-- column chess.special_networks 01 network_id
bigint

-- column chess.special_networks 02 kind
text

-- column chess.special_networks 03 training_run_id
bigint

-- column chess.special_networks 04 set_by
text

-- column chess.sprt_tasks 01 id
bigint NOT NULL DEFAULT nextval('chess.sprt_tasks_id_seq'::regclass)

-- column chess.sprt_tasks 02 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.sprt_tasks 03 updated_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.sprt_tasks 04 task_id
bigint

-- column chess.sprt_tasks 05 baseline_network_id
bigint

-- column chess.sprt_tasks 06 baseline_params_args
text

-- column chess.sprt_tasks 07 baseline_params_uci_options
text

-- column chess.sprt_tasks 08 candidate_network_id
bigint

-- column chess.sprt_tasks 09 candidate_params_args
text

-- column chess.sprt_tasks 10 candidate_params_uci_options
text

-- column chess.sprt_tasks 11 opening_book_id
bigint

-- column chess.sprt_tasks 12 time_control_type
character varying(32)

-- column chess.sprt_tasks 13 base_time_seconds
double precision

-- column chess.sprt_tasks 14 increment_seconds
double precision

-- column chess.sprt_tasks 15 nodes_per_move
bigint

-- column chess.sprt_tasks 16 time_control_id
bigint NOT NULL

-- column chess.sprt_tasks 17 scale_method
text NOT NULL DEFAULT 'DEV'::text

-- column chess.sprt_tasks 18 scale_nps
bigint -- nodes per second that the time control is meant for

-- column chess.sprt_tasks 19 elo0
double precision NOT NULL

-- column chess.sprt_tasks 20 elo1
double precision NOT NULL

-- column chess.sprt_tasks 21 alpha
double precision NOT NULL

-- column chess.sprt_tasks 22 beta
double precision NOT NULL

-- column chess.sprt_tasks 23 model
text NOT NULL

-- column chess.sprt_tasks 24 lower
double precision NOT NULL -- ln(beta / (1 - alpha))

-- column chess.sprt_tasks 25 upper
double precision NOT NULL -- ln((1 - beta) / alpha)

-- column chess.sprt_tasks 26 wins
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 27 losses
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 28 draws
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 29 ll
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 30 ld
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 31 dd
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 32 dw
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 33 ww
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 34 unpaired
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 35 crashes
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 36 timeouts
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 37 late
integer NOT NULL DEFAULT 0

-- column chess.sprt_tasks 38 verdict
text

-- column chess.sprt_tasks 39 llr
double precision -- at the decision

-- column chess.sprt_tasks 40 decided_at
timestamp with time zone

-- column chess.sprt_tasks 41 place_partition
integer

-- column chess.sprt_tasks 42 place_offset
bigint

-- column chess.tally 01 task_id
bigint

-- column chess.tally 02 param_set_id
text

-- column chess.tally 03 games
integer

-- column chess.tally 04 wins
integer

-- column chess.tally 05 losses
integer

-- column chess.tally 06 draws
integer

-- column chess.tally 07 ll
integer

-- column chess.tally 08 ld
integer

-- column chess.tally 09 dd
integer

-- column chess.tally 10 dw
integer

-- column chess.tally 11 ww
integer

-- column chess.tally 12 unpaired
integer

-- column chess.tally 13 crashes
integer

-- column chess.tally 14 timeouts
integer

-- column chess.tally 15 late
integer

-- column chess.task_assignments 01 task_id
bigint NOT NULL

-- column chess.task_assignments 02 assignment_id
bigint NOT NULL

-- column chess.task_assignments 03 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.task_assignments 04 updated_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.task_assignments 05 assigned_token_id
bigint

-- column chess.task_assignments 06 gpu_id
integer

-- column chess.task_assignments 07 assigned_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.task_assignments 08 last_heartbeat_at
timestamp with time zone

-- column chess.task_assignments 09 status
text NOT NULL DEFAULT 'ACTIVE'::text

-- column chess.task_assignments 10 ended_at
timestamp with time zone

-- column chess.task_assignments 11 reason
text

-- column chess.task_assignments 12 measured_nps
bigint

-- column chess.task_assignments 13 scale_factor
double precision -- what the time control was multiplied by

-- column chess.task_assignments 14 place_partition
integer

-- column chess.task_assignments 15 place_offset
bigint

-- column chess.tasks 01 id
bigint NOT NULL DEFAULT nextval('chess.tasks_id_seq'::regclass)

-- column chess.tasks 02 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.tasks 03 updated_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.tasks 04 task_type
text NOT NULL

-- column chess.tasks 05 status
text NOT NULL DEFAULT 'PENDING'::text

-- column chess.tasks 06 description
text

-- column chess.tasks 07 priority
integer NOT NULL DEFAULT 0 -- greater goes first

-- column chess.tasks 08 throughput
integer NOT NULL DEFAULT 100 -- share among equals, in percent

-- column chess.tasks 09 digest
bytea -- digest of the data of the event that made the task

-- column chess.tasks 10 latest_time
timestamp with time zone

-- column chess.tasks 11 latest_id
uuid

-- column chess.tasks 12 latest_digest
bytea

-- column chess.tasks 13 place_partition
integer

-- column chess.tasks 14 place_offset
bigint

-- column chess.time_controls 01 id
bigint NOT NULL DEFAULT nextval('chess.time_controls_id_seq'::regclass)

-- column chess.time_controls 02 kind
character varying(32) NOT NULL

-- column chess.time_controls 03 base_ms
bigint

-- column chess.time_controls 04 increment_ms
bigint

-- column chess.time_controls 05 nodes
bigint

-- column chess.token_validity 01 id
bigint

-- column chess.token_validity 02 token
text

-- column chess.token_validity 03 user_id
bigint

-- column chess.token_validity 04 valid_from
timestamp with time zone

-- column chess.token_validity 05 valid_until
timestamp with time zone

-- column chess.training_games 01 id
bigint NOT NULL DEFAULT nextval('chess.training_games_id_seq'::regclass)

-- column chess.training_games 02 created_at
timestamp with time zone DEFAULT now()

-- column chess.training_games 03 user_id
bigint

-- column chess.training_games 04 client_id
bigint

-- column chess.training_games 05 training_run_id
bigint

-- column chess.training_games 06 network_id
bigint

-- column chess.training_games 07 game_number
bigint

-- column chess.training_games 08 version
bigint

-- column chess.training_games 09 compacted
boolean

-- column chess.training_games 10 engine_version
text

-- column chess.training_games 11 resign_fp_threshold
double precision

-- column chess.training_games 12 place_partition
integer

-- column chess.training_games 13 place_offset
bigint

-- column chess.training_runs 01 id
bigint NOT NULL DEFAULT nextval('chess.training_runs_id_seq'::regclass)

-- column chess.training_runs 02 best_network_id
bigint -- the first, then as promoted: derived

-- column chess.training_runs 03 description
text

-- column chess.training_runs 04 train_parameters
text

-- column chess.training_runs 05 match_parameters
text

-- column chess.training_runs 06 train_book
text

-- column chess.training_runs 07 match_book
text

-- column chess.training_runs 08 active
boolean

-- column chess.training_runs 09 last_network
bigint -- greatest network number: derived

-- column chess.training_runs 10 last_game
bigint -- greatest game number: derived

-- column chess.training_runs 11 permission_expr
text

-- column chess.training_runs 12 multi_net_mode
boolean

-- column chess.training_runs 13 first_network_id
bigint -- best before any promotion

-- column chess.training_runs 14 latest_time
timestamp with time zone

-- column chess.training_runs 15 latest_id
uuid

-- column chess.training_runs 16 latest_digest
bytea

-- column chess.training_tasks 01 id
bigint NOT NULL DEFAULT nextval('chess.training_tasks_id_seq'::regclass)

-- column chess.training_tasks 02 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.training_tasks 03 updated_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.training_tasks 04 task_id
bigint

-- column chess.training_tasks 05 training_run_id
bigint

-- column chess.training_tasks 06 train_book_id
bigint

-- column chess.training_tasks 07 match_book_id
bigint

-- column chess.training_tasks 08 train_parameters
text

-- column chess.training_tasks 09 match_parameters
text

-- column chess.training_tasks 10 best_network_id
bigint -- the run's best: derived

-- column chess.training_tasks 11 place_partition
integer

-- column chess.training_tasks 12 place_offset
bigint

-- column chess.tune_outputs 01 task_id
bigint NOT NULL

-- column chess.tune_outputs 02 iteration
integer NOT NULL

-- column chess.tune_outputs 03 kind
text NOT NULL

-- column chess.tune_outputs 04 param_set_id
text

-- column chess.tune_outputs 05 params
jsonb NOT NULL -- parameter -> value

-- column chess.tune_outputs 06 est_elo
double precision

-- column chess.tune_outputs 07 ci_low
double precision

-- column chess.tune_outputs 08 ci_high
double precision

-- column chess.tune_outputs 09 published_at
timestamp with time zone DEFAULT now()

-- column chess.tune_outputs 10 place_partition
integer

-- column chess.tune_outputs 11 place_offset
bigint

-- column chess.tune_param_sets 01 id
bigint NOT NULL DEFAULT nextval('chess.tune_param_sets_id_seq'::regclass)

-- column chess.tune_param_sets 02 tune_task_id
bigint

-- column chess.tune_param_sets 03 param_set_id
text

-- column chess.tune_param_sets 04 params_args
text

-- column chess.tune_param_sets 05 params_uci_options
text

-- column chess.tune_param_sets 06 status
text NOT NULL DEFAULT 'OPEN'::text -- DONE from games_per_param_set on

-- column chess.tune_param_sets 07 wins
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 08 losses
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 09 draws
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 10 ll
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 11 ld
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 12 dd
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 13 dw
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 14 ww
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 15 unpaired
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 16 crashes
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 17 timeouts
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 18 late
integer NOT NULL DEFAULT 0

-- column chess.tune_param_sets 19 place_partition
integer

-- column chess.tune_param_sets 20 place_offset
bigint

-- column chess.tune_tasks 01 id
bigint NOT NULL DEFAULT nextval('chess.tune_tasks_id_seq'::regclass)

-- column chess.tune_tasks 02 created_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.tune_tasks 03 updated_at
timestamp with time zone NOT NULL DEFAULT now()

-- column chess.tune_tasks 04 task_id
bigint

-- column chess.tune_tasks 05 build_repo_url
text

-- column chess.tune_tasks 06 build_commit_hash
text

-- column chess.tune_tasks 07 build_params
text

-- column chess.tune_tasks 08 tune_network_id
bigint

-- column chess.tune_tasks 09 opening_book_id
bigint

-- column chess.tune_tasks 10 games_per_param_set
integer

-- column chess.tune_tasks 11 time_control_type
character varying(32)

-- column chess.tune_tasks 12 base_time_seconds
double precision

-- column chess.tune_tasks 13 increment_seconds
double precision

-- column chess.tune_tasks 14 nodes_per_move
bigint

-- column chess.tune_tasks 15 time_control_id
bigint NOT NULL

-- column chess.tune_tasks 16 build_id
bigint NOT NULL

-- column chess.tune_tasks 17 param_sets
integer NOT NULL -- how many there will be

-- column chess.tune_tasks 18 spsa
jsonb -- settings of the tuning, where it is SPSA

-- column chess.tune_tasks 19 place_partition
integer

-- column chess.tune_tasks 20 place_offset
bigint

-- column chess.users 01 id
bigint NOT NULL DEFAULT nextval('chess.users_id_seq'::regclass)

-- column chess.users 02 username
text

-- column chess.users 03 password
text -- secret: never in an event

-- column chess.users 04 assigned_training_run_id
bigint

-- column chess.users 05 place_partition
integer

-- column chess.users 06 place_offset
bigint

-- column chess.verdicts 01 task_id
bigint NOT NULL

-- column chess.verdicts 02 pair_key
text NOT NULL -- the deciding game: the last one that counts

-- column chess.verdicts 03 seq
smallint NOT NULL

-- column chess.verdicts 04 verdict
text NOT NULL

-- column chess.verdicts 05 wins
integer NOT NULL

-- column chess.verdicts 06 losses
integer NOT NULL

-- column chess.verdicts 07 draws
integer NOT NULL

-- column chess.verdicts 08 ll
integer NOT NULL

-- column chess.verdicts 09 ld
integer NOT NULL

-- column chess.verdicts 10 dd
integer NOT NULL

-- column chess.verdicts 11 dw
integer NOT NULL

-- column chess.verdicts 12 ww
integer NOT NULL

-- column chess.verdicts 13 elo
double precision -- of the candidate over its opponent; NULL: not finite

-- column chess.verdicts 14 llr
double precision

-- column chess.verdicts 15 lower
double precision

-- column chess.verdicts 16 upper
double precision

-- column chess.verdicts 17 decided_at
timestamp with time zone DEFAULT now()

-- column chess.verdicts 18 place_partition
integer

-- column chess.verdicts 19 place_offset
bigint

-- column competition.checkpoints 01 id
character varying NOT NULL

-- column competition.checkpoints 02 checkpoint_kind
character varying NOT NULL

-- column competition.checkpoints 03 interval_seconds
integer NOT NULL

-- column competition.checkpoints 04 last_run_at
timestamp with time zone -- as planned; where the next period starts

-- column competition.checkpoints 05 next_run_at
timestamp with time zone

-- column competition.checkpoints 06 meta_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.checkpoints 07 starts_at
timestamp with time zone NOT NULL -- where the first period starts

-- column competition.checkpoints 08 latest_time
timestamp with time zone

-- column competition.checkpoints 09 latest_id
uuid

-- column competition.checkpoints 10 latest_digest
bytea

-- column competition.closings 01 prediction_config_id
character varying NOT NULL

-- column competition.closings 02 performed_at
timestamp with time zone NOT NULL

-- column competition.closings 03 answered
jsonb NOT NULL DEFAULT '[]'::jsonb

-- column competition.closings 04 absent
integer NOT NULL -- models that were expected and did not answer

-- column competition.closings 05 closed_at
timestamp with time zone NOT NULL

-- column competition.closings 06 place_partition
integer

-- column competition.closings 07 place_offset
bigint

-- column competition.confirmations 01 emission_id
character varying NOT NULL

-- column competition.confirmations 02 status
character varying NOT NULL

-- column competition.confirmations 03 tx_hash
character varying NOT NULL -- that of the submission

-- column competition.confirmations 04 confirmed_at
timestamp with time zone

-- column competition.confirmations 05 place_partition
integer

-- column competition.confirmations 06 place_offset
bigint

-- column competition.debuts 01 scope_key
character varying NOT NULL

-- column competition.debuts 02 model_id
character varying NOT NULL

-- column competition.debuts 03 hour
timestamp with time zone NOT NULL -- the first that tallies something

-- column competition.delta 01 scope_key
text

-- column competition.delta 02 hour
timestamp with time zone

-- column competition.delta 03 model_id
text

-- column competition.delta 04 n
integer

-- column competition.delta 05 succeeded
integer

-- column competition.delta 06 billionths
numeric

-- column competition.emission_checkpoints 01 id
character varying NOT NULL

-- column competition.emission_checkpoints 02 checkpoint_id
character varying NOT NULL

-- column competition.emission_checkpoints 03 emitted_at
timestamp with time zone NOT NULL

-- column competition.emission_checkpoints 04 payload_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.emission_checkpoints 05 period_start
timestamp with time zone NOT NULL

-- column competition.emission_checkpoints 06 period_end
timestamp with time zone NOT NULL

-- column competition.emission_checkpoints 07 ranking_jsonb
jsonb NOT NULL DEFAULT '[]'::jsonb

-- column competition.emission_checkpoints 08 prizes_jsonb
jsonb NOT NULL DEFAULT '[]'::jsonb

-- column competition.emission_checkpoints 09 status
character varying NOT NULL DEFAULT 'PENDING'::character varying

-- column competition.emission_checkpoints 10 tx_hash
character varying

-- column competition.emission_checkpoints 11 place_partition
integer

-- column competition.emission_checkpoints 12 place_offset
bigint

-- column competition.judgements 01 prediction_id
character varying NOT NULL

-- column competition.judgements 02 prediction_digest
bytea NOT NULL -- digest of the prediction that was judged

-- column competition.judgements 03 value
double precision -- raw, as its metric gives it; NULL: could not be judged

-- column competition.judgements 04 failed_reason
character varying

-- column competition.judgements 05 judged_at
timestamp with time zone

-- column competition.judgements 06 place_partition
integer

-- column competition.judgements 07 place_offset
bigint

-- column competition.late_predictions 01 id
character varying

-- column competition.late_predictions 02 model_id
character varying

-- column competition.late_predictions 03 prediction_config_id
character varying

-- column competition.late_predictions 04 scope_key
character varying

-- column competition.late_predictions 05 scope_jsonb
jsonb

-- column competition.late_predictions 06 status
character varying

-- column competition.late_predictions 07 exec_time_ms
double precision

-- column competition.late_predictions 08 inference_input_jsonb
jsonb

-- column competition.late_predictions 09 inference_output_jsonb
jsonb

-- column competition.late_predictions 10 meta_jsonb
jsonb

-- column competition.late_predictions 11 performed_at
timestamp with time zone

-- column competition.late_predictions 12 resolvable_at
timestamp with time zone

-- column competition.late_predictions 13 score_value
double precision

-- column competition.late_predictions 14 score_success
boolean

-- column competition.late_predictions 15 score_failed_reason
character varying

-- column competition.late_predictions 16 score_scored_at
timestamp with time zone

-- column competition.late_predictions 17 score_status
character varying

-- column competition.late_predictions 18 absent
boolean

-- column competition.late_predictions 19 answered_at
timestamp with time zone

-- column competition.late_predictions 20 digest
bytea

-- column competition.late_predictions 21 place_partition
integer

-- column competition.late_predictions 22 place_offset
bigint

-- column competition.leaderboards 01 id
character varying NOT NULL

-- column competition.leaderboards 02 created_at
timestamp with time zone NOT NULL

-- column competition.leaderboards 03 entries_jsonb
jsonb NOT NULL DEFAULT '[]'::jsonb

-- column competition.leaderboards 04 meta_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.leaderboards 05 board
character varying NOT NULL

-- column competition.leaderboards 06 place_partition
integer

-- column competition.leaderboards 07 place_offset
bigint

-- column competition.model_scores 01 id
character varying NOT NULL

-- column competition.model_scores 02 model_id
character varying NOT NULL

-- column competition.model_scores 03 score_payload_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.model_scores 04 computed_at
timestamp with time zone NOT NULL -- when the board that shows it was cut

-- column competition.models 01 id
character varying NOT NULL

-- column competition.models 02 name
character varying NOT NULL

-- column competition.models 03 deployment_identifier
character varying NOT NULL -- of the running version

-- column competition.models 04 player_id
character varying NOT NULL DEFAULT 'unknown-player'::character varying

-- column competition.models 05 player_name
character varying NOT NULL DEFAULT 'Unknown'::character varying

-- column competition.models 06 overall_score_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.models 07 scores_by_scope_jsonb
jsonb NOT NULL DEFAULT '[]'::jsonb

-- column competition.models 08 meta_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.models 09 created_at
timestamp with time zone NOT NULL -- first seen; rounds from then on expect its answer

-- column competition.models 10 updated_at
timestamp with time zone NOT NULL -- last event of its metadata

-- column competition.models 11 latest_id
uuid

-- column competition.models 12 latest_digest
bytea

-- column competition.models 13 active
boolean NOT NULL DEFAULT true -- whether rounds expect its answer

-- column competition.models 14 active_time
timestamp with time zone

-- column competition.models 15 active_id
uuid

-- column competition.models 16 active_digest
bytea

-- column competition.predictions 01 id
character varying NOT NULL

-- column competition.predictions 02 model_id
character varying NOT NULL

-- column competition.predictions 03 prediction_config_id
character varying NOT NULL

-- column competition.predictions 04 scope_key
character varying NOT NULL

-- column competition.predictions 05 scope_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.predictions 06 status
character varying NOT NULL -- outcome of the call

-- column competition.predictions 07 exec_time_ms
double precision NOT NULL -- milliseconds

-- column competition.predictions 08 inference_input_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.predictions 09 inference_output_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.predictions 10 meta_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.predictions 11 performed_at
timestamp with time zone NOT NULL

-- column competition.predictions 12 resolvable_at
timestamp with time zone NOT NULL

-- column competition.predictions 13 score_value
double precision -- final: more is better

-- column competition.predictions 14 score_success
boolean

-- column competition.predictions 15 score_failed_reason
character varying

-- column competition.predictions 16 score_scored_at
timestamp with time zone

-- column competition.predictions 17 score_status
character varying NOT NULL DEFAULT 'PENDING'::character varying -- life of the score

-- column competition.predictions 18 absent
boolean NOT NULL -- the lack of an answer, beside which a late one may stand

-- column competition.predictions 19 answered_at
timestamp with time zone

-- column competition.predictions 20 digest
bytea -- digest of the event's data; a judgement names it

-- column competition.predictions 21 place_partition
integer

-- column competition.predictions 22 place_offset
bigint

-- column competition.rounds 01 prediction_config_id
character varying NOT NULL

-- column competition.rounds 02 performed_at
timestamp with time zone NOT NULL -- the slot

-- column competition.rounds 03 scope_key
character varying NOT NULL

-- column competition.rounds 04 scope_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.rounds 05 scoring_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.rounds 06 closes_at
timestamp with time zone NOT NULL -- answers count until then

-- column competition.rounds 07 resolvable_at
timestamp with time zone NOT NULL

-- column competition.rounds 08 expires_at
timestamp with time zone NOT NULL -- without a truth until then it expires

-- column competition.rounds 09 replayed
boolean NOT NULL -- closed by its publisher, not by the clock

-- column competition.rounds 10 status
character varying NOT NULL

-- column competition.scheduled_prediction_configs 01 id
character varying NOT NULL

-- column competition.scheduled_prediction_configs 02 scope_key
character varying NOT NULL

-- column competition.scheduled_prediction_configs 03 scope_template_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.scheduled_prediction_configs 04 schedule_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.scheduled_prediction_configs 05 active
boolean NOT NULL DEFAULT true

-- column competition.scheduled_prediction_configs 06 "order"
integer NOT NULL DEFAULT 0

-- column competition.scheduled_prediction_configs 07 meta_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.scheduled_prediction_configs 08 scoring_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.scheduled_prediction_configs 09 latest_time
timestamp with time zone

-- column competition.scheduled_prediction_configs 10 latest_id
uuid

-- column competition.scheduled_prediction_configs 11 latest_digest
bytea

-- column competition.scheduled_prediction_configs 12 active_time
timestamp with time zone

-- column competition.scheduled_prediction_configs 13 active_id
uuid

-- column competition.scheduled_prediction_configs 14 active_digest
bytea

-- column competition.submissions 01 emission_id
character varying NOT NULL

-- column competition.submissions 02 tx_hash
character varying NOT NULL

-- column competition.submissions 03 submitted_at
timestamp with time zone

-- column competition.submissions 04 place_partition
integer

-- column competition.submissions 05 place_offset
bigint

-- column competition.tallies 01 scope_key
character varying NOT NULL

-- column competition.tallies 02 hour
timestamp with time zone NOT NULL -- its end: resolvable_at in (hour - 1 h, hour]

-- column competition.tallies 03 model_id
character varying NOT NULL

-- column competition.tallies 04 n
integer NOT NULL

-- column competition.tallies 05 succeeded
integer NOT NULL

-- column competition.tallies 06 billionths
numeric NOT NULL -- sum of the scores, each in billionths

-- column competition.truths 01 prediction_config_id
character varying NOT NULL

-- column competition.truths 02 performed_at
timestamp with time zone NOT NULL

-- column competition.truths 03 truth_jsonb
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column competition.truths 04 lag_seconds
double precision NOT NULL -- from resolvable_at to the observation

-- column competition.truths 05 published_at
timestamp with time zone NOT NULL

-- column competition.truths 06 place_partition
integer

-- column competition.truths 07 place_offset
bigint

-- column evaluation.confusion 01 model_id
integer NOT NULL

-- column evaluation.confusion 02 prompt_id
integer NOT NULL

-- column evaluation.confusion 03 dataset_id
integer NOT NULL

-- column evaluation.confusion 04 gold
character varying NOT NULL

-- column evaluation.confusion 05 predicted
character varying NOT NULL

-- column evaluation.confusion 06 n
bigint NOT NULL

-- column evaluation.dataset_versions 01 dataset_id
integer NOT NULL

-- column evaluation.dataset_versions 02 version
integer NOT NULL

-- column evaluation.dataset_versions 03 total_rows
integer NOT NULL -- rows of the data set up to and with this version

-- column evaluation.dataset_versions 04 place_partition
integer

-- column evaluation.dataset_versions 05 place_offset
bigint

-- column evaluation.datasets 01 dataset_id
integer NOT NULL DEFAULT nextval('evaluation.datasets_dataset_id_seq'::regclass)

-- column evaluation.datasets 02 name
character varying NOT NULL

-- column evaluation.datasets 03 description
text

-- column evaluation.datasets 04 labels
text -- the label set, comma separated; NULL: three classes

-- column evaluation.datasets 05 latest_time
timestamp with time zone

-- column evaluation.datasets 06 latest_id
uuid

-- column evaluation.datasets 07 latest_digest
bytea

-- column evaluation.delta 01 model_id
integer

-- column evaluation.delta 02 prompt_id
integer

-- column evaluation.delta 03 dataset_id
integer

-- column evaluation.delta 04 final_status
text

-- column evaluation.delta 05 bucket
smallint

-- column evaluation.delta 06 gold
text

-- column evaluation.delta 07 predicted
text

-- column evaluation.delta 08 n
integer

-- column evaluation.latency 01 model_id
integer NOT NULL

-- column evaluation.latency 02 prompt_id
integer NOT NULL

-- column evaluation.latency 03 dataset_id
integer NOT NULL

-- column evaluation.latency 04 bucket
smallint NOT NULL -- floor(8 * log2(microseconds)), 0 below one

-- column evaluation.latency 05 n
bigint NOT NULL

-- column evaluation.modelpromptstatus 01 model_id
integer NOT NULL

-- column evaluation.modelpromptstatus 02 prompt_id
integer NOT NULL

-- column evaluation.modelpromptstatus 03 dataset_id
integer NOT NULL

-- column evaluation.modelpromptstatus 04 status
character varying NOT NULL -- shown: a function of event_status and the tallies

-- column evaluation.modelpromptstatus 05 count
integer DEFAULT 0 -- tasks with a final prediction

-- column evaluation.modelpromptstatus 06 event_status
character varying NOT NULL -- what events said

-- column evaluation.modelpromptstatus 07 epoch
integer NOT NULL DEFAULT 1

-- column evaluation.modelpromptstatus 08 submitted_epoch
integer NOT NULL DEFAULT 1 -- of the frozen version

-- column evaluation.modelpromptstatus 09 dataset_version
integer NOT NULL

-- column evaluation.modelpromptstatus 10 total_rows
integer NOT NULL -- rows of the frozen data set version

-- column evaluation.modelpromptstatus 11 failed
integer NOT NULL DEFAULT 0

-- column evaluation.modelpromptstatus 12 attempts_max
integer NOT NULL DEFAULT 3

-- column evaluation.models 01 model_id
integer NOT NULL DEFAULT nextval('evaluation.models_model_id_seq'::regclass)

-- column evaluation.models 02 name
character varying NOT NULL

-- column evaluation.models 03 source
character varying NOT NULL

-- column evaluation.models 04 description
text

-- column evaluation.models 05 library
character varying NOT NULL DEFAULT 'unknown'::character varying

-- column evaluation.models 06 latest_time
timestamp with time zone

-- column evaluation.models 07 latest_id
uuid

-- column evaluation.models 08 latest_digest
bytea

-- column evaluation.predictions 01 prediction_id
integer NOT NULL DEFAULT nextval('evaluation.predictions_prediction_id_seq'::regclass)

-- column evaluation.predictions 02 row_id
integer

-- column evaluation.predictions 03 model_id
integer

-- column evaluation.predictions 04 prompt_id
integer

-- column evaluation.predictions 05 dataset_id
integer

-- column evaluation.predictions 06 prediction
character varying NOT NULL

-- column evaluation.predictions 07 prediction_time
double precision NOT NULL -- seconds

-- column evaluation.predictions 08 status
character varying NOT NULL

-- column evaluation.predictions 09 formatted_prompt
text

-- column evaluation.predictions 10 attempt
integer NOT NULL DEFAULT 1

-- column evaluation.predictions 11 retry
smallint NOT NULL DEFAULT 0 -- 1: failed, to be tried again

-- column evaluation.predictions 12 error_kind
character varying

-- column evaluation.predictions 13 tokens
integer

-- column evaluation.predictions 14 cost
bigint -- millionths of the budget's currency

-- column evaluation.predictions 15 predicted_at
timestamp with time zone

-- column evaluation.predictions 16 digest
bytea -- digest of the event's data; a score names it

-- column evaluation.predictions 17 place_partition
integer

-- column evaluation.predictions 18 place_offset
bigint

-- column evaluation.predictionstatus 01 row_id
integer NOT NULL

-- column evaluation.predictionstatus 02 model_id
integer NOT NULL

-- column evaluation.predictionstatus 03 prompt_id
integer NOT NULL

-- column evaluation.predictionstatus 04 dataset_id
integer

-- column evaluation.predictionstatus 05 status
character varying NOT NULL -- shown: a function of event_status and the final prediction

-- column evaluation.predictionstatus 06 in_progress_time
timestamp without time zone -- last heartbeat, UTC; NULL while pending

-- column evaluation.predictionstatus 07 event_status
character varying NOT NULL DEFAULT 'pending'::character varying

-- column evaluation.predictionstatus 08 attempt
integer NOT NULL DEFAULT 1

-- column evaluation.predictionstatus 09 worker
character varying

-- column evaluation.predictionstatus 10 claimed_at
timestamp with time zone

-- column evaluation.predictionstatus 11 lease_until
timestamp with time zone

-- column evaluation.predictionstatus 12 final_attempt
integer -- attempt of the final prediction

-- column evaluation.predictionstatus 13 final_status
character varying

-- column evaluation.predictionstatus 14 final_digest
bytea -- digest of the final prediction

-- column evaluation.predictionstatus 15 latency_bucket
smallint

-- column evaluation.predictionstatus 16 truth_version
integer -- edition of the gold label that the counted score names

-- column evaluation.predictionstatus 17 gold
character varying -- gold label of the counted score

-- column evaluation.predictionstatus 18 predicted
character varying -- label of the counted score

-- column evaluation.prompts 01 prompt_id
integer NOT NULL DEFAULT nextval('evaluation.prompts_prompt_id_seq'::regclass)

-- column evaluation.prompts 02 model_id
integer

-- column evaluation.prompts 03 text
text NOT NULL

-- column evaluation.prompts 04 place_partition
integer

-- column evaluation.prompts 05 place_offset
bigint

-- column evaluation.rows 01 row_id
integer NOT NULL DEFAULT nextval('evaluation.rows_row_id_seq'::regclass)

-- column evaluation.rows 02 dataset_id
integer

-- column evaluation.rows 03 content
text NOT NULL

-- column evaluation.rows 04 expected_prediction
character varying NOT NULL

-- column evaluation.rows 05 version
integer NOT NULL DEFAULT 1 -- data set version that brought it

-- column evaluation.rows 06 truth_version
integer NOT NULL DEFAULT 1 -- edition of the gold label

-- column evaluation.rows 07 place_partition
integer

-- column evaluation.rows 08 place_offset
bigint

-- column evaluation.scores 01 row_id
integer NOT NULL

-- column evaluation.scores 02 model_id
integer NOT NULL

-- column evaluation.scores 03 prompt_id
integer NOT NULL

-- column evaluation.scores 04 dataset_id
integer NOT NULL

-- column evaluation.scores 05 attempt
integer NOT NULL

-- column evaluation.scores 06 prediction_digest
bytea NOT NULL -- digest of the prediction that was judged

-- column evaluation.scores 07 truth_version
integer NOT NULL -- edition of the gold label it was judged by

-- column evaluation.scores 08 gold
character varying NOT NULL

-- column evaluation.scores 09 predicted
character varying NOT NULL

-- column evaluation.scores 10 correct
smallint NOT NULL

-- column evaluation.scores 11 scored_at
timestamp with time zone

-- column evaluation.scores 12 place_partition
integer

-- column evaluation.scores 13 place_offset
bigint

-- column evaluation.standing 01 model_id
integer

-- column evaluation.standing 02 prompt_id
integer

-- column evaluation.standing 03 dataset_id
integer

-- column evaluation.standing 04 epoch
integer

-- column evaluation.standing 05 event_status
text

-- column evaluation.standing 06 status
text

-- column evaluation.standing 07 ran
boolean

-- column evaluation.status_update_log 01 id
integer NOT NULL DEFAULT nextval('evaluation.status_update_log_id_seq'::regclass)

-- column evaluation.status_update_log 02 model_id
integer

-- column evaluation.status_update_log 03 prompt_id
integer

-- column evaluation.status_update_log 04 dataset_id
integer

-- column evaluation.status_update_log 05 status
character varying

-- column evaluation.status_update_log 06 updated_at
timestamp without time zone DEFAULT timezone('UTC'::text, now())

-- column evaluation.status_update_log 07 epoch
integer NOT NULL DEFAULT 1

-- column ledger."offset" 01 topic
text NOT NULL

-- column ledger."offset" 02 partition
integer NOT NULL

-- column ledger."offset" 03 "position"
bigint NOT NULL -- next offset to read; all below it is accounted for

-- column ledger."offset" 04 epoch
bigint NOT NULL -- of the assignment that owns the partition

-- column ledger."offset" 05 topic_id
text NOT NULL -- of the topic read; another one is another log

-- column ledger."offset" 06 leader_epoch
integer -- of the last record read

-- column ledger."offset" 07 read
bigint NOT NULL DEFAULT 0

-- column ledger."offset" 08 applied
bigint NOT NULL DEFAULT 0 -- with repeats and superseded

-- column ledger."offset" 09 parked
bigint NOT NULL DEFAULT 0 -- waiting now

-- column ledger."offset" 10 released
bigint NOT NULL DEFAULT 0 -- parked once, applied since

-- column ledger."offset" 11 dead
bigint NOT NULL DEFAULT 0

-- column ledger."offset" 12 event_time
timestamp with time zone -- append time of the last record accounted for

-- column ledger."offset" 13 updated_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column ledger."offset" 14 owner
text -- process that holds the partition

-- column ledger.dead 01 topic
text NOT NULL

-- column ledger.dead 02 partition
integer NOT NULL

-- column ledger.dead 03 "offset"
bigint NOT NULL

-- column ledger.dead 04 append_time
timestamp with time zone

-- column ledger.dead 05 key
bytea

-- column ledger.dead 06 value
bytea -- original bytes, or their beginning; NULL: the record was a tombstone

-- column ledger.dead 07 headers
jsonb NOT NULL DEFAULT '[]'::jsonb -- [name, base64 or null] pairs

-- column ledger.dead 08 size
bigint -- bytes of the whole value; NULL: the record was a tombstone

-- column ledger.dead 09 digest
text -- sha256 of the whole value, hex, where only its beginning is kept

-- column ledger.dead 10 truncated
boolean NOT NULL DEFAULT false -- whether value, key or headers are only a beginning: the log has the rest

-- column ledger.dead 11 type
text -- event type, as far as it could be read

-- column ledger.dead 12 reason
text NOT NULL -- short label

-- column ledger.dead 13 sqlstate
character varying(5)

-- column ledger.dead 14 message
text NOT NULL -- what is wrong, where, and what to do

-- column ledger.dead 15 died_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column ledger.dead 16 relayed_at
timestamp with time zone -- when `<topic>.dead` acknowledged it

-- column ledger.dead 17 handled
bigint NOT NULL DEFAULT '-1'::integer -- offset of its last operation

-- column ledger.dead 18 dropped_at
timestamp with time zone -- when an operator closed it

-- column ledger.failure 01 loop
text NOT NULL -- name of the loop that met it

-- column ledger.failure 02 subject
text NOT NULL -- the key, board, timer or record that stands still

-- column ledger.failure 03 error
text NOT NULL

-- column ledger.failure 04 topic
text

-- column ledger.failure 05 partition
integer

-- column ledger.failure 06 "offset"
bigint -- of the record that raised, where one did

-- column ledger.failure 07 since
timestamp with time zone NOT NULL

-- column ledger.failure 08 tries
integer NOT NULL

-- column ledger.failure 09 process
text NOT NULL -- host:pid that met it last

-- column ledger.id_range 01 kind
text NOT NULL

-- column ledger.id_range 02 request
uuid NOT NULL

-- column ledger.id_range 03 size
integer NOT NULL

-- column ledger.id_range 04 place_partition
integer

-- column ledger.id_range 05 place_offset
bigint

-- column ledger.identity 01 "only"
smallint NOT NULL DEFAULT 1

-- column ledger.identity 02 database
uuid NOT NULL DEFAULT gen_random_uuid()

-- column ledger.lease 01 name
text NOT NULL -- of the duty that one process at a time may have

-- column ledger.lease 02 holder
text NOT NULL -- host:pid

-- column ledger.lease 03 token
bigint NOT NULL -- fencing token, from ledger.epoch: the greatest is the holder

-- column ledger.lease 04 taken_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column ledger.lease 05 expires_at
timestamp with time zone NOT NULL -- by this server's clock; 'epoch': released

-- column ledger.loop 01 name
text NOT NULL -- as in its heartbeat, such as podium.score.<domain>

-- column ledger.loop 02 process
text NOT NULL -- host:pid

-- column ledger.loop 03 reported_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column ledger.loop 04 ready
boolean NOT NULL

-- column ledger.loop 05 waits_for
text NOT NULL DEFAULT ''::text

-- column ledger.loop 06 turn_age_seconds
double precision NOT NULL -- since its last turn, when it reported

-- column ledger.loop 07 progress_age_seconds
double precision NOT NULL -- since it finished something or found nothing to do

-- column ledger.loop 08 done
bigint NOT NULL

-- column ledger.loop 09 restarts
integer NOT NULL

-- column ledger.loop 10 error
text NOT NULL DEFAULT ''::text

-- column ledger.loop 11 failed_at
timestamp with time zone

-- column ledger.operation 01 request
uuid NOT NULL

-- column ledger.operation 02 verb
text NOT NULL

-- column ledger.operation 03 topic
text NOT NULL

-- column ledger.operation 04 partition
integer NOT NULL

-- column ledger.operation 05 "offset"
bigint NOT NULL

-- column ledger.operation 06 by
text NOT NULL -- who asked: user@host

-- column ledger.operation 07 why
text NOT NULL

-- column ledger.operation 08 asked_at
timestamp with time zone NOT NULL

-- column ledger.operation 09 place_partition
integer

-- column ledger.operation 10 place_offset
bigint

-- column ledger.outside_write 01 id
bigint NOT NULL IDENTITY d

-- column ledger.outside_write 02 written_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column ledger.outside_write 03 role
text NOT NULL DEFAULT SESSION_USER

-- column ledger.outside_write 04 application
text DEFAULT current_setting('application_name'::text, true)

-- column ledger.outside_write 05 statement
text NOT NULL -- INSERT, UPDATE, DELETE or TRUNCATE

-- column ledger.outside_write 06 relation
text NOT NULL

-- column ledger.outside_write 07 rows
bigint NOT NULL

-- column ledger.outside_write 08 keys
jsonb -- keys of the rows, up to a bound

-- column ledger.parked 01 topic
text NOT NULL

-- column ledger.parked 02 partition
integer NOT NULL

-- column ledger.parked 03 "offset"
bigint NOT NULL

-- column ledger.parked 04 append_time
timestamp with time zone NOT NULL

-- column ledger.parked 05 key
bytea

-- column ledger.parked 06 value
bytea NOT NULL

-- column ledger.parked 07 headers
jsonb NOT NULL DEFAULT '[]'::jsonb

-- column ledger.parked 08 subject
text NOT NULL -- natural key: later events of it wait behind this one

-- column ledger.parked 09 parent_table
text NOT NULL -- schema.table that lacks the row waited for

-- column ledger.parked 10 parent_key
jsonb NOT NULL -- key of that row: column -> value

-- column ledger.parked 11 parked_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column ledger.parked 12 held
uuid -- request of the operator who gives it up: it is not released any more

-- column ledger.published_snapshot 01 board
text

-- column ledger.published_snapshot 02 snapshot
uuid

-- column ledger.published_snapshot 03 as_of
timestamp with time zone

-- column ledger.published_snapshot 04 cut_at
timestamp with time zone

-- column ledger.published_snapshot 05 cut
jsonb

-- column ledger.published_snapshot 06 rule
jsonb

-- column ledger.published_snapshot 07 digest
text

-- column ledger.published_snapshot 08 entries
text

-- column ledger.published_snapshot 09 parts
integer

-- column ledger.published_snapshot 10 place_partition
integer

-- column ledger.published_snapshot 11 place_offset
bigint

-- column ledger.rebuild 01 run
uuid NOT NULL

-- column ledger.rebuild 02 started_at
timestamp with time zone NOT NULL

-- column ledger.rebuild 03 finished_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column ledger.rebuild 04 by
text NOT NULL -- who asked for it, on which machine

-- column ledger.rebuild 05 why
text NOT NULL DEFAULT ''::text

-- column ledger.rebuild 06 domains
jsonb NOT NULL

-- column ledger.rebuild 07 base
jsonb -- export that it began from: folder, seal, offsets; NULL: from offset 0

-- column ledger.rebuild 08 upto
jsonb NOT NULL -- [[topic, partition, offset], ...]: all up to these

-- column ledger.rebuild 09 records
bigint NOT NULL -- offsets read by the last go

-- column ledger.rebuild 10 seconds
double precision NOT NULL -- of filling, in the last go

-- column ledger.rebuild 11 equal
boolean -- whether live had the same rows; NULL: not compared

-- column ledger.rebuild 12 digests
jsonb NOT NULL -- table -> digest of the rows that the log determines

-- column ledger.rebuild 13 code
text NOT NULL -- newest migration of the code that filled it

-- column ledger.repair 01 id
bigint NOT NULL IDENTITY d

-- column ledger.repair 02 repaired_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column ledger.repair 03 by
text NOT NULL -- who asked for it, on which machine

-- column ledger.repair 04 why
text NOT NULL DEFAULT ''::text

-- column ledger.repair 05 relation
text NOT NULL

-- column ledger.repair 06 key
jsonb NOT NULL

-- column ledger.repair 07 before
jsonb NOT NULL -- the rows as they were found

-- column ledger.repair 08 after
jsonb NOT NULL -- the rows as the log has them

-- column ledger.snapshot 01 board
text NOT NULL -- id of the board: `<domain>.<board>.<scope>`

-- column ledger.snapshot 02 snapshot
uuid NOT NULL

-- column ledger.snapshot 03 as_of
timestamp with time zone NOT NULL -- event time of the newest record in the cut

-- column ledger.snapshot 04 cut_at
timestamp with time zone NOT NULL -- when it was decided

-- column ledger.snapshot 05 cut
jsonb NOT NULL -- [[topic, partition, offset], ...] of every input partition

-- column ledger.snapshot 06 rule
jsonb NOT NULL -- rank rule, direction, handling of missing and NaN, decimals

-- column ledger.snapshot 07 digest
text NOT NULL -- sha256 of the canonical bytes of the entries, hex

-- column ledger.snapshot 08 entries
text NOT NULL -- canonical JSON: the bytes that the digest covers; '': in parts

-- column ledger.snapshot 09 parts
integer -- rows of snapshot_part that hold the entries; NULL: `entries` has them

-- column ledger.snapshot 10 place_partition
integer

-- column ledger.snapshot 11 place_offset
bigint

-- column ledger.snapshot_part 01 board
text NOT NULL

-- column ledger.snapshot_part 02 snapshot
uuid NOT NULL

-- column ledger.snapshot_part 03 part
integer NOT NULL -- from 1, in the order of ranks

-- column ledger.snapshot_part 04 entries_count
integer NOT NULL

-- column ledger.snapshot_part 05 entries
text NOT NULL -- canonical JSON: a list of whole entries

-- column ledger.snapshot_part 06 place_partition
integer

-- column ledger.snapshot_part 07 place_offset
bigint

-- column replays.confirmations 01 job_id
uuid NOT NULL

-- column replays.confirmations 02 team_name
character varying NOT NULL

-- column replays.confirmations 03 revision
integer NOT NULL -- the discovery that was chosen from

-- column replays.confirmations 04 players
jsonb NOT NULL -- in order, so that equal sets are equal

-- column replays.confirmations 05 confirmed_at
timestamp with time zone

-- column replays.confirmations 06 place_partition
integer

-- column replays.confirmations 07 place_offset
bigint

-- column replays.decks 01 url
character varying NOT NULL

-- column replays.decks 02 parser_version
integer NOT NULL

-- column replays.decks 03 game
smallint NOT NULL

-- column replays.decks 04 player
smallint NOT NULL -- 1 or 2

-- column replays.decks 05 model_version
integer NOT NULL -- of the deck classifier; the greatest counts

-- column replays.decks 06 deck
text -- deck type; NULL: no card was seen

-- column replays.decks 07 confidence
double precision

-- column replays.decks 08 cards
jsonb NOT NULL -- card -> copies seen

-- column replays.decks 09 place_partition
integer

-- column replays.decks 10 place_offset
bigint

-- column replays.discoveries 01 job_id
uuid NOT NULL

-- column replays.discoveries 02 team_name
character varying NOT NULL

-- column replays.discoveries 03 revision
integer NOT NULL

-- column replays.discoveries 04 players
jsonb NOT NULL -- everybody discovered so far

-- column replays.discoveries 05 discovered_at
timestamp with time zone

-- column replays.discoveries 06 place_partition
integer

-- column replays.discoveries 07 place_offset
bigint

-- column replays.games 01 url
character varying NOT NULL

-- column replays.games 02 parser_version
integer NOT NULL

-- column replays.games 03 game
smallint NOT NULL -- number within the match, from 1

-- column replays.games 04 first
smallint -- 1 or 2: who went first; NULL: not known

-- column replays.games 05 winner
smallint -- 1 or 2; NULL: a draw, or unfinished

-- column replays.games 06 unfinished
boolean NOT NULL DEFAULT false

-- column replays.games 07 place_partition
integer

-- column replays.games 08 place_offset
bigint

-- column replays.gfwl_team_submissions 01 id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column replays.gfwl_team_submissions 02 created_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column replays.gfwl_team_submissions 03 updated_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column replays.gfwl_team_submissions 04 job_id
uuid NOT NULL

-- column replays.gfwl_team_submissions 05 team_name
character varying NOT NULL

-- column replays.gfwl_team_submissions 06 discovered_players
jsonb NOT NULL DEFAULT '[]'::jsonb

-- column replays.gfwl_team_submissions 07 confirmed_players
jsonb

-- column replays.gfwl_team_submissions 08 confirmation_status
character varying NOT NULL DEFAULT 'pending'::character varying

-- column replays.gfwl_team_submissions 09 revision
integer NOT NULL DEFAULT 0 -- of discovered_players

-- column replays.gfwl_team_submissions 10 confirmed_revision
integer -- what was confirmed is a part of this one

-- column replays.job_types 01 job_type
replays.job_type

-- column replays.job_urls 01 job_id
uuid NOT NULL

-- column replays.job_urls 02 url
character varying NOT NULL

-- column replays.job_urls 03 status
character varying NOT NULL

-- column replays.job_urls 04 finished_at
timestamp with time zone -- when its outcome was there

-- column replays.jobs 01 id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column replays.jobs 02 created_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column replays.jobs 03 updated_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column replays.jobs 04 user_id
uuid NOT NULL

-- column replays.jobs 05 job_type
replays.job_type NOT NULL

-- column replays.jobs 06 status
replays.status NOT NULL DEFAULT 'PENDING'::replays.status -- shown: see triggers.sql

-- column replays.jobs 07 urls
jsonb NOT NULL -- links as submitted

-- column replays.jobs 08 team_data
jsonb -- {"teams": [{"team": ..., "matches": [{"urls": [...]}]}]}

-- column replays.jobs 09 total_urls
integer NOT NULL -- distinct canonical links

-- column replays.jobs 10 processed_urls
integer NOT NULL DEFAULT 0 -- links with an outcome

-- column replays.jobs 11 error_message
character varying

-- column replays.jobs 12 shareable_id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column replays.jobs 13 is_public
boolean NOT NULL DEFAULT false -- shown: wanted and COMPLETED

-- column replays.jobs 14 started_at
timestamp with time zone

-- column replays.jobs 15 completed_at
timestamp with time zone

-- column replays.jobs 16 event_status
character varying NOT NULL DEFAULT 'PENDING'::character varying -- what events said

-- column replays.jobs 17 event_at
timestamp with time zone -- since when they say so

-- column replays.jobs 18 wants_public
boolean NOT NULL DEFAULT false -- the latest wish

-- column replays.jobs 19 latest_time
timestamp with time zone

-- column replays.jobs 20 latest_id
uuid

-- column replays.jobs 21 latest_digest
bytea

-- column replays.jobs 22 failed_urls
integer NOT NULL DEFAULT 0 -- links that could not be scraped

-- column replays.jobs 23 cached_urls
integer NOT NULL DEFAULT 0 -- links that had been scraped before the job was submitted

-- column replays.jobs 24 total_teams
integer NOT NULL -- teams in team_data

-- column replays.jobs 25 discovered_teams
integer NOT NULL DEFAULT 0 -- teams whose players were discovered

-- column replays.jobs 26 confirmed_teams
integer NOT NULL DEFAULT 0 -- teams whose players were confirmed

-- column replays.jobs 27 phase
character varying -- step of a job that is RUNNING

-- column replays.jobs 28 place_partition
integer

-- column replays.jobs 29 place_offset
bigint

-- column replays.jobs_over_rate 01 id
uuid

-- column replays.jobs_over_rate 02 user_id
uuid

-- column replays.jobs_over_rate 03 created_at
timestamp with time zone

-- column replays.link_delta 01 job_id
uuid

-- column replays.link_delta 02 processed
integer

-- column replays.link_delta 03 failed
integer

-- column replays.link_delta 04 cached
integer

-- column replays.public_decks 01 url
character varying

-- column replays.public_decks 02 played_at
timestamp with time zone

-- column replays.public_decks 03 game
smallint

-- column replays.public_decks 04 player
integer

-- column replays.public_decks 05 name
character varying

-- column replays.public_decks 06 deck
text

-- column replays.public_decks 07 confidence
double precision

-- column replays.public_decks 08 winner
smallint

-- column replays.public_decks 09 unfinished
boolean

-- column replays.public_decks 10 model_version
integer

-- column replays.public_decks 11 place_partition
integer

-- column replays.public_decks 12 place_offset
bigint

-- column replays.public_games 01 url
character varying

-- column replays.public_games 02 played_at
timestamp with time zone

-- column replays.public_games 03 player1
character varying

-- column replays.public_games 04 player2
character varying

-- column replays.public_games 05 game
smallint

-- column replays.public_games 06 first
smallint

-- column replays.public_games 07 winner
smallint

-- column replays.public_games 08 unfinished
boolean

-- column replays.public_games 09 parser_version
integer

-- column replays.public_games 10 place_partition
integer

-- column replays.public_games 11 place_offset
bigint

-- column replays.public_jobs 01 shareable_id
uuid

-- column replays.public_jobs 02 job_type
replays.job_type

-- column replays.public_jobs 03 status
replays.status

-- column replays.public_jobs 04 total_urls
integer

-- column replays.public_jobs 05 processed_urls
integer

-- column replays.public_jobs 06 failed_urls
integer

-- column replays.public_jobs 07 created_at
timestamp with time zone

-- column replays.public_jobs 08 completed_at
timestamp with time zone

-- column replays.public_teams 01 shareable_id
uuid

-- column replays.public_teams 02 team_name
character varying

-- column replays.public_teams 03 confirmed_players
jsonb

-- column replays.public_teams 04 url
character varying

-- column replays.replays 01 url
character varying NOT NULL

-- column replays.replays 02 parser_version
integer NOT NULL -- games of another one do not count

-- column replays.replays 03 played_at
timestamp with time zone NOT NULL

-- column replays.replays 04 player1
character varying NOT NULL

-- column replays.replays 05 player2
character varying NOT NULL

-- column replays.replays 06 games
smallint NOT NULL

-- column replays.replays 07 content_hash
character varying NOT NULL -- sha256 of the raw JSON, hex

-- column replays.scrape_failures 01 url
character varying NOT NULL

-- column replays.scrape_failures 02 epoch
integer NOT NULL

-- column replays.scrape_failures 03 attempt
integer NOT NULL -- the last of the epoch

-- column replays.scrape_failures 04 error_kind
character varying NOT NULL

-- column replays.scrape_failures 05 error
character varying NOT NULL

-- column replays.scrape_failures 06 failed_at
timestamp with time zone NOT NULL

-- column replays.scrape_failures 07 place_partition
integer

-- column replays.scrape_failures 08 place_offset
bigint

-- column replays.scraped_data 01 id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column replays.scraped_data 02 created_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column replays.scraped_data 03 updated_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column replays.scraped_data 04 url
character varying NOT NULL -- canonical link

-- column replays.scraped_data 05 s3_key
character varying NOT NULL

-- column replays.scraped_data 06 epoch
integer NOT NULL DEFAULT 1

-- column replays.scraped_data 07 attempt
integer NOT NULL DEFAULT 1

-- column replays.scraped_data 08 seconds
double precision -- how long the scrape took

-- column replays.scraped_data 09 place_partition
integer

-- column replays.scraped_data 10 place_offset
bigint

-- column replays.scrapes 01 url
character varying NOT NULL -- canonical link that some job wants

-- column replays.scrapes 02 status
character varying NOT NULL -- shown: scraped, or what events said

-- column replays.scrapes 03 event_status
character varying NOT NULL DEFAULT 'queued'::character varying

-- column replays.scrapes 04 epoch
integer NOT NULL DEFAULT 1 -- a retry by choice opens the next

-- column replays.scrapes 05 attempt
integer NOT NULL DEFAULT 1

-- column replays.scrapes 06 worker
character varying

-- column replays.scrapes 07 claimed_at
timestamp with time zone

-- column replays.scrapes 08 lease_until
timestamp with time zone

-- column replays.scrapes 09 error_kind
character varying -- of the last attempt that failed

-- column replays.scrapes 10 error
character varying

-- column replays.team_delta 01 job_id
uuid

-- column replays.team_delta 02 discovered
integer

-- column replays.team_delta 03 confirmed
integer

-- column replays.users 01 id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column replays.users 02 created_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column replays.users 03 updated_at
timestamp with time zone NOT NULL DEFAULT clock_timestamp()

-- column replays.users 04 clerk_user_id
character varying NOT NULL -- given by the identity provider

-- column replays.users 05 place_partition
integer

-- column replays.users 06 place_offset
bigint

-- column seismic.datasets 01 id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column seismic.datasets 02 user_id
uuid NOT NULL

-- column seismic.datasets 03 name
character varying(255) NOT NULL

-- column seismic.datasets 04 format
character varying(50) NOT NULL

-- column seismic.datasets 05 traces
integer

-- column seismic.datasets 06 samples
integer -- of each trace

-- column seismic.datasets 07 sample_rate
double precision -- Hz

-- column seismic.datasets 08 size_bytes
bigint

-- column seismic.datasets 09 status
character varying(50) NOT NULL DEFAULT 'uploading'::character varying -- shown: see show_datasets

-- column seismic.datasets 10 storage_path
character varying(500)

-- column seismic.datasets 11 metadata
jsonb

-- column seismic.datasets 12 created_at
timestamp with time zone DEFAULT clock_timestamp()

-- column seismic.datasets 13 event_status
character varying(50) NOT NULL -- what events said of the upload

-- column seismic.datasets 14 attempt
integer NOT NULL DEFAULT 1 -- at the upload

-- column seismic.datasets 15 sample_bytes
smallint -- of one sample in the file

-- column seismic.datasets 16 extended_headers
integer -- of 3200 bytes, SEG-Y

-- column seismic.datasets 17 error_message
text

-- column seismic.datasets 18 job_id
uuid -- of the job whose output this is; such a row follows the job

-- column seismic.definitions 01 metric
character varying(50) NOT NULL

-- column seismic.definitions 02 definition
integer NOT NULL -- version of the formula: figures of two never mix

-- column seismic.definitions 03 unit
character varying(50) NOT NULL

-- column seismic.definitions 04 direction
character varying(4) NOT NULL

-- column seismic.definitions 05 formula
text NOT NULL

-- column seismic.definitions 06 source
text

-- column seismic.definitions 07 place_partition
integer

-- column seismic.definitions 08 place_offset
bigint

-- column seismic.denoised 01 job_id
uuid NOT NULL

-- column seismic.denoised 02 attempt
integer NOT NULL

-- column seismic.denoised 03 trace
integer NOT NULL -- index, from 0

-- column seismic.denoised 04 reference
character varying(500) NOT NULL -- where the output trace lies

-- column seismic.denoised 05 seconds
double precision NOT NULL -- that the model took for it

-- column seismic.denoised 06 denoised_at
timestamp with time zone

-- column seismic.denoised 07 place_partition
integer

-- column seismic.denoised 08 place_offset
bigint

-- column seismic.final_results 01 id
uuid

-- column seismic.final_results 02 job_id
uuid

-- column seismic.final_results 03 attempt
integer

-- column seismic.final_results 04 output_dataset_id
uuid

-- column seismic.final_results 05 metrics
jsonb

-- column seismic.final_results 06 storage_path
character varying(500)

-- column seismic.final_results 07 created_at
timestamp with time zone

-- column seismic.final_results 08 model_id
uuid

-- column seismic.final_results 09 dataset_id
uuid

-- column seismic.jobs 01 id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column seismic.jobs 02 user_id
uuid NOT NULL

-- column seismic.jobs 03 dataset_id
uuid NOT NULL

-- column seismic.jobs 04 model_id
uuid -- every filter is a model, too

-- column seismic.jobs 05 type
character varying(50) NOT NULL

-- column seismic.jobs 06 status
character varying(50) NOT NULL DEFAULT 'pending'::character varying -- shown: see show_job

-- column seismic.jobs 07 progress
integer NOT NULL DEFAULT 0 -- shown: 100 once completed

-- column seismic.jobs 08 parameters
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column seismic.jobs 09 error_message
text

-- column seismic.jobs 10 started_at
timestamp with time zone -- of the present attempt; shown once the input is ready

-- column seismic.jobs 11 completed_at
timestamp with time zone -- when it ended, whichever way

-- column seismic.jobs 12 created_at
timestamp with time zone DEFAULT clock_timestamp()

-- column seismic.jobs 13 event_status
character varying(50) NOT NULL -- what events said

-- column seismic.jobs 14 attempt
integer NOT NULL DEFAULT 1

-- column seismic.jobs 15 worker
character varying(255)

-- column seismic.jobs 16 began_at
timestamp with time zone -- what the first start of the newest attempt said, as the worker

-- column seismic.jobs 17 began_attempt
integer -- the newest that anybody began

-- column seismic.jobs 18 seen_at
timestamp with time zone -- of the last sign of life

-- column seismic.jobs 19 reported_attempt
integer -- whose progress the percent is

-- column seismic.jobs 20 percent
integer -- what workers reported

-- column seismic.jobs 21 lease_seconds
integer NOT NULL DEFAULT 900

-- column seismic.jobs 22 output_dataset_id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column seismic.jobs 23 input_ready
boolean NOT NULL DEFAULT false -- and the owner's own

-- column seismic.jobs 24 has_result
boolean NOT NULL DEFAULT false -- of the present attempt

-- column seismic.measurements 01 job_id
uuid NOT NULL

-- column seismic.measurements 02 attempt
integer NOT NULL

-- column seismic.measurements 03 trace
integer NOT NULL -- index of the trace or gather, from 0

-- column seismic.measurements 04 metric
character varying(50) NOT NULL

-- column seismic.measurements 05 definition
integer NOT NULL

-- column seismic.measurements 06 value
double precision -- NULL: the flag says why

-- column seismic.measurements 07 flag
character varying(10) -- perfect: no noise is left; undefined: the formula has no value

-- column seismic.measurements 08 n
integer NOT NULL -- samples

-- column seismic.measurements 09 measured_at
timestamp with time zone

-- column seismic.measurements 10 place_partition
integer

-- column seismic.measurements 11 place_offset
bigint

-- column seismic.models 01 id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column seismic.models 02 name
character varying(255) NOT NULL

-- column seismic.models 03 version
character varying(50) NOT NULL

-- column seismic.models 04 architecture
character varying(100) NOT NULL

-- column seismic.models 05 type
character varying(50) NOT NULL

-- column seismic.models 06 storage_path
character varying(500)

-- column seismic.models 07 config
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column seismic.models 08 metrics
jsonb NOT NULL DEFAULT '{}'::jsonb -- aggregate of its final results

-- column seismic.models 09 created_at
timestamp with time zone DEFAULT clock_timestamp()

-- column seismic.models 10 stage
character varying(50) NOT NULL DEFAULT 'registered'::character varying

-- column seismic.models 11 place_partition
integer

-- column seismic.models 12 place_offset
bigint

-- column seismic.parts 01 dataset_id
uuid NOT NULL

-- column seismic.parts 02 attempt
integer NOT NULL

-- column seismic.parts 03 part
integer NOT NULL -- index, from 0

-- column seismic.parts 04 bytes
integer NOT NULL

-- column seismic.parts 05 sha256
character varying(64) NOT NULL

-- column seismic.parts 06 stored_at
timestamp with time zone

-- column seismic.parts 07 place_partition
integer

-- column seismic.parts 08 place_offset
bigint

-- column seismic.results 01 id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column seismic.results 02 job_id
uuid NOT NULL

-- column seismic.results 03 output_dataset_id
uuid NOT NULL

-- column seismic.results 04 metrics
jsonb NOT NULL DEFAULT '{}'::jsonb

-- column seismic.results 05 storage_path
character varying(500)

-- column seismic.results 06 created_at
timestamp with time zone DEFAULT clock_timestamp()

-- column seismic.results 07 attempt
integer NOT NULL DEFAULT 1

-- column seismic.results 08 traces
integer -- of the output, as the next columns; NULL: as the input

-- column seismic.results 09 samples
integer

-- column seismic.results 10 sample_rate
double precision

-- column seismic.results 11 size_bytes
bigint

-- column seismic.results 12 place_partition
integer

-- column seismic.results 13 place_offset
bigint

-- column seismic.spread 01 job_id
uuid NOT NULL

-- column seismic.spread 02 attempt
integer NOT NULL

-- column seismic.spread 03 metric
character varying(50) NOT NULL

-- column seismic.spread 04 definition
integer NOT NULL

-- column seismic.spread 05 near
numeric NOT NULL -- the values, rounded

-- column seismic.spread 06 n
bigint NOT NULL

-- column seismic.summaries 01 job_id
uuid NOT NULL

-- column seismic.summaries 02 attempt
integer NOT NULL

-- column seismic.summaries 03 metric
character varying(50) NOT NULL

-- column seismic.summaries 04 definition
integer NOT NULL

-- column seismic.summaries 05 n
bigint NOT NULL -- finite values

-- column seismic.summaries 06 perfect
bigint NOT NULL

-- column seismic.summaries 07 undefined
bigint NOT NULL

-- column seismic.summaries 08 total
numeric NOT NULL -- sum of the values

-- column seismic.summaries 09 squares
numeric NOT NULL -- sum of their squares

-- column seismic.timings 01 job_id
uuid NOT NULL

-- column seismic.timings 02 attempt
integer NOT NULL

-- column seismic.timings 03 n
bigint NOT NULL -- traces

-- column seismic.timings 04 seconds
numeric NOT NULL

-- column seismic.uploads 01 dataset_id
uuid NOT NULL

-- column seismic.uploads 02 attempt
integer NOT NULL DEFAULT 1

-- column seismic.uploads 03 size_bytes
bigint NOT NULL -- announced

-- column seismic.uploads 04 part_bytes
integer NOT NULL -- of every part but the last

-- column seismic.uploads 05 sha256
character varying(64) -- of the whole, announced

-- column seismic.uploads 06 started_at
timestamp with time zone

-- column seismic.uploads 07 stored_parts
integer NOT NULL DEFAULT 0

-- column seismic.uploads 08 stored_bytes
bigint NOT NULL DEFAULT 0

-- column seismic.uploads 09 odd_parts
integer NOT NULL DEFAULT 0 -- surplus or of the wrong size

-- column seismic.uploads 10 place_partition
integer

-- column seismic.uploads 11 place_offset
bigint

-- column seismic.users 01 id
uuid NOT NULL DEFAULT gen_random_uuid()

-- column seismic.users 02 email
character varying(255) NOT NULL

-- column seismic.users 03 password_hash
character varying(255) -- secret: never in an event, a log line, an export or the API

-- column seismic.users 04 role
character varying(50) NOT NULL DEFAULT 'user'::character varying

-- column seismic.users 05 created_at
timestamp with time zone DEFAULT clock_timestamp()

-- column seismic.users 06 updated_at
timestamp with time zone DEFAULT clock_timestamp() -- of the newest event; by hand, of a change that events could say

-- column seismic.users 07 latest_time
timestamp with time zone

-- column seismic.users 08 latest_id
uuid

-- column seismic.users 09 latest_digest
bytea

-- constraint chess.auth_tokens auth_tokens_created_at_not_null
NOT NULL created_at

-- constraint chess.auth_tokens auth_tokens_id_not_null
NOT NULL id

-- constraint chess.auth_tokens auth_tokens_status_not_null
NOT NULL status

-- constraint chess.auth_tokens auth_tokens_updated_at_not_null
NOT NULL updated_at

-- constraint chess.auth_tokens ck_auth_tokens_grace_seconds
CHECK (((grace_seconds >= 0) AND (grace_seconds <= 86400)))

-- constraint chess.auth_tokens ck_auth_tokens_issuer
CHECK ((num_nonnulls(issuer, subject) <> 1))

-- constraint chess.auth_tokens ck_auth_tokens_revoked_at
CHECK (((status = 'ISSUED'::text) = (revoked_at IS NULL)))

-- constraint chess.auth_tokens ck_auth_tokens_status
CHECK ((status = ANY (ARRAY['ISSUED'::text, 'ROTATED'::text, 'REVOKED'::text])))

-- constraint chess.auth_tokens ck_auth_tokens_token
CHECK (((token IS NOT NULL) AND (token ~ '^[0-9a-f]{64}$'::text)))

-- constraint chess.auth_tokens fk_auth_tokens_rotated_from
FOREIGN KEY (rotated_from) REFERENCES chess.auth_tokens(id)

-- constraint chess.auth_tokens fk_auth_tokens_user_id
FOREIGN KEY (user_id) REFERENCES chess.users(id)

-- constraint chess.auth_tokens pk_auth_tokens
PRIMARY KEY (id)

-- constraint chess.auth_tokens uq_auth_tokens_token
UNIQUE (token)

-- constraint chess.books books_created_at_not_null
NOT NULL created_at

-- constraint chess.books books_id_not_null
NOT NULL id

-- constraint chess.books books_sha256_not_null
NOT NULL sha256

-- constraint chess.books books_updated_at_not_null
NOT NULL updated_at

-- constraint chess.books books_url_not_null
NOT NULL url

-- constraint chess.books ck_books_format
CHECK ((format = ANY (ARRAY['pgn'::text, 'epd'::text])))

-- constraint chess.books ck_books_sha256
CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))

-- constraint chess.books ck_books_size_bytes
CHECK ((size_bytes > 0))

-- constraint chess.books pk_books
PRIMARY KEY (id)

-- constraint chess.books uq_books_sha256
UNIQUE (sha256)

-- constraint chess.builds builds_commit_hash_not_null
NOT NULL commit_hash

-- constraint chess.builds builds_id_not_null
NOT NULL id

-- constraint chess.builds builds_params_not_null
NOT NULL params

-- constraint chess.builds builds_repo_url_not_null
NOT NULL repo_url

-- constraint chess.builds ck_builds_commit_hash
CHECK ((commit_hash ~ '^[0-9a-f]{40}$'::text))

-- constraint chess.builds pk_builds
PRIMARY KEY (id)

-- constraint chess.builds uq_builds_repo_url_commit_hash_params
UNIQUE (repo_url, commit_hash, params)

-- constraint chess.clients clients_id_not_null
NOT NULL id

-- constraint chess.clients fk_clients_user_id
FOREIGN KEY (user_id) REFERENCES chess.users(id)

-- constraint chess.clients pk_clients
PRIMARY KEY (id)

-- constraint chess.game_results ck_game_results_crash_type
CHECK ((crash_type = ANY (ARRAY['SIGSEGV'::text, 'INVALID_MOVE'::text, 'TIMEOUT'::text])))

-- constraint chess.game_results ck_game_results_crashed
CHECK ((num_nonnulls(result, crash_type) = 1))

-- constraint chess.game_results ck_game_results_detailed_outcome
CHECK ((detailed_outcome = ANY (ARRAY['CHECKMATE'::text, 'STALEMATE'::text, 'ADJUDICATION'::text, 'RESIGNATION'::text, 'TIMEOUT'::text])))

-- constraint chess.game_results ck_game_results_result
CHECK ((result = ANY (ARRAY['-1'::integer, 0, 1])))

-- constraint chess.game_results ck_game_results_seq
CHECK ((seq = ANY (ARRAY[1, 2])))

-- constraint chess.game_results fk_game_results_task_id
FOREIGN KEY (task_id) REFERENCES chess.tasks(id) NOT ENFORCED

-- constraint chess.game_results fk_game_results_task_id_assignment_id
FOREIGN KEY (task_id, assignment_id) REFERENCES chess.task_assignments(task_id, assignment_id) NOT ENFORCED

-- constraint chess.game_results fk_game_results_task_id_param_set_id
FOREIGN KEY (task_id, param_set_id) REFERENCES chess.tune_param_sets(tune_task_id, param_set_id) NOT ENFORCED

-- constraint chess.game_results game_results_candidate_is_white_not_null
NOT NULL candidate_is_white

-- constraint chess.game_results game_results_pair_key_not_null
NOT NULL pair_key

-- constraint chess.game_results game_results_seq_not_null
NOT NULL seq

-- constraint chess.game_results game_results_task_id_not_null
NOT NULL task_id

-- constraint chess.game_results pk_game_results
PRIMARY KEY (task_id, pair_key, seq)

-- constraint chess.match_games ck_match_games_result
CHECK ((result = ANY (ARRAY['-1'::integer, 0, 1])))

-- constraint chess.match_games fk_match_games_match_id
FOREIGN KEY (match_id) REFERENCES chess.matches(id)

-- constraint chess.match_games match_games_created_at_not_null
NOT NULL created_at

-- constraint chess.match_games match_games_id_not_null
NOT NULL id

-- constraint chess.match_games pk_match_games
PRIMARY KEY (id)

-- constraint chess.match_tasks ck_match_tasks_done
CHECK ((done OR (NOT passed)))

-- constraint chess.match_tasks ck_match_tasks_game_cap
CHECK ((game_cap > 0))

-- constraint chess.match_tasks ck_match_tasks_networks
CHECK ((candidate_network_id <> current_best_network_id))

-- constraint chess.match_tasks ck_match_tasks_regression_of
CHECK (((regression_of IS NULL) OR test_only))

-- constraint chess.match_tasks ck_match_tasks_target_slice
CHECK (((target_slice >= 0) AND (target_slice <= 3)))

-- constraint chess.match_tasks ck_match_tasks_test_only
CHECK ((NOT (passed AND test_only)))

-- constraint chess.match_tasks ck_match_tasks_threshold_elo
CHECK ((abs(threshold_elo) <= (10000.0)::double precision))

-- constraint chess.match_tasks ck_match_tasks_training_task_id
CHECK ((num_nonnulls(training_task_id, regression_of) = 1))

-- constraint chess.match_tasks fk_match_tasks_candidate_network_id
FOREIGN KEY (candidate_network_id) REFERENCES chess.networks(id)

-- constraint chess.match_tasks fk_match_tasks_current_best_network_id
FOREIGN KEY (current_best_network_id) REFERENCES chess.networks(id)

-- constraint chess.match_tasks fk_match_tasks_regression_of
FOREIGN KEY (regression_of) REFERENCES chess.training_tasks(id)

-- constraint chess.match_tasks fk_match_tasks_task_id
FOREIGN KEY (task_id) REFERENCES chess.tasks(id) ON DELETE CASCADE

-- constraint chess.match_tasks fk_match_tasks_training_task_id
FOREIGN KEY (training_task_id) REFERENCES chess.training_tasks(id)

-- constraint chess.match_tasks match_tasks_800_extends
TRIGGER DEFERRABLE INITIALLY DEFERRED

-- constraint chess.match_tasks match_tasks_crashes_not_null
NOT NULL crashes

-- constraint chess.match_tasks match_tasks_created_at_not_null
NOT NULL created_at

-- constraint chess.match_tasks match_tasks_dd_not_null
NOT NULL dd

-- constraint chess.match_tasks match_tasks_dw_not_null
NOT NULL dw

-- constraint chess.match_tasks match_tasks_game_cap_not_null
NOT NULL game_cap

-- constraint chess.match_tasks match_tasks_id_not_null
NOT NULL id

-- constraint chess.match_tasks match_tasks_late_not_null
NOT NULL late

-- constraint chess.match_tasks match_tasks_ld_not_null
NOT NULL ld

-- constraint chess.match_tasks match_tasks_ll_not_null
NOT NULL ll

-- constraint chess.match_tasks match_tasks_special_params_not_null
NOT NULL special_params

-- constraint chess.match_tasks match_tasks_target_slice_not_null
NOT NULL target_slice

-- constraint chess.match_tasks match_tasks_test_only_not_null
NOT NULL test_only

-- constraint chess.match_tasks match_tasks_threshold_elo_not_null
NOT NULL threshold_elo

-- constraint chess.match_tasks match_tasks_timeouts_not_null
NOT NULL timeouts

-- constraint chess.match_tasks match_tasks_unpaired_not_null
NOT NULL unpaired

-- constraint chess.match_tasks match_tasks_updated_at_not_null
NOT NULL updated_at

-- constraint chess.match_tasks match_tasks_ww_not_null
NOT NULL ww

-- constraint chess.match_tasks pk_match_tasks
PRIMARY KEY (id)

-- constraint chess.match_tasks uq_match_tasks_regression_of_candidate_network_id_curre_9458
UNIQUE (regression_of, candidate_network_id, current_best_network_id)

-- constraint chess.match_tasks uq_match_tasks_task_id
UNIQUE (task_id)

-- constraint chess.match_tasks uq_match_tasks_training_task_id_candidate_network_id
UNIQUE (training_task_id, candidate_network_id)

-- constraint chess.matches fk_matches_candidate_id
FOREIGN KEY (candidate_id) REFERENCES chess.networks(id)

-- constraint chess.matches fk_matches_current_best_id
FOREIGN KEY (current_best_id) REFERENCES chess.networks(id)

-- constraint chess.matches matches_id_not_null
NOT NULL id

-- constraint chess.matches pk_matches
PRIMARY KEY (id)

-- constraint chess.network_marks ck_network_marks_kind
CHECK ((kind = ANY (ARRAY['RELEASE'::text, 'DEV_UPLOAD'::text, 'APPROVED'::text])))

-- constraint chess.network_marks fk_network_marks_network_id
FOREIGN KEY (network_id) REFERENCES chess.networks(id)

-- constraint chess.network_marks network_marks_kind_not_null
NOT NULL kind

-- constraint chess.network_marks network_marks_marked_not_null
NOT NULL marked

-- constraint chess.network_marks network_marks_network_id_not_null
NOT NULL network_id

-- constraint chess.network_marks network_marks_set_by_not_null
NOT NULL set_by

-- constraint chess.network_marks pk_network_marks
PRIMARY KEY (network_id, kind)

-- constraint chess.networks ck_networks_elo
CHECK (((num_nulls(elo) = 0) OR (NOT (elo_set OR anchor))))

-- constraint chess.networks ck_networks_elo_range
CHECK ((abs(elo) <= (10000.0)::double precision))

-- constraint chess.networks ck_networks_sha
CHECK ((sha ~ '^[0-9a-f]{64}$'::text))

-- constraint chess.networks networks_created_at_not_null
NOT NULL created_at

-- constraint chess.networks networks_id_not_null
NOT NULL id

-- constraint chess.networks pk_networks
PRIMARY KEY (id)

-- constraint chess.promotions fk_promotions_expected_network_id
FOREIGN KEY (expected_network_id) REFERENCES chess.networks(id)

-- constraint chess.promotions fk_promotions_match_task_id
FOREIGN KEY (match_task_id) REFERENCES chess.match_tasks(task_id)

-- constraint chess.promotions fk_promotions_network_id
FOREIGN KEY (network_id) REFERENCES chess.networks(id)

-- constraint chess.promotions fk_promotions_training_run_id
FOREIGN KEY (training_run_id) REFERENCES chess.training_runs(id)

-- constraint chess.promotions pk_promotions
PRIMARY KEY (training_run_id, match_task_id)

-- constraint chess.promotions promotions_match_task_id_not_null
NOT NULL match_task_id

-- constraint chess.promotions promotions_network_id_not_null
NOT NULL network_id

-- constraint chess.promotions promotions_training_run_id_not_null
NOT NULL training_run_id

-- constraint chess.server_data pk_server_data
PRIMARY KEY (id)

-- constraint chess.server_data server_data_id_not_null
NOT NULL id

-- constraint chess.sprt_tasks ck_sprt_tasks_baseline_params_args
CHECK ((baseline_params_args IS JSON ARRAY))

-- constraint chess.sprt_tasks ck_sprt_tasks_baseline_params_uci_options
CHECK ((baseline_params_uci_options IS JSON OBJECT))

-- constraint chess.sprt_tasks ck_sprt_tasks_candidate_params_args
CHECK ((candidate_params_args IS JSON ARRAY))

-- constraint chess.sprt_tasks ck_sprt_tasks_candidate_params_uci_options
CHECK ((candidate_params_uci_options IS JSON OBJECT))

-- constraint chess.sprt_tasks ck_sprt_tasks_hypotheses
CHECK (((elo0 < elo1) AND (GREATEST((- elo0), elo1) <= (
CASE model
    WHEN 'normalized'::text THEN 200.0
    ELSE 1000.0
END)::double precision) AND (LEAST(alpha, beta) >= (0.000000001)::double precision) AND ((alpha + beta) < (1)::double precision)))

-- constraint chess.sprt_tasks ck_sprt_tasks_model
CHECK ((model = ANY (ARRAY['normalized'::text, 'logistic'::text, 'bayesian'::text])))

-- constraint chess.sprt_tasks ck_sprt_tasks_scale_method
CHECK ((scale_method = ANY (ARRAY['DEV'::text, 'BASE'::text, 'BOTH'::text])))

-- constraint chess.sprt_tasks ck_sprt_tasks_time_control
CHECK (
CASE time_control_type
    WHEN 'time_based'::text THEN (((base_time_seconds >= (0)::double precision) AND (base_time_seconds <= (1000000)::double precision)) AND ((increment_seconds >= (0)::double precision) AND (increment_seconds <= (1000000)::double precision)) AND ((base_time_seconds + increment_seconds) > (0)::double precision) AND (nodes_per_move IS NULL))
    WHEN 'nodes_per_move'::text THEN ((nodes_per_move > 0) AND (num_nonnulls(base_time_seconds, increment_seconds) = 0))
    ELSE false
END)

-- constraint chess.sprt_tasks ck_sprt_tasks_verdict
CHECK ((verdict = ANY (ARRAY['accepted'::text, 'rejected'::text])))

-- constraint chess.sprt_tasks fk_sprt_tasks_baseline_network_id
FOREIGN KEY (baseline_network_id) REFERENCES chess.networks(id)

-- constraint chess.sprt_tasks fk_sprt_tasks_candidate_network_id
FOREIGN KEY (candidate_network_id) REFERENCES chess.networks(id)

-- constraint chess.sprt_tasks fk_sprt_tasks_opening_book_id
FOREIGN KEY (opening_book_id) REFERENCES chess.books(id)

-- constraint chess.sprt_tasks fk_sprt_tasks_task_id
FOREIGN KEY (task_id) REFERENCES chess.tasks(id) ON DELETE CASCADE

-- constraint chess.sprt_tasks fk_sprt_tasks_time_control_id
FOREIGN KEY (time_control_id) REFERENCES chess.time_controls(id)

-- constraint chess.sprt_tasks pk_sprt_tasks
PRIMARY KEY (id)

-- constraint chess.sprt_tasks sprt_tasks_800_extends
TRIGGER DEFERRABLE INITIALLY DEFERRED

-- constraint chess.sprt_tasks sprt_tasks_alpha_not_null
NOT NULL alpha

-- constraint chess.sprt_tasks sprt_tasks_beta_not_null
NOT NULL beta

-- constraint chess.sprt_tasks sprt_tasks_crashes_not_null
NOT NULL crashes

-- constraint chess.sprt_tasks sprt_tasks_created_at_not_null
NOT NULL created_at

-- constraint chess.sprt_tasks sprt_tasks_dd_not_null
NOT NULL dd

-- constraint chess.sprt_tasks sprt_tasks_draws_not_null
NOT NULL draws

-- constraint chess.sprt_tasks sprt_tasks_dw_not_null
NOT NULL dw

-- constraint chess.sprt_tasks sprt_tasks_elo0_not_null
NOT NULL elo0

-- constraint chess.sprt_tasks sprt_tasks_elo1_not_null
NOT NULL elo1

-- constraint chess.sprt_tasks sprt_tasks_id_not_null
NOT NULL id

-- constraint chess.sprt_tasks sprt_tasks_late_not_null
NOT NULL late

-- constraint chess.sprt_tasks sprt_tasks_ld_not_null
NOT NULL ld

-- constraint chess.sprt_tasks sprt_tasks_ll_not_null
NOT NULL ll

-- constraint chess.sprt_tasks sprt_tasks_losses_not_null
NOT NULL losses

-- constraint chess.sprt_tasks sprt_tasks_lower_not_null
NOT NULL lower

-- constraint chess.sprt_tasks sprt_tasks_model_not_null
NOT NULL model

-- constraint chess.sprt_tasks sprt_tasks_scale_method_not_null
NOT NULL scale_method

-- constraint chess.sprt_tasks sprt_tasks_time_control_id_not_null
NOT NULL time_control_id

-- constraint chess.sprt_tasks sprt_tasks_timeouts_not_null
NOT NULL timeouts

-- constraint chess.sprt_tasks sprt_tasks_unpaired_not_null
NOT NULL unpaired

-- constraint chess.sprt_tasks sprt_tasks_updated_at_not_null
NOT NULL updated_at

-- constraint chess.sprt_tasks sprt_tasks_upper_not_null
NOT NULL upper

-- constraint chess.sprt_tasks sprt_tasks_wins_not_null
NOT NULL wins

-- constraint chess.sprt_tasks sprt_tasks_ww_not_null
NOT NULL ww

-- constraint chess.sprt_tasks uq_sprt_tasks_task_id
UNIQUE (task_id)

-- constraint chess.task_assignments ck_task_assignments_scale_factor
CHECK (((scale_factor >= (0.001)::double precision) AND (scale_factor <= (1000.0)::double precision)))

-- constraint chess.task_assignments ck_task_assignments_status
CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'COMPLETED'::text, 'CANCELLED'::text, 'EXPIRED'::text])))

-- constraint chess.task_assignments fk_task_assignments_assigned_token_id
FOREIGN KEY (assigned_token_id) REFERENCES chess.auth_tokens(id)

-- constraint chess.task_assignments fk_task_assignments_task_id
FOREIGN KEY (task_id) REFERENCES chess.tasks(id)

-- constraint chess.task_assignments pk_task_assignments
PRIMARY KEY (task_id, assignment_id)

-- constraint chess.task_assignments task_assignments_assigned_at_not_null
NOT NULL assigned_at

-- constraint chess.task_assignments task_assignments_assignment_id_not_null
NOT NULL assignment_id

-- constraint chess.task_assignments task_assignments_created_at_not_null
NOT NULL created_at

-- constraint chess.task_assignments task_assignments_status_not_null
NOT NULL status

-- constraint chess.task_assignments task_assignments_task_id_not_null
NOT NULL task_id

-- constraint chess.task_assignments task_assignments_updated_at_not_null
NOT NULL updated_at

-- constraint chess.tasks ck_tasks_status
CHECK ((status = ANY (ARRAY['PENDING'::text, 'ACTIVE'::text, 'DONE'::text, 'CANCELLED'::text])))

-- constraint chess.tasks ck_tasks_task_type
CHECK ((task_type = ANY (ARRAY['TRAINING'::text, 'MATCH'::text, 'SPRT'::text, 'TUNE'::text])))

-- constraint chess.tasks ck_tasks_throughput
CHECK ((throughput > 0))

-- constraint chess.tasks pk_tasks
PRIMARY KEY (id)

-- constraint chess.tasks tasks_800_extended
TRIGGER DEFERRABLE INITIALLY DEFERRED

-- constraint chess.tasks tasks_created_at_not_null
NOT NULL created_at

-- constraint chess.tasks tasks_id_not_null
NOT NULL id

-- constraint chess.tasks tasks_priority_not_null
NOT NULL priority

-- constraint chess.tasks tasks_status_not_null
NOT NULL status

-- constraint chess.tasks tasks_task_type_not_null
NOT NULL task_type

-- constraint chess.tasks tasks_throughput_not_null
NOT NULL throughput

-- constraint chess.tasks tasks_updated_at_not_null
NOT NULL updated_at

-- constraint chess.time_controls ck_time_controls_kind
CHECK (
CASE kind
    WHEN 'time_based'::text THEN (((base_ms >= 0) AND (base_ms <= 1000000000)) AND ((increment_ms >= 0) AND (increment_ms <= 1000000000)) AND ((base_ms + increment_ms) > 0) AND (nodes IS NULL))
    WHEN 'nodes_per_move'::text THEN ((nodes > 0) AND (num_nonnulls(base_ms, increment_ms) = 0))
    ELSE false
END)

-- constraint chess.time_controls pk_time_controls
PRIMARY KEY (id)

-- constraint chess.time_controls time_controls_id_not_null
NOT NULL id

-- constraint chess.time_controls time_controls_kind_not_null
NOT NULL kind

-- constraint chess.time_controls uq_time_controls_kind_base_ms_increment_ms_nodes
UNIQUE NULLS NOT DISTINCT (kind, base_ms, increment_ms, nodes)

-- constraint chess.training_games fk_training_games_client_id
FOREIGN KEY (client_id) REFERENCES chess.clients(id)

-- constraint chess.training_games fk_training_games_network_id
FOREIGN KEY (network_id) REFERENCES chess.networks(id)

-- constraint chess.training_games fk_training_games_training_run_id
FOREIGN KEY (training_run_id) REFERENCES chess.training_runs(id)

-- constraint chess.training_games fk_training_games_user_id
FOREIGN KEY (user_id) REFERENCES chess.users(id)

-- constraint chess.training_games pk_training_games
PRIMARY KEY (id)

-- constraint chess.training_games training_games_id_not_null
NOT NULL id

-- constraint chess.training_runs fk_training_runs_best_network_id
FOREIGN KEY (best_network_id) REFERENCES chess.networks(id)

-- constraint chess.training_runs fk_training_runs_first_network_id
FOREIGN KEY (first_network_id) REFERENCES chess.networks(id)

-- constraint chess.training_runs pk_training_runs
PRIMARY KEY (id)

-- constraint chess.training_runs training_runs_id_not_null
NOT NULL id

-- constraint chess.training_tasks fk_training_tasks_best_network_id
FOREIGN KEY (best_network_id) REFERENCES chess.networks(id)

-- constraint chess.training_tasks fk_training_tasks_match_book_id
FOREIGN KEY (match_book_id) REFERENCES chess.books(id)

-- constraint chess.training_tasks fk_training_tasks_task_id
FOREIGN KEY (task_id) REFERENCES chess.tasks(id) ON DELETE CASCADE

-- constraint chess.training_tasks fk_training_tasks_train_book_id
FOREIGN KEY (train_book_id) REFERENCES chess.books(id)

-- constraint chess.training_tasks fk_training_tasks_training_run_id
FOREIGN KEY (training_run_id) REFERENCES chess.training_runs(id)

-- constraint chess.training_tasks pk_training_tasks
PRIMARY KEY (id)

-- constraint chess.training_tasks training_tasks_800_extends
TRIGGER DEFERRABLE INITIALLY DEFERRED

-- constraint chess.training_tasks training_tasks_created_at_not_null
NOT NULL created_at

-- constraint chess.training_tasks training_tasks_id_not_null
NOT NULL id

-- constraint chess.training_tasks training_tasks_updated_at_not_null
NOT NULL updated_at

-- constraint chess.training_tasks uq_training_tasks_task_id
UNIQUE (task_id)

-- constraint chess.tune_outputs ck_tune_outputs_interval
CHECK (((ci_low <= est_elo) AND (est_elo <= ci_high)))

-- constraint chess.tune_outputs ck_tune_outputs_kind
CHECK ((kind = ANY (ARRAY['HISTORY'::text, 'OPTIMUM'::text, 'FINAL'::text])))

-- constraint chess.tune_outputs ck_tune_outputs_range
CHECK ((GREATEST(abs(est_elo), abs(ci_low), abs(ci_high)) <= (10000.0)::double precision))

-- constraint chess.tune_outputs fk_tune_outputs_task_id
FOREIGN KEY (task_id) REFERENCES chess.tune_tasks(task_id)

-- constraint chess.tune_outputs pk_tune_outputs
PRIMARY KEY (task_id, iteration, kind)

-- constraint chess.tune_outputs tune_outputs_iteration_not_null
NOT NULL iteration

-- constraint chess.tune_outputs tune_outputs_kind_not_null
NOT NULL kind

-- constraint chess.tune_outputs tune_outputs_params_not_null
NOT NULL params

-- constraint chess.tune_outputs tune_outputs_task_id_not_null
NOT NULL task_id

-- constraint chess.tune_param_sets ck_tune_param_sets_param_set_id
CHECK ((num_nulls(tune_task_id, param_set_id) = 0))

-- constraint chess.tune_param_sets ck_tune_param_sets_params_args
CHECK ((params_args IS JSON ARRAY))

-- constraint chess.tune_param_sets ck_tune_param_sets_params_uci_options
CHECK ((params_uci_options IS JSON OBJECT))

-- constraint chess.tune_param_sets ck_tune_param_sets_status
CHECK ((status = ANY (ARRAY['OPEN'::text, 'DONE'::text])))

-- constraint chess.tune_param_sets fk_tune_param_sets_tune_task_id
FOREIGN KEY (tune_task_id) REFERENCES chess.tune_tasks(id)

-- constraint chess.tune_param_sets pk_tune_param_sets
PRIMARY KEY (id)

-- constraint chess.tune_param_sets tune_param_sets_crashes_not_null
NOT NULL crashes

-- constraint chess.tune_param_sets tune_param_sets_dd_not_null
NOT NULL dd

-- constraint chess.tune_param_sets tune_param_sets_draws_not_null
NOT NULL draws

-- constraint chess.tune_param_sets tune_param_sets_dw_not_null
NOT NULL dw

-- constraint chess.tune_param_sets tune_param_sets_id_not_null
NOT NULL id

-- constraint chess.tune_param_sets tune_param_sets_late_not_null
NOT NULL late

-- constraint chess.tune_param_sets tune_param_sets_ld_not_null
NOT NULL ld

-- constraint chess.tune_param_sets tune_param_sets_ll_not_null
NOT NULL ll

-- constraint chess.tune_param_sets tune_param_sets_losses_not_null
NOT NULL losses

-- constraint chess.tune_param_sets tune_param_sets_status_not_null
NOT NULL status

-- constraint chess.tune_param_sets tune_param_sets_timeouts_not_null
NOT NULL timeouts

-- constraint chess.tune_param_sets tune_param_sets_unpaired_not_null
NOT NULL unpaired

-- constraint chess.tune_param_sets tune_param_sets_wins_not_null
NOT NULL wins

-- constraint chess.tune_param_sets tune_param_sets_ww_not_null
NOT NULL ww

-- constraint chess.tune_param_sets uq_tune_param_sets_tune_task_id_param_set_id
UNIQUE (tune_task_id, param_set_id)

-- constraint chess.tune_tasks ck_tune_tasks_games
CHECK (((games_per_param_set > 0) AND (param_sets > 0)))

-- constraint chess.tune_tasks ck_tune_tasks_time_control
CHECK (
CASE time_control_type
    WHEN 'time_based'::text THEN (((base_time_seconds >= (0)::double precision) AND (base_time_seconds <= (1000000)::double precision)) AND ((increment_seconds >= (0)::double precision) AND (increment_seconds <= (1000000)::double precision)) AND ((base_time_seconds + increment_seconds) > (0)::double precision) AND (nodes_per_move IS NULL))
    WHEN 'nodes_per_move'::text THEN ((nodes_per_move > 0) AND (num_nonnulls(base_time_seconds, increment_seconds) = 0))
    ELSE false
END)

-- constraint chess.tune_tasks fk_tune_tasks_build_id
FOREIGN KEY (build_id) REFERENCES chess.builds(id)

-- constraint chess.tune_tasks fk_tune_tasks_opening_book_id
FOREIGN KEY (opening_book_id) REFERENCES chess.books(id)

-- constraint chess.tune_tasks fk_tune_tasks_task_id
FOREIGN KEY (task_id) REFERENCES chess.tasks(id) ON DELETE CASCADE

-- constraint chess.tune_tasks fk_tune_tasks_time_control_id
FOREIGN KEY (time_control_id) REFERENCES chess.time_controls(id)

-- constraint chess.tune_tasks fk_tune_tasks_tune_network_id
FOREIGN KEY (tune_network_id) REFERENCES chess.networks(id)

-- constraint chess.tune_tasks pk_tune_tasks
PRIMARY KEY (id)

-- constraint chess.tune_tasks tune_tasks_800_extends
TRIGGER DEFERRABLE INITIALLY DEFERRED

-- constraint chess.tune_tasks tune_tasks_build_id_not_null
NOT NULL build_id

-- constraint chess.tune_tasks tune_tasks_created_at_not_null
NOT NULL created_at

-- constraint chess.tune_tasks tune_tasks_id_not_null
NOT NULL id

-- constraint chess.tune_tasks tune_tasks_param_sets_not_null
NOT NULL param_sets

-- constraint chess.tune_tasks tune_tasks_time_control_id_not_null
NOT NULL time_control_id

-- constraint chess.tune_tasks tune_tasks_updated_at_not_null
NOT NULL updated_at

-- constraint chess.tune_tasks uq_tune_tasks_task_id
UNIQUE (task_id)

-- constraint chess.users pk_users
PRIMARY KEY (id)

-- constraint chess.users users_id_not_null
NOT NULL id

-- constraint chess.verdicts ck_verdicts_counts
CHECK ((GREATEST(wins, losses, draws) <= 500000000))

-- constraint chess.verdicts ck_verdicts_elo
CHECK ((abs(elo) <= (10000.0)::double precision))

-- constraint chess.verdicts ck_verdicts_llr
CHECK (
CASE
    WHEN (verdict = ANY (ARRAY['accepted'::text, 'rejected'::text])) THEN ((num_nulls(llr, lower, upper) = 0) AND
    CASE verdict
        WHEN 'accepted'::text THEN (llr >= upper)
        ELSE (llr <= lower)
    END)
    ELSE (num_nonnulls(llr, lower, upper) = 0)
END)

-- constraint chess.verdicts ck_verdicts_ratios
CHECK ((GREATEST(abs(llr), abs(lower), abs(upper)) <= (1000000.0)::double precision))

-- constraint chess.verdicts ck_verdicts_verdict
CHECK ((verdict = ANY (ARRAY['accepted'::text, 'rejected'::text, 'passed'::text, 'failed'::text])))

-- constraint chess.verdicts fk_verdicts_task_id
FOREIGN KEY (task_id) REFERENCES chess.tasks(id)

-- constraint chess.verdicts fk_verdicts_task_id_pair_key_seq
FOREIGN KEY (task_id, pair_key, seq) REFERENCES chess.game_results(task_id, pair_key, seq) NOT ENFORCED

-- constraint chess.verdicts pk_verdicts
PRIMARY KEY (task_id)

-- constraint chess.verdicts verdicts_dd_not_null
NOT NULL dd

-- constraint chess.verdicts verdicts_draws_not_null
NOT NULL draws

-- constraint chess.verdicts verdicts_dw_not_null
NOT NULL dw

-- constraint chess.verdicts verdicts_ld_not_null
NOT NULL ld

-- constraint chess.verdicts verdicts_ll_not_null
NOT NULL ll

-- constraint chess.verdicts verdicts_losses_not_null
NOT NULL losses

-- constraint chess.verdicts verdicts_pair_key_not_null
NOT NULL pair_key

-- constraint chess.verdicts verdicts_seq_not_null
NOT NULL seq

-- constraint chess.verdicts verdicts_task_id_not_null
NOT NULL task_id

-- constraint chess.verdicts verdicts_verdict_not_null
NOT NULL verdict

-- constraint chess.verdicts verdicts_wins_not_null
NOT NULL wins

-- constraint chess.verdicts verdicts_ww_not_null
NOT NULL ww

-- constraint competition.checkpoints checkpoints_checkpoint_kind_not_null
NOT NULL checkpoint_kind

-- constraint competition.checkpoints checkpoints_id_not_null
NOT NULL id

-- constraint competition.checkpoints checkpoints_interval_seconds_not_null
NOT NULL interval_seconds

-- constraint competition.checkpoints checkpoints_meta_jsonb_not_null
NOT NULL meta_jsonb

-- constraint competition.checkpoints checkpoints_starts_at_not_null
NOT NULL starts_at

-- constraint competition.checkpoints ck_checkpoints_interval_seconds
CHECK ((interval_seconds > 0))

-- constraint competition.checkpoints ck_checkpoints_whole_hours
CHECK ((("right"((checkpoint_kind)::text, 8) <> 'emission'::text) OR ((mod(interval_seconds, 3600) = 0) AND (mod(EXTRACT(epoch FROM starts_at), (3600)::numeric) = (0)::numeric))))

-- constraint competition.checkpoints pk_checkpoints
PRIMARY KEY (id)

-- constraint competition.closings closings_absent_not_null
NOT NULL absent

-- constraint competition.closings closings_answered_not_null
NOT NULL answered

-- constraint competition.closings closings_closed_at_not_null
NOT NULL closed_at

-- constraint competition.closings closings_performed_at_not_null
NOT NULL performed_at

-- constraint competition.closings closings_prediction_config_id_not_null
NOT NULL prediction_config_id

-- constraint competition.closings fk_closings_prediction_config_id_performed_at
FOREIGN KEY (prediction_config_id, performed_at) REFERENCES competition.rounds(prediction_config_id, performed_at)

-- constraint competition.closings pk_closings
PRIMARY KEY (prediction_config_id, performed_at)

-- constraint competition.confirmations ck_confirmations_status
CHECK (((status)::text = ANY ((ARRAY['CLAIMABLE'::character varying, 'PAID'::character varying])::text[])))

-- constraint competition.confirmations confirmations_emission_id_not_null
NOT NULL emission_id

-- constraint competition.confirmations confirmations_status_not_null
NOT NULL status

-- constraint competition.confirmations confirmations_tx_hash_not_null
NOT NULL tx_hash

-- constraint competition.confirmations fk_confirmations_emission_id
FOREIGN KEY (emission_id) REFERENCES competition.submissions(emission_id)

-- constraint competition.confirmations pk_confirmations
PRIMARY KEY (emission_id, status)

-- constraint competition.debuts debuts_hour_not_null
NOT NULL hour

-- constraint competition.debuts debuts_model_id_not_null
NOT NULL model_id

-- constraint competition.debuts debuts_scope_key_not_null
NOT NULL scope_key

-- constraint competition.debuts pk_debuts
PRIMARY KEY (scope_key, model_id)

-- constraint competition.emission_checkpoints ck_emission_checkpoints_payload
CHECK (COALESCE(competition.is_frozen_whole(payload_jsonb, ranking_jsonb), false))

-- constraint competition.emission_checkpoints ck_emission_checkpoints_period
CHECK ((period_start < period_end))

-- constraint competition.emission_checkpoints ck_emission_checkpoints_status
CHECK (((status)::text = ANY ((ARRAY['PENDING'::character varying, 'SUBMITTED'::character varying, 'CLAIMABLE'::character varying, 'PAID'::character varying])::text[])))

-- constraint competition.emission_checkpoints ck_emission_checkpoints_tx_hash
CHECK ((((status)::text = 'PENDING'::text) = (tx_hash IS NULL)))

-- constraint competition.emission_checkpoints emission_checkpoints_checkpoint_id_not_null
NOT NULL checkpoint_id

-- constraint competition.emission_checkpoints emission_checkpoints_emitted_at_not_null
NOT NULL emitted_at

-- constraint competition.emission_checkpoints emission_checkpoints_id_not_null
NOT NULL id

-- constraint competition.emission_checkpoints emission_checkpoints_payload_jsonb_not_null
NOT NULL payload_jsonb

-- constraint competition.emission_checkpoints emission_checkpoints_period_end_not_null
NOT NULL period_end

-- constraint competition.emission_checkpoints emission_checkpoints_period_start_not_null
NOT NULL period_start

-- constraint competition.emission_checkpoints emission_checkpoints_prizes_jsonb_not_null
NOT NULL prizes_jsonb

-- constraint competition.emission_checkpoints emission_checkpoints_ranking_jsonb_not_null
NOT NULL ranking_jsonb

-- constraint competition.emission_checkpoints emission_checkpoints_status_not_null
NOT NULL status

-- constraint competition.emission_checkpoints fk_emission_checkpoints_checkpoint_id
FOREIGN KEY (checkpoint_id) REFERENCES competition.checkpoints(id)

-- constraint competition.emission_checkpoints pk_emission_checkpoints
PRIMARY KEY (id)

-- constraint competition.emission_checkpoints uq_emission_checkpoints_checkpoint_id_period_start
UNIQUE (checkpoint_id, period_start)

-- constraint competition.judgements ck_judgements_range
CHECK (((value >= ('-100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (value <= ('100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)))

-- constraint competition.judgements ck_judgements_value
CHECK (((value IS NULL) = (failed_reason IS NOT NULL)))

-- constraint competition.judgements fk_judgements_prediction_id
FOREIGN KEY (prediction_id) REFERENCES competition.predictions(id) NOT ENFORCED

-- constraint competition.judgements judgements_prediction_digest_not_null
NOT NULL prediction_digest

-- constraint competition.judgements judgements_prediction_id_not_null
NOT NULL prediction_id

-- constraint competition.judgements pk_judgements
PRIMARY KEY (prediction_id, prediction_digest)

-- constraint competition.leaderboards leaderboards_board_not_null
NOT NULL board

-- constraint competition.leaderboards leaderboards_created_at_not_null
NOT NULL created_at

-- constraint competition.leaderboards leaderboards_entries_jsonb_not_null
NOT NULL entries_jsonb

-- constraint competition.leaderboards leaderboards_id_not_null
NOT NULL id

-- constraint competition.leaderboards leaderboards_meta_jsonb_not_null
NOT NULL meta_jsonb

-- constraint competition.leaderboards pk_leaderboards
PRIMARY KEY (id)

-- constraint competition.model_scores fk_model_scores_model_id
FOREIGN KEY (model_id) REFERENCES competition.models(id) NOT ENFORCED

-- constraint competition.model_scores model_scores_computed_at_not_null
NOT NULL computed_at

-- constraint competition.model_scores model_scores_id_not_null
NOT NULL id

-- constraint competition.model_scores model_scores_model_id_not_null
NOT NULL model_id

-- constraint competition.model_scores model_scores_score_payload_jsonb_not_null
NOT NULL score_payload_jsonb

-- constraint competition.model_scores pk_model_scores
PRIMARY KEY (id)

-- constraint competition.models models_active_not_null
NOT NULL active

-- constraint competition.models models_created_at_not_null
NOT NULL created_at

-- constraint competition.models models_deployment_identifier_not_null
NOT NULL deployment_identifier

-- constraint competition.models models_id_not_null
NOT NULL id

-- constraint competition.models models_meta_jsonb_not_null
NOT NULL meta_jsonb

-- constraint competition.models models_name_not_null
NOT NULL name

-- constraint competition.models models_overall_score_jsonb_not_null
NOT NULL overall_score_jsonb

-- constraint competition.models models_player_id_not_null
NOT NULL player_id

-- constraint competition.models models_player_name_not_null
NOT NULL player_name

-- constraint competition.models models_scores_by_scope_jsonb_not_null
NOT NULL scores_by_scope_jsonb

-- constraint competition.models models_updated_at_not_null
NOT NULL updated_at

-- constraint competition.models pk_models
PRIMARY KEY (id)

-- constraint competition.predictions ck_predictions_absent
CHECK ((absent = ((status)::text = 'ABSENT'::text)))

-- constraint competition.predictions ck_predictions_exec_time_ms
CHECK (((exec_time_ms >= (0)::double precision) AND (exec_time_ms <= ('1000000000000'::bigint)::double precision)))

-- constraint competition.predictions ck_predictions_score
CHECK (
CASE
    WHEN ((score_status)::text = 'PENDING'::text) THEN (num_nonnulls(score_value, score_success, score_failed_reason, score_scored_at) = 0)
    WHEN (score_scored_at IS NULL) THEN false
    WHEN score_success THEN ((score_value IS NOT NULL) AND (score_failed_reason IS NULL))
    ELSE ((score_success IS NOT NULL) AND ((COALESCE(score_failed_reason, ''::character varying))::text <> ''::text))
END)

-- constraint competition.predictions ck_predictions_score_scored_at
CHECK ((score_scored_at >= resolvable_at))

-- constraint competition.predictions ck_predictions_score_status
CHECK (((score_status)::text = ANY ((ARRAY['PENDING'::character varying, 'SCORED'::character varying, 'EXPIRED'::character varying])::text[])))

-- constraint competition.predictions ck_predictions_score_value
CHECK (((score_value >= ('-1000000'::integer)::double precision) AND (score_value <= (1000000)::double precision)))

-- constraint competition.predictions ck_predictions_status
CHECK (((status)::text = ANY ((ARRAY['SUCCESS'::character varying, 'FAILED'::character varying, 'TIMEOUT'::character varying, 'ABSENT'::character varying])::text[])))

-- constraint competition.predictions fk_predictions_model_id
FOREIGN KEY (model_id) REFERENCES competition.models(id) NOT ENFORCED

-- constraint competition.predictions fk_predictions_prediction_config_id
FOREIGN KEY (prediction_config_id) REFERENCES competition.scheduled_prediction_configs(id) NOT ENFORCED

-- constraint competition.predictions fk_predictions_prediction_config_id_performed_at_resolv_3169
FOREIGN KEY (prediction_config_id, performed_at, resolvable_at, scope_key) REFERENCES competition.rounds(prediction_config_id, performed_at, resolvable_at, scope_key) NOT ENFORCED

-- constraint competition.predictions pk_predictions
PRIMARY KEY (id)

-- constraint competition.predictions predictions_absent_not_null
NOT NULL absent

-- constraint competition.predictions predictions_exec_time_ms_not_null
NOT NULL exec_time_ms

-- constraint competition.predictions predictions_id_not_null
NOT NULL id

-- constraint competition.predictions predictions_inference_input_jsonb_not_null
NOT NULL inference_input_jsonb

-- constraint competition.predictions predictions_inference_output_jsonb_not_null
NOT NULL inference_output_jsonb

-- constraint competition.predictions predictions_meta_jsonb_not_null
NOT NULL meta_jsonb

-- constraint competition.predictions predictions_model_id_not_null
NOT NULL model_id

-- constraint competition.predictions predictions_performed_at_not_null
NOT NULL performed_at

-- constraint competition.predictions predictions_prediction_config_id_not_null
NOT NULL prediction_config_id

-- constraint competition.predictions predictions_resolvable_at_not_null
NOT NULL resolvable_at

-- constraint competition.predictions predictions_scope_jsonb_not_null
NOT NULL scope_jsonb

-- constraint competition.predictions predictions_scope_key_not_null
NOT NULL scope_key

-- constraint competition.predictions predictions_score_status_not_null
NOT NULL score_status

-- constraint competition.predictions predictions_status_not_null
NOT NULL status

-- constraint competition.predictions uq_predictions_prediction_config_id_performed_at_model__880f
UNIQUE (prediction_config_id, performed_at, model_id, absent)

-- constraint competition.rounds ck_rounds_status
CHECK (((status)::text = ANY ((ARRAY['open'::character varying, 'closed'::character varying, 'overdue'::character varying, 'scored'::character varying, 'expired'::character varying])::text[])))

-- constraint competition.rounds ck_rounds_times
CHECK (((performed_at <= closes_at) AND (performed_at <= resolvable_at) AND (resolvable_at <= expires_at)))

-- constraint competition.rounds fk_rounds_prediction_config_id
FOREIGN KEY (prediction_config_id) REFERENCES competition.scheduled_prediction_configs(id)

-- constraint competition.rounds pk_rounds
PRIMARY KEY (prediction_config_id, performed_at)

-- constraint competition.rounds rounds_closes_at_not_null
NOT NULL closes_at

-- constraint competition.rounds rounds_expires_at_not_null
NOT NULL expires_at

-- constraint competition.rounds rounds_performed_at_not_null
NOT NULL performed_at

-- constraint competition.rounds rounds_prediction_config_id_not_null
NOT NULL prediction_config_id

-- constraint competition.rounds rounds_replayed_not_null
NOT NULL replayed

-- constraint competition.rounds rounds_resolvable_at_not_null
NOT NULL resolvable_at

-- constraint competition.rounds rounds_scope_jsonb_not_null
NOT NULL scope_jsonb

-- constraint competition.rounds rounds_scope_key_not_null
NOT NULL scope_key

-- constraint competition.rounds rounds_scoring_jsonb_not_null
NOT NULL scoring_jsonb

-- constraint competition.rounds rounds_status_not_null
NOT NULL status

-- constraint competition.rounds uq_rounds_prediction_config_id_performed_at_resolvable__5676
UNIQUE (prediction_config_id, performed_at, resolvable_at, scope_key)

-- constraint competition.scheduled_prediction_configs pk_scheduled_prediction_configs
PRIMARY KEY (id)

-- constraint competition.scheduled_prediction_configs scheduled_prediction_configs_active_not_null
NOT NULL active

-- constraint competition.scheduled_prediction_configs scheduled_prediction_configs_id_not_null
NOT NULL id

-- constraint competition.scheduled_prediction_configs scheduled_prediction_configs_meta_jsonb_not_null
NOT NULL meta_jsonb

-- constraint competition.scheduled_prediction_configs scheduled_prediction_configs_order_not_null
NOT NULL "order"

-- constraint competition.scheduled_prediction_configs scheduled_prediction_configs_schedule_jsonb_not_null
NOT NULL schedule_jsonb

-- constraint competition.scheduled_prediction_configs scheduled_prediction_configs_scope_key_not_null
NOT NULL scope_key

-- constraint competition.scheduled_prediction_configs scheduled_prediction_configs_scope_template_jsonb_not_null
NOT NULL scope_template_jsonb

-- constraint competition.scheduled_prediction_configs scheduled_prediction_configs_scoring_jsonb_not_null
NOT NULL scoring_jsonb

-- constraint competition.submissions fk_submissions_emission_id
FOREIGN KEY (emission_id) REFERENCES competition.emission_checkpoints(id)

-- constraint competition.submissions pk_submissions
PRIMARY KEY (emission_id)

-- constraint competition.submissions submissions_emission_id_not_null
NOT NULL emission_id

-- constraint competition.submissions submissions_tx_hash_not_null
NOT NULL tx_hash

-- constraint competition.tallies pk_tallies
PRIMARY KEY (scope_key, hour, model_id)

-- constraint competition.tallies tallies_billionths_not_null
NOT NULL billionths

-- constraint competition.tallies tallies_hour_not_null
NOT NULL hour

-- constraint competition.tallies tallies_model_id_not_null
NOT NULL model_id

-- constraint competition.tallies tallies_n_not_null
NOT NULL n

-- constraint competition.tallies tallies_scope_key_not_null
NOT NULL scope_key

-- constraint competition.tallies tallies_succeeded_not_null
NOT NULL succeeded

-- constraint competition.truths ck_truths_lag_seconds
CHECK (((lag_seconds >= (0)::double precision) AND (lag_seconds <= (1000000000)::double precision)))

-- constraint competition.truths fk_truths_prediction_config_id_performed_at
FOREIGN KEY (prediction_config_id, performed_at) REFERENCES competition.rounds(prediction_config_id, performed_at)

-- constraint competition.truths pk_truths
PRIMARY KEY (prediction_config_id, performed_at)

-- constraint competition.truths truths_lag_seconds_not_null
NOT NULL lag_seconds

-- constraint competition.truths truths_performed_at_not_null
NOT NULL performed_at

-- constraint competition.truths truths_prediction_config_id_not_null
NOT NULL prediction_config_id

-- constraint competition.truths truths_published_at_not_null
NOT NULL published_at

-- constraint competition.truths truths_truth_jsonb_not_null
NOT NULL truth_jsonb

-- constraint evaluation.confusion confusion_dataset_id_not_null
NOT NULL dataset_id

-- constraint evaluation.confusion confusion_gold_not_null
NOT NULL gold

-- constraint evaluation.confusion confusion_model_id_not_null
NOT NULL model_id

-- constraint evaluation.confusion confusion_n_not_null
NOT NULL n

-- constraint evaluation.confusion confusion_predicted_not_null
NOT NULL predicted

-- constraint evaluation.confusion confusion_prompt_id_not_null
NOT NULL prompt_id

-- constraint evaluation.confusion fk_confusion_model_id_prompt_id_dataset_id
FOREIGN KEY (model_id, prompt_id, dataset_id) REFERENCES evaluation.modelpromptstatus(model_id, prompt_id, dataset_id) ON DELETE CASCADE

-- constraint evaluation.confusion pk_confusion
PRIMARY KEY (model_id, prompt_id, dataset_id, gold, predicted)

-- constraint evaluation.dataset_versions ck_dataset_versions_total_rows
CHECK ((total_rows >= 0))

-- constraint evaluation.dataset_versions dataset_versions_dataset_id_not_null
NOT NULL dataset_id

-- constraint evaluation.dataset_versions dataset_versions_total_rows_not_null
NOT NULL total_rows

-- constraint evaluation.dataset_versions dataset_versions_version_not_null
NOT NULL version

-- constraint evaluation.dataset_versions fk_dataset_versions_dataset_id
FOREIGN KEY (dataset_id) REFERENCES evaluation.datasets(dataset_id)

-- constraint evaluation.dataset_versions pk_dataset_versions
PRIMARY KEY (dataset_id, version)

-- constraint evaluation.datasets ck_datasets_labels
CHECK ((char_length(labels) <= 10000))

-- constraint evaluation.datasets datasets_dataset_id_not_null
NOT NULL dataset_id

-- constraint evaluation.datasets datasets_name_not_null
NOT NULL name

-- constraint evaluation.datasets pk_datasets
PRIMARY KEY (dataset_id)

-- constraint evaluation.latency fk_latency_model_id_prompt_id_dataset_id
FOREIGN KEY (model_id, prompt_id, dataset_id) REFERENCES evaluation.modelpromptstatus(model_id, prompt_id, dataset_id) ON DELETE CASCADE

-- constraint evaluation.latency latency_bucket_not_null
NOT NULL bucket

-- constraint evaluation.latency latency_dataset_id_not_null
NOT NULL dataset_id

-- constraint evaluation.latency latency_model_id_not_null
NOT NULL model_id

-- constraint evaluation.latency latency_n_not_null
NOT NULL n

-- constraint evaluation.latency latency_prompt_id_not_null
NOT NULL prompt_id

-- constraint evaluation.latency pk_latency
PRIMARY KEY (model_id, prompt_id, dataset_id, bucket)

-- constraint evaluation.modelpromptstatus ck_modelpromptstatus_event_status
CHECK (((event_status)::text = ANY ((ARRAY['pending'::character varying, 'stop'::character varying, 'cancelled'::character varying, 'failed'::character varying])::text[])))

-- constraint evaluation.modelpromptstatus ck_modelpromptstatus_status
CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'running'::character varying, 'done'::character varying, 'stop'::character varying, 'cancelled'::character varying, 'failed'::character varying])::text[])))

-- constraint evaluation.modelpromptstatus ck_modelpromptstatus_tallies
CHECK (((failed >= 0) AND (failed <= count)))

-- constraint evaluation.modelpromptstatus fk_modelpromptstatus_dataset_id
FOREIGN KEY (dataset_id) REFERENCES evaluation.datasets(dataset_id)

-- constraint evaluation.modelpromptstatus fk_modelpromptstatus_dataset_id_dataset_version
FOREIGN KEY (dataset_id, dataset_version) REFERENCES evaluation.dataset_versions(dataset_id, version)

-- constraint evaluation.modelpromptstatus fk_modelpromptstatus_model_id
FOREIGN KEY (model_id) REFERENCES evaluation.models(model_id)

-- constraint evaluation.modelpromptstatus fk_modelpromptstatus_prompt_id
FOREIGN KEY (prompt_id) REFERENCES evaluation.prompts(prompt_id)

-- constraint evaluation.modelpromptstatus modelpromptstatus_attempts_max_not_null
NOT NULL attempts_max

-- constraint evaluation.modelpromptstatus modelpromptstatus_dataset_id_not_null
NOT NULL dataset_id

-- constraint evaluation.modelpromptstatus modelpromptstatus_dataset_version_not_null
NOT NULL dataset_version

-- constraint evaluation.modelpromptstatus modelpromptstatus_epoch_not_null
NOT NULL epoch

-- constraint evaluation.modelpromptstatus modelpromptstatus_event_status_not_null
NOT NULL event_status

-- constraint evaluation.modelpromptstatus modelpromptstatus_failed_not_null
NOT NULL failed

-- constraint evaluation.modelpromptstatus modelpromptstatus_model_id_not_null
NOT NULL model_id

-- constraint evaluation.modelpromptstatus modelpromptstatus_prompt_id_not_null
NOT NULL prompt_id

-- constraint evaluation.modelpromptstatus modelpromptstatus_status_not_null
NOT NULL status

-- constraint evaluation.modelpromptstatus modelpromptstatus_submitted_epoch_not_null
NOT NULL submitted_epoch

-- constraint evaluation.modelpromptstatus modelpromptstatus_total_rows_not_null
NOT NULL total_rows

-- constraint evaluation.modelpromptstatus pk_modelpromptstatus
PRIMARY KEY (model_id, prompt_id, dataset_id)

-- constraint evaluation.models models_library_not_null
NOT NULL library

-- constraint evaluation.models models_model_id_not_null
NOT NULL model_id

-- constraint evaluation.models models_name_not_null
NOT NULL name

-- constraint evaluation.models models_source_not_null
NOT NULL source

-- constraint evaluation.models pk_models
PRIMARY KEY (model_id)

-- constraint evaluation.predictions ck_predictions_attempt
CHECK (((attempt >= 1) AND (attempt <= 1000000)))

-- constraint evaluation.predictions ck_predictions_key
CHECK ((num_nulls(row_id, model_id, prompt_id, dataset_id) = 0))

-- constraint evaluation.predictions ck_predictions_prediction_time
CHECK (((prediction_time >= (0)::double precision) AND (prediction_time <= (1000000000)::double precision)))

-- constraint evaluation.predictions ck_predictions_spent
CHECK (((tokens >= 0) AND (cost >= 0)))

-- constraint evaluation.predictions ck_predictions_status
CHECK (((status)::text = ANY ((ARRAY['success'::character varying, 'failed'::character varying])::text[])))

-- constraint evaluation.predictions fk_predictions_dataset_id
FOREIGN KEY (dataset_id) REFERENCES evaluation.datasets(dataset_id) NOT ENFORCED

-- constraint evaluation.predictions fk_predictions_model_id
FOREIGN KEY (model_id) REFERENCES evaluation.models(model_id) NOT ENFORCED

-- constraint evaluation.predictions fk_predictions_prompt_id
FOREIGN KEY (prompt_id) REFERENCES evaluation.prompts(prompt_id) NOT ENFORCED

-- constraint evaluation.predictions fk_predictions_row_id
FOREIGN KEY (row_id) REFERENCES evaluation.rows(row_id) NOT ENFORCED

-- constraint evaluation.predictions fk_predictions_row_id_model_id_prompt_id_dataset_id
FOREIGN KEY (row_id, model_id, prompt_id, dataset_id) REFERENCES evaluation.predictionstatus(row_id, model_id, prompt_id, dataset_id) NOT ENFORCED

-- constraint evaluation.predictions pk_predictions
PRIMARY KEY (prediction_id)

-- constraint evaluation.predictions predictions_attempt_not_null
NOT NULL attempt

-- constraint evaluation.predictions predictions_prediction_id_not_null
NOT NULL prediction_id

-- constraint evaluation.predictions predictions_prediction_not_null
NOT NULL prediction

-- constraint evaluation.predictions predictions_prediction_time_not_null
NOT NULL prediction_time

-- constraint evaluation.predictions predictions_retry_not_null
NOT NULL retry

-- constraint evaluation.predictions predictions_status_not_null
NOT NULL status

-- constraint evaluation.predictions uq_predictions_model_id_prompt_id_row_id_attempt
UNIQUE (model_id, prompt_id, row_id, attempt)

-- constraint evaluation.predictionstatus ck_predictionstatus_dataset_id
CHECK ((dataset_id IS NOT NULL))

-- constraint evaluation.predictionstatus ck_predictionstatus_event_status
CHECK (((event_status)::text = ANY ((ARRAY['pending'::character varying, 'in_progress'::character varying, 'failed'::character varying])::text[])))

-- constraint evaluation.predictionstatus ck_predictionstatus_in_progress_time
CHECK (
CASE event_status
    WHEN 'pending'::text THEN (in_progress_time IS NULL)
    WHEN 'in_progress'::text THEN (in_progress_time IS NOT NULL)
    ELSE true
END)

-- constraint evaluation.predictionstatus ck_predictionstatus_status
CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'in_progress'::character varying, 'done'::character varying, 'failed'::character varying])::text[])))

-- constraint evaluation.predictionstatus fk_predictionstatus_dataset_id
FOREIGN KEY (dataset_id) REFERENCES evaluation.datasets(dataset_id) NOT ENFORCED

-- constraint evaluation.predictionstatus fk_predictionstatus_model_id
FOREIGN KEY (model_id) REFERENCES evaluation.models(model_id) NOT ENFORCED

-- constraint evaluation.predictionstatus fk_predictionstatus_model_id_prompt_id_dataset_id
FOREIGN KEY (model_id, prompt_id, dataset_id) REFERENCES evaluation.modelpromptstatus(model_id, prompt_id, dataset_id) NOT ENFORCED

-- constraint evaluation.predictionstatus fk_predictionstatus_prompt_id
FOREIGN KEY (prompt_id) REFERENCES evaluation.prompts(prompt_id) NOT ENFORCED

-- constraint evaluation.predictionstatus fk_predictionstatus_row_id
FOREIGN KEY (row_id) REFERENCES evaluation.rows(row_id) NOT ENFORCED

-- constraint evaluation.predictionstatus fk_predictionstatus_row_id_dataset_id
FOREIGN KEY (row_id, dataset_id) REFERENCES evaluation.rows(row_id, dataset_id) NOT ENFORCED

-- constraint evaluation.predictionstatus pk_predictionstatus
PRIMARY KEY (row_id, model_id, prompt_id)

-- constraint evaluation.predictionstatus predictionstatus_attempt_not_null
NOT NULL attempt

-- constraint evaluation.predictionstatus predictionstatus_event_status_not_null
NOT NULL event_status

-- constraint evaluation.predictionstatus predictionstatus_model_id_not_null
NOT NULL model_id

-- constraint evaluation.predictionstatus predictionstatus_prompt_id_not_null
NOT NULL prompt_id

-- constraint evaluation.predictionstatus predictionstatus_row_id_not_null
NOT NULL row_id

-- constraint evaluation.predictionstatus predictionstatus_status_not_null
NOT NULL status

-- constraint evaluation.predictionstatus uq_predictionstatus_model_id_prompt_id_dataset_id_row_id
UNIQUE (model_id, prompt_id, dataset_id, row_id)

-- constraint evaluation.prompts fk_prompts_model_id
FOREIGN KEY (model_id) REFERENCES evaluation.models(model_id)

-- constraint evaluation.prompts pk_prompts
PRIMARY KEY (prompt_id)

-- constraint evaluation.prompts prompts_prompt_id_not_null
NOT NULL prompt_id

-- constraint evaluation.prompts prompts_text_not_null
NOT NULL text

-- constraint evaluation.rows ck_rows_dataset_id
CHECK ((dataset_id IS NOT NULL))

-- constraint evaluation.rows fk_rows_dataset_id
FOREIGN KEY (dataset_id) REFERENCES evaluation.datasets(dataset_id)

-- constraint evaluation.rows pk_rows
PRIMARY KEY (row_id)

-- constraint evaluation.rows rows_content_not_null
NOT NULL content

-- constraint evaluation.rows rows_expected_prediction_not_null
NOT NULL expected_prediction

-- constraint evaluation.rows rows_row_id_not_null
NOT NULL row_id

-- constraint evaluation.rows rows_truth_version_not_null
NOT NULL truth_version

-- constraint evaluation.rows rows_version_not_null
NOT NULL version

-- constraint evaluation.rows uq_rows_row_id_dataset_id
UNIQUE (row_id, dataset_id)

-- constraint evaluation.scores fk_scores_model_id_prompt_id_row_id_attempt
FOREIGN KEY (model_id, prompt_id, row_id, attempt) REFERENCES evaluation.predictions(model_id, prompt_id, row_id, attempt) NOT ENFORCED

-- constraint evaluation.scores pk_scores
PRIMARY KEY (model_id, prompt_id, row_id, attempt, truth_version, prediction_digest)

-- constraint evaluation.scores scores_attempt_not_null
NOT NULL attempt

-- constraint evaluation.scores scores_correct_not_null
NOT NULL correct

-- constraint evaluation.scores scores_dataset_id_not_null
NOT NULL dataset_id

-- constraint evaluation.scores scores_gold_not_null
NOT NULL gold

-- constraint evaluation.scores scores_model_id_not_null
NOT NULL model_id

-- constraint evaluation.scores scores_predicted_not_null
NOT NULL predicted

-- constraint evaluation.scores scores_prediction_digest_not_null
NOT NULL prediction_digest

-- constraint evaluation.scores scores_prompt_id_not_null
NOT NULL prompt_id

-- constraint evaluation.scores scores_row_id_not_null
NOT NULL row_id

-- constraint evaluation.scores scores_truth_version_not_null
NOT NULL truth_version

-- constraint evaluation.status_update_log pk_status_update_log
PRIMARY KEY (id)

-- constraint evaluation.status_update_log status_update_log_epoch_not_null
NOT NULL epoch

-- constraint evaluation.status_update_log status_update_log_id_not_null
NOT NULL id

-- constraint evaluation.status_update_log uq_status_update_log_model_id_prompt_id_dataset_id_epoch_status
UNIQUE (model_id, prompt_id, dataset_id, epoch, status)

-- constraint ledger."offset" ck_offset_adds_up
CHECK ((read = (((applied + parked) + released) + dead)))

-- constraint ledger."offset" offset_applied_not_null
NOT NULL applied

-- constraint ledger."offset" offset_dead_not_null
NOT NULL dead

-- constraint ledger."offset" offset_epoch_not_null
NOT NULL epoch

-- constraint ledger."offset" offset_parked_not_null
NOT NULL parked

-- constraint ledger."offset" offset_partition_not_null
NOT NULL partition

-- constraint ledger."offset" offset_position_not_null
NOT NULL "position"

-- constraint ledger."offset" offset_read_not_null
NOT NULL read

-- constraint ledger."offset" offset_released_not_null
NOT NULL released

-- constraint ledger."offset" offset_topic_id_not_null
NOT NULL topic_id

-- constraint ledger."offset" offset_topic_not_null
NOT NULL topic

-- constraint ledger."offset" offset_updated_at_not_null
NOT NULL updated_at

-- constraint ledger."offset" pk_offset
PRIMARY KEY (topic, partition)

-- constraint ledger.dead dead_died_at_not_null
NOT NULL died_at

-- constraint ledger.dead dead_handled_not_null
NOT NULL handled

-- constraint ledger.dead dead_headers_not_null
NOT NULL headers

-- constraint ledger.dead dead_message_not_null
NOT NULL message

-- constraint ledger.dead dead_offset_not_null
NOT NULL "offset"

-- constraint ledger.dead dead_partition_not_null
NOT NULL partition

-- constraint ledger.dead dead_reason_not_null
NOT NULL reason

-- constraint ledger.dead dead_topic_not_null
NOT NULL topic

-- constraint ledger.dead dead_truncated_not_null
NOT NULL truncated

-- constraint ledger.dead pk_dead
PRIMARY KEY (topic, partition, "offset")

-- constraint ledger.failure failure_error_not_null
NOT NULL error

-- constraint ledger.failure failure_loop_not_null
NOT NULL loop

-- constraint ledger.failure failure_process_not_null
NOT NULL process

-- constraint ledger.failure failure_since_not_null
NOT NULL since

-- constraint ledger.failure failure_subject_not_null
NOT NULL subject

-- constraint ledger.failure failure_tries_not_null
NOT NULL tries

-- constraint ledger.failure pk_failure
PRIMARY KEY (loop, subject)

-- constraint ledger.id_range id_range_kind_not_null
NOT NULL kind

-- constraint ledger.id_range id_range_request_not_null
NOT NULL request

-- constraint ledger.id_range id_range_size_not_null
NOT NULL size

-- constraint ledger.id_range pk_id_range
PRIMARY KEY (kind, request)

-- constraint ledger.identity ck_identity_one_row
CHECK (("only" = 1))

-- constraint ledger.identity identity_database_not_null
NOT NULL database

-- constraint ledger.identity identity_only_not_null
NOT NULL "only"

-- constraint ledger.identity pk_identity
PRIMARY KEY ("only")

-- constraint ledger.lease lease_expires_at_not_null
NOT NULL expires_at

-- constraint ledger.lease lease_holder_not_null
NOT NULL holder

-- constraint ledger.lease lease_name_not_null
NOT NULL name

-- constraint ledger.lease lease_taken_at_not_null
NOT NULL taken_at

-- constraint ledger.lease lease_token_not_null
NOT NULL token

-- constraint ledger.lease pk_lease
PRIMARY KEY (name)

-- constraint ledger.loop loop_done_not_null
NOT NULL done

-- constraint ledger.loop loop_error_not_null
NOT NULL error

-- constraint ledger.loop loop_name_not_null
NOT NULL name

-- constraint ledger.loop loop_process_not_null
NOT NULL process

-- constraint ledger.loop loop_progress_age_seconds_not_null
NOT NULL progress_age_seconds

-- constraint ledger.loop loop_ready_not_null
NOT NULL ready

-- constraint ledger.loop loop_reported_at_not_null
NOT NULL reported_at

-- constraint ledger.loop loop_restarts_not_null
NOT NULL restarts

-- constraint ledger.loop loop_turn_age_seconds_not_null
NOT NULL turn_age_seconds

-- constraint ledger.loop loop_waits_for_not_null
NOT NULL waits_for

-- constraint ledger.loop pk_loop
PRIMARY KEY (name, process)

-- constraint ledger.operation ck_operation_verb
CHECK ((verb = ANY (ARRAY['redrive'::text, 'drop'::text, 'expire'::text])))

-- constraint ledger.operation operation_asked_at_not_null
NOT NULL asked_at

-- constraint ledger.operation operation_by_not_null
NOT NULL by

-- constraint ledger.operation operation_offset_not_null
NOT NULL "offset"

-- constraint ledger.operation operation_partition_not_null
NOT NULL partition

-- constraint ledger.operation operation_request_not_null
NOT NULL request

-- constraint ledger.operation operation_topic_not_null
NOT NULL topic

-- constraint ledger.operation operation_verb_not_null
NOT NULL verb

-- constraint ledger.operation operation_why_not_null
NOT NULL why

-- constraint ledger.operation pk_operation
PRIMARY KEY (request)

-- constraint ledger.outside_write outside_write_id_not_null
NOT NULL id

-- constraint ledger.outside_write outside_write_relation_not_null
NOT NULL relation

-- constraint ledger.outside_write outside_write_role_not_null
NOT NULL role

-- constraint ledger.outside_write outside_write_rows_not_null
NOT NULL rows

-- constraint ledger.outside_write outside_write_statement_not_null
NOT NULL statement

-- constraint ledger.outside_write outside_write_written_at_not_null
NOT NULL written_at

-- constraint ledger.outside_write pk_outside_write
PRIMARY KEY (id)

-- constraint ledger.parked parked_append_time_not_null
NOT NULL append_time

-- constraint ledger.parked parked_headers_not_null
NOT NULL headers

-- constraint ledger.parked parked_offset_not_null
NOT NULL "offset"

-- constraint ledger.parked parked_parent_key_not_null
NOT NULL parent_key

-- constraint ledger.parked parked_parent_table_not_null
NOT NULL parent_table

-- constraint ledger.parked parked_parked_at_not_null
NOT NULL parked_at

-- constraint ledger.parked parked_partition_not_null
NOT NULL partition

-- constraint ledger.parked parked_subject_not_null
NOT NULL subject

-- constraint ledger.parked parked_topic_not_null
NOT NULL topic

-- constraint ledger.parked parked_value_not_null
NOT NULL value

-- constraint ledger.parked pk_parked
PRIMARY KEY (topic, partition, "offset")

-- constraint ledger.rebuild pk_rebuild
PRIMARY KEY (run)

-- constraint ledger.rebuild rebuild_by_not_null
NOT NULL by

-- constraint ledger.rebuild rebuild_code_not_null
NOT NULL code

-- constraint ledger.rebuild rebuild_digests_not_null
NOT NULL digests

-- constraint ledger.rebuild rebuild_domains_not_null
NOT NULL domains

-- constraint ledger.rebuild rebuild_finished_at_not_null
NOT NULL finished_at

-- constraint ledger.rebuild rebuild_records_not_null
NOT NULL records

-- constraint ledger.rebuild rebuild_run_not_null
NOT NULL run

-- constraint ledger.rebuild rebuild_seconds_not_null
NOT NULL seconds

-- constraint ledger.rebuild rebuild_started_at_not_null
NOT NULL started_at

-- constraint ledger.rebuild rebuild_upto_not_null
NOT NULL upto

-- constraint ledger.rebuild rebuild_why_not_null
NOT NULL why

-- constraint ledger.repair pk_repair
PRIMARY KEY (id)

-- constraint ledger.repair repair_after_not_null
NOT NULL after

-- constraint ledger.repair repair_before_not_null
NOT NULL before

-- constraint ledger.repair repair_by_not_null
NOT NULL by

-- constraint ledger.repair repair_id_not_null
NOT NULL id

-- constraint ledger.repair repair_key_not_null
NOT NULL key

-- constraint ledger.repair repair_relation_not_null
NOT NULL relation

-- constraint ledger.repair repair_repaired_at_not_null
NOT NULL repaired_at

-- constraint ledger.repair repair_why_not_null
NOT NULL why

-- constraint ledger.snapshot pk_snapshot
PRIMARY KEY (board, snapshot)

-- constraint ledger.snapshot snapshot_as_of_not_null
NOT NULL as_of

-- constraint ledger.snapshot snapshot_board_not_null
NOT NULL board

-- constraint ledger.snapshot snapshot_cut_at_not_null
NOT NULL cut_at

-- constraint ledger.snapshot snapshot_cut_not_null
NOT NULL cut

-- constraint ledger.snapshot snapshot_digest_not_null
NOT NULL digest

-- constraint ledger.snapshot snapshot_entries_not_null
NOT NULL entries

-- constraint ledger.snapshot snapshot_rule_not_null
NOT NULL rule

-- constraint ledger.snapshot snapshot_snapshot_not_null
NOT NULL snapshot

-- constraint ledger.snapshot_part pk_snapshot_part
PRIMARY KEY (board, snapshot, part)

-- constraint ledger.snapshot_part snapshot_part_board_not_null
NOT NULL board

-- constraint ledger.snapshot_part snapshot_part_entries_count_not_null
NOT NULL entries_count

-- constraint ledger.snapshot_part snapshot_part_entries_not_null
NOT NULL entries

-- constraint ledger.snapshot_part snapshot_part_part_not_null
NOT NULL part

-- constraint ledger.snapshot_part snapshot_part_snapshot_not_null
NOT NULL snapshot

-- constraint replays.confirmations confirmations_job_id_not_null
NOT NULL job_id

-- constraint replays.confirmations confirmations_players_not_null
NOT NULL players

-- constraint replays.confirmations confirmations_revision_not_null
NOT NULL revision

-- constraint replays.confirmations confirmations_team_name_not_null
NOT NULL team_name

-- constraint replays.confirmations fk_confirmations_job_id_team_name_revision
FOREIGN KEY (job_id, team_name, revision) REFERENCES replays.discoveries(job_id, team_name, revision) ON DELETE CASCADE

-- constraint replays.confirmations pk_confirmations
PRIMARY KEY (job_id, team_name)

-- constraint replays.decks ck_decks_confidence
CHECK ((((confidence >= (0)::double precision) AND (confidence <= (1)::double precision)) AND ((deck IS NULL) = (confidence IS NULL))))

-- constraint replays.decks ck_decks_player
CHECK ((player = ANY (ARRAY[1, 2])))

-- constraint replays.decks decks_cards_not_null
NOT NULL cards

-- constraint replays.decks decks_game_not_null
NOT NULL game

-- constraint replays.decks decks_model_version_not_null
NOT NULL model_version

-- constraint replays.decks decks_parser_version_not_null
NOT NULL parser_version

-- constraint replays.decks decks_player_not_null
NOT NULL player

-- constraint replays.decks decks_url_not_null
NOT NULL url

-- constraint replays.decks fk_decks_url
FOREIGN KEY (url) REFERENCES replays.replays(url) NOT ENFORCED

-- constraint replays.decks pk_decks
PRIMARY KEY (url, parser_version, game, player, model_version)

-- constraint replays.discoveries discoveries_job_id_not_null
NOT NULL job_id

-- constraint replays.discoveries discoveries_players_not_null
NOT NULL players

-- constraint replays.discoveries discoveries_revision_not_null
NOT NULL revision

-- constraint replays.discoveries discoveries_team_name_not_null
NOT NULL team_name

-- constraint replays.discoveries fk_discoveries_job_id_team_name
FOREIGN KEY (job_id, team_name) REFERENCES replays.gfwl_team_submissions(job_id, team_name) ON DELETE CASCADE

-- constraint replays.discoveries pk_discoveries
PRIMARY KEY (job_id, team_name, revision)

-- constraint replays.games ck_games_game
CHECK (((game >= 1) AND (first = ANY (ARRAY[1, 2])) AND (winner = ANY (ARRAY[1, 2]))))

-- constraint replays.games ck_games_unfinished
CHECK (((NOT unfinished) OR (winner IS NULL)))

-- constraint replays.games fk_games_url
FOREIGN KEY (url) REFERENCES replays.replays(url) NOT ENFORCED

-- constraint replays.games games_game_not_null
NOT NULL game

-- constraint replays.games games_parser_version_not_null
NOT NULL parser_version

-- constraint replays.games games_unfinished_not_null
NOT NULL unfinished

-- constraint replays.games games_url_not_null
NOT NULL url

-- constraint replays.games pk_games
PRIMARY KEY (url, parser_version, game)

-- constraint replays.gfwl_team_submissions ck_gfwl_team_submissions_confirmation_status
CHECK (((confirmation_status)::text = ANY ((ARRAY['pending'::character varying, 'confirmed'::character varying])::text[])))

-- constraint replays.gfwl_team_submissions ck_gfwl_team_submissions_confirmed_players
CHECK ((((confirmation_status)::text = 'confirmed'::text) = (confirmed_players IS NOT NULL)))

-- constraint replays.gfwl_team_submissions ck_gfwl_team_submissions_team_name
CHECK (((char_length((team_name)::text) >= 1) AND (char_length((team_name)::text) <= 255)))

-- constraint replays.gfwl_team_submissions ck_gfwl_team_submissions_updated_at
CHECK ((updated_at >= created_at))

-- constraint replays.gfwl_team_submissions fk_gfwl_team_submissions_job_id
FOREIGN KEY (job_id) REFERENCES replays.jobs(id)

-- constraint replays.gfwl_team_submissions gfwl_team_submissions_confirmation_status_not_null
NOT NULL confirmation_status

-- constraint replays.gfwl_team_submissions gfwl_team_submissions_created_at_not_null
NOT NULL created_at

-- constraint replays.gfwl_team_submissions gfwl_team_submissions_discovered_players_not_null
NOT NULL discovered_players

-- constraint replays.gfwl_team_submissions gfwl_team_submissions_id_not_null
NOT NULL id

-- constraint replays.gfwl_team_submissions gfwl_team_submissions_job_id_not_null
NOT NULL job_id

-- constraint replays.gfwl_team_submissions gfwl_team_submissions_revision_not_null
NOT NULL revision

-- constraint replays.gfwl_team_submissions gfwl_team_submissions_team_name_not_null
NOT NULL team_name

-- constraint replays.gfwl_team_submissions gfwl_team_submissions_updated_at_not_null
NOT NULL updated_at

-- constraint replays.gfwl_team_submissions pk_gfwl_team_submissions
PRIMARY KEY (id)

-- constraint replays.gfwl_team_submissions uq_gfwl_team_submissions_job_id_team_name
UNIQUE (job_id, team_name)

-- constraint replays.job_urls ck_job_urls_finished_at
CHECK (((finished_at IS NOT NULL) = ((status)::text = ANY ((ARRAY['scraped'::character varying, 'cached'::character varying, 'failed'::character varying])::text[]))))

-- constraint replays.job_urls ck_job_urls_status
CHECK (((status)::text = ANY ((ARRAY['queued'::character varying, 'scraped'::character varying, 'cached'::character varying, 'failed'::character varying, 'dropped'::character varying])::text[])))

-- constraint replays.job_urls fk_job_urls_job_id
FOREIGN KEY (job_id) REFERENCES replays.jobs(id) ON DELETE CASCADE

-- constraint replays.job_urls job_urls_job_id_not_null
NOT NULL job_id

-- constraint replays.job_urls job_urls_status_not_null
NOT NULL status

-- constraint replays.job_urls job_urls_url_not_null
NOT NULL url

-- constraint replays.job_urls pk_job_urls
PRIMARY KEY (job_id, url)

-- constraint replays.jobs ck_jobs_completed_at
CHECK (((status = ANY (ARRAY['COMPLETED'::replays.status, 'FAILED'::replays.status, 'CANCELLED'::replays.status])) = (completed_at IS NOT NULL)))

-- constraint replays.jobs ck_jobs_error_message
CHECK (((status <> 'FAILED'::replays.status) OR (error_message IS NOT NULL)))

-- constraint replays.jobs ck_jobs_event_status
CHECK (((event_status)::text = ANY ((ARRAY['PENDING'::character varying, 'RUNNING'::character varying, 'COMPLETED'::character varying, 'FAILED'::character varying, 'CANCELLED'::character varying])::text[])))

-- constraint replays.jobs ck_jobs_is_public
CHECK (((NOT is_public) OR (status = 'COMPLETED'::replays.status)))

-- constraint replays.jobs ck_jobs_outcomes
CHECK (((failed_urls >= 0) AND (cached_urls >= 0) AND ((failed_urls + cached_urls) <= processed_urls)))

-- constraint replays.jobs ck_jobs_phase
CHECK ((((phase IS NOT NULL) = (status = 'RUNNING'::replays.status)) AND ((phase)::text = ANY ((ARRAY['scraping'::character varying, 'discovering'::character varying, 'awaiting_confirmation'::character varying, 'analysing'::character varying])::text[]))))

-- constraint replays.jobs ck_jobs_progress
CHECK (((total_urls >= 1) AND ((processed_urls >= 0) AND (processed_urls <= total_urls))))

-- constraint replays.jobs ck_jobs_started_at
CHECK (((status <> 'RUNNING'::replays.status) OR (started_at IS NOT NULL)))

-- constraint replays.jobs ck_jobs_team_data
CHECK (((job_type = 'GFWL'::replays.job_type) = (team_data IS NOT NULL)))

-- constraint replays.jobs ck_jobs_teams
CHECK ((((confirmed_teams >= 0) AND (confirmed_teams <= discovered_teams)) AND (discovered_teams <= total_teams)))

-- constraint replays.jobs ck_jobs_times
CHECK (((completed_at >= started_at) AND (started_at >= created_at) AND (completed_at >= created_at)))

-- constraint replays.jobs ck_jobs_updated_at
CHECK ((updated_at >= created_at))

-- constraint replays.jobs ck_jobs_urls
CHECK (((job_type = 'GFWL'::replays.job_type) OR (total_urls <= 12)))

-- constraint replays.jobs fk_jobs_user_id
FOREIGN KEY (user_id) REFERENCES replays.users(id)

-- constraint replays.jobs jobs_cached_urls_not_null
NOT NULL cached_urls

-- constraint replays.jobs jobs_confirmed_teams_not_null
NOT NULL confirmed_teams

-- constraint replays.jobs jobs_created_at_not_null
NOT NULL created_at

-- constraint replays.jobs jobs_discovered_teams_not_null
NOT NULL discovered_teams

-- constraint replays.jobs jobs_event_status_not_null
NOT NULL event_status

-- constraint replays.jobs jobs_failed_urls_not_null
NOT NULL failed_urls

-- constraint replays.jobs jobs_id_not_null
NOT NULL id

-- constraint replays.jobs jobs_is_public_not_null
NOT NULL is_public

-- constraint replays.jobs jobs_job_type_not_null
NOT NULL job_type

-- constraint replays.jobs jobs_processed_urls_not_null
NOT NULL processed_urls

-- constraint replays.jobs jobs_shareable_id_not_null
NOT NULL shareable_id

-- constraint replays.jobs jobs_status_not_null
NOT NULL status

-- constraint replays.jobs jobs_total_teams_not_null
NOT NULL total_teams

-- constraint replays.jobs jobs_total_urls_not_null
NOT NULL total_urls

-- constraint replays.jobs jobs_updated_at_not_null
NOT NULL updated_at

-- constraint replays.jobs jobs_urls_not_null
NOT NULL urls

-- constraint replays.jobs jobs_user_id_not_null
NOT NULL user_id

-- constraint replays.jobs jobs_wants_public_not_null
NOT NULL wants_public

-- constraint replays.jobs pk_jobs
PRIMARY KEY (id)

-- constraint replays.jobs uq_jobs_shareable_id
UNIQUE (shareable_id)

-- constraint replays.replays ck_replays_games
CHECK ((games >= 0))

-- constraint replays.replays fk_replays_url
FOREIGN KEY (url) REFERENCES replays.scraped_data(url)

-- constraint replays.replays pk_replays
PRIMARY KEY (url)

-- constraint replays.replays replays_content_hash_not_null
NOT NULL content_hash

-- constraint replays.replays replays_games_not_null
NOT NULL games

-- constraint replays.replays replays_parser_version_not_null
NOT NULL parser_version

-- constraint replays.replays replays_played_at_not_null
NOT NULL played_at

-- constraint replays.replays replays_player1_not_null
NOT NULL player1

-- constraint replays.replays replays_player2_not_null
NOT NULL player2

-- constraint replays.replays replays_url_not_null
NOT NULL url

-- constraint replays.scrape_failures ck_scrape_failures_url
CHECK (((url)::text = replays.canonical((url)::text)))

-- constraint replays.scrape_failures pk_scrape_failures
PRIMARY KEY (url, epoch)

-- constraint replays.scrape_failures scrape_failures_attempt_not_null
NOT NULL attempt

-- constraint replays.scrape_failures scrape_failures_epoch_not_null
NOT NULL epoch

-- constraint replays.scrape_failures scrape_failures_error_kind_not_null
NOT NULL error_kind

-- constraint replays.scrape_failures scrape_failures_error_not_null
NOT NULL error

-- constraint replays.scrape_failures scrape_failures_failed_at_not_null
NOT NULL failed_at

-- constraint replays.scrape_failures scrape_failures_url_not_null
NOT NULL url

-- constraint replays.scraped_data ck_scraped_data_seconds
CHECK (((seconds >= (0)::double precision) AND (seconds <= (1000000000)::double precision)))

-- constraint replays.scraped_data ck_scraped_data_url
CHECK (((url)::text = replays.canonical((url)::text)))

-- constraint replays.scraped_data pk_scraped_data
PRIMARY KEY (id)

-- constraint replays.scraped_data scraped_data_attempt_not_null
NOT NULL attempt

-- constraint replays.scraped_data scraped_data_created_at_not_null
NOT NULL created_at

-- constraint replays.scraped_data scraped_data_epoch_not_null
NOT NULL epoch

-- constraint replays.scraped_data scraped_data_id_not_null
NOT NULL id

-- constraint replays.scraped_data scraped_data_s3_key_not_null
NOT NULL s3_key

-- constraint replays.scraped_data scraped_data_updated_at_not_null
NOT NULL updated_at

-- constraint replays.scraped_data scraped_data_url_not_null
NOT NULL url

-- constraint replays.scraped_data uq_scraped_data_url
UNIQUE (url)

-- constraint replays.scrapes ck_scrapes_event_status
CHECK (((event_status)::text = ANY ((ARRAY['queued'::character varying, 'scraping'::character varying, 'failed'::character varying])::text[])))

-- constraint replays.scrapes ck_scrapes_status
CHECK (((status)::text = ANY ((ARRAY['queued'::character varying, 'scraping'::character varying, 'scraped'::character varying, 'failed'::character varying])::text[])))

-- constraint replays.scrapes ck_scrapes_steps
CHECK ((((epoch >= 1) AND (epoch <= 1000000)) AND ((attempt >= 1) AND (attempt <= 1000000))))

-- constraint replays.scrapes pk_scrapes
PRIMARY KEY (url)

-- constraint replays.scrapes scrapes_attempt_not_null
NOT NULL attempt

-- constraint replays.scrapes scrapes_epoch_not_null
NOT NULL epoch

-- constraint replays.scrapes scrapes_event_status_not_null
NOT NULL event_status

-- constraint replays.scrapes scrapes_status_not_null
NOT NULL status

-- constraint replays.scrapes scrapes_url_not_null
NOT NULL url

-- constraint replays.users pk_users
PRIMARY KEY (id)

-- constraint replays.users uq_users_clerk_user_id
UNIQUE (clerk_user_id)

-- constraint replays.users users_clerk_user_id_not_null
NOT NULL clerk_user_id

-- constraint replays.users users_created_at_not_null
NOT NULL created_at

-- constraint replays.users users_id_not_null
NOT NULL id

-- constraint replays.users users_updated_at_not_null
NOT NULL updated_at

-- constraint seismic.datasets ck_datasets_event_status
CHECK (((event_status)::text = ANY ((ARRAY['uploading'::character varying, 'processing'::character varying, 'ready'::character varying, 'error'::character varying])::text[])))

-- constraint seismic.datasets ck_datasets_format
CHECK (((format)::text = ANY ((ARRAY['segy'::character varying, 'miniseed'::character varying, 'sac'::character varying, 'seg2'::character varying, 'gcf'::character varying, 'npy'::character varying])::text[])))

-- constraint seismic.datasets ck_datasets_measures
CHECK ((((sample_rate >= (0.000000001)::double precision) AND (sample_rate <= (1000000000000.0)::double precision)) AND (size_bytes <= '9007199254740991'::bigint)))

-- constraint seismic.datasets ck_datasets_ready
CHECK ((((status)::text <> 'ready'::text) OR (((traces > 0) AND (samples > 0) AND (sample_rate > (0)::double precision) AND (size_bytes > 0)) IS TRUE)))

-- constraint seismic.datasets ck_datasets_shown
CHECK (((status)::text = ANY ((ARRAY['uploading'::character varying, 'processing'::character varying, 'ready'::character varying, 'error'::character varying])::text[])))

-- constraint seismic.datasets datasets_attempt_not_null
NOT NULL attempt

-- constraint seismic.datasets datasets_event_status_not_null
NOT NULL event_status

-- constraint seismic.datasets datasets_format_not_null
NOT NULL format

-- constraint seismic.datasets datasets_id_not_null
NOT NULL id

-- constraint seismic.datasets datasets_name_not_null
NOT NULL name

-- constraint seismic.datasets datasets_status_not_null
NOT NULL status

-- constraint seismic.datasets datasets_user_id_not_null
NOT NULL user_id

-- constraint seismic.datasets fk_datasets_user_id
FOREIGN KEY (user_id) REFERENCES seismic.users(id)

-- constraint seismic.datasets pk_datasets
PRIMARY KEY (id)

-- constraint seismic.definitions ck_definitions_direction
CHECK (((direction)::text = ANY ((ARRAY['up'::character varying, 'down'::character varying])::text[])))

-- constraint seismic.definitions definitions_definition_not_null
NOT NULL definition

-- constraint seismic.definitions definitions_direction_not_null
NOT NULL direction

-- constraint seismic.definitions definitions_formula_not_null
NOT NULL formula

-- constraint seismic.definitions definitions_metric_not_null
NOT NULL metric

-- constraint seismic.definitions definitions_unit_not_null
NOT NULL unit

-- constraint seismic.definitions pk_definitions
PRIMARY KEY (metric, definition)

-- constraint seismic.denoised ck_denoised_seconds
CHECK (((trace >= 0) AND ((seconds >= (0)::double precision) AND (seconds <= (1000000000.0)::double precision))))

-- constraint seismic.denoised denoised_attempt_not_null
NOT NULL attempt

-- constraint seismic.denoised denoised_job_id_not_null
NOT NULL job_id

-- constraint seismic.denoised denoised_reference_not_null
NOT NULL reference

-- constraint seismic.denoised denoised_seconds_not_null
NOT NULL seconds

-- constraint seismic.denoised denoised_trace_not_null
NOT NULL trace

-- constraint seismic.denoised fk_denoised_job_id
FOREIGN KEY (job_id) REFERENCES seismic.jobs(id) NOT ENFORCED

-- constraint seismic.denoised pk_denoised
PRIMARY KEY (job_id, attempt, trace)

-- constraint seismic.jobs ck_jobs_completed_at
CHECK (((completed_at IS NOT NULL) = ((event_status)::text = ANY ((ARRAY['completed'::character varying, 'failed'::character varying, 'cancelled'::character varying])::text[]))))

-- constraint seismic.jobs ck_jobs_error_message
CHECK ((((event_status)::text <> 'failed'::text) OR (error_message IS NOT NULL)))

-- constraint seismic.jobs ck_jobs_event_status
CHECK (((event_status)::text = ANY ((ARRAY['pending'::character varying, 'running'::character varying, 'completed'::character varying, 'failed'::character varying, 'cancelled'::character varying])::text[])))

-- constraint seismic.jobs ck_jobs_output_dataset_id
CHECK ((output_dataset_id <> dataset_id))

-- constraint seismic.jobs ck_jobs_percent
CHECK (((percent >= 0) AND (percent <= 99)))

-- constraint seismic.jobs ck_jobs_progress
CHECK ((((progress >= 0) AND (progress <= 100)) AND ((progress = 100) = ((status)::text = 'completed'::text))))

-- constraint seismic.jobs ck_jobs_shown
CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'running'::character varying, 'completed'::character varying, 'failed'::character varying, 'cancelled'::character varying])::text[])))

-- constraint seismic.jobs ck_jobs_started_at
CHECK ((((status)::text <> 'pending'::text) OR (started_at IS NULL)))

-- constraint seismic.jobs ck_jobs_type
CHECK (((type)::text = ANY ((ARRAY['reconstruction'::character varying, 'denoising'::character varying])::text[])))

-- constraint seismic.jobs fk_jobs_dataset_id
FOREIGN KEY (dataset_id) REFERENCES seismic.datasets(id) ON DELETE RESTRICT

-- constraint seismic.jobs fk_jobs_model_id
FOREIGN KEY (model_id) REFERENCES seismic.models(id) ON DELETE RESTRICT

-- constraint seismic.jobs fk_jobs_user_id
FOREIGN KEY (user_id) REFERENCES seismic.users(id)

-- constraint seismic.jobs jobs_attempt_not_null
NOT NULL attempt

-- constraint seismic.jobs jobs_dataset_id_not_null
NOT NULL dataset_id

-- constraint seismic.jobs jobs_event_status_not_null
NOT NULL event_status

-- constraint seismic.jobs jobs_has_result_not_null
NOT NULL has_result

-- constraint seismic.jobs jobs_id_not_null
NOT NULL id

-- constraint seismic.jobs jobs_input_ready_not_null
NOT NULL input_ready

-- constraint seismic.jobs jobs_lease_seconds_not_null
NOT NULL lease_seconds

-- constraint seismic.jobs jobs_output_dataset_id_not_null
NOT NULL output_dataset_id

-- constraint seismic.jobs jobs_parameters_not_null
NOT NULL parameters

-- constraint seismic.jobs jobs_progress_not_null
NOT NULL progress

-- constraint seismic.jobs jobs_status_not_null
NOT NULL status

-- constraint seismic.jobs jobs_type_not_null
NOT NULL type

-- constraint seismic.jobs jobs_user_id_not_null
NOT NULL user_id

-- constraint seismic.jobs pk_jobs
PRIMARY KEY (id)

-- constraint seismic.measurements ck_measurements_finite
CHECK (((value >= ('-1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) AND (value <= ('1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)))

-- constraint seismic.measurements ck_measurements_flag
CHECK (((num_nonnulls(value, flag) = 1) AND ((flag)::text = ANY ((ARRAY['perfect'::character varying, 'undefined'::character varying])::text[]))))

-- constraint seismic.measurements ck_measurements_n
CHECK (((trace >= 0) AND (n > 0)))

-- constraint seismic.measurements ck_measurements_range
CHECK (
CASE
    WHEN ((metric)::text = ANY ((ARRAY['mse'::character varying, 'rmse'::character varying, 'mae'::character varying])::text[])) THEN (value >= (0)::double precision)
    WHEN ((metric)::text = ANY ((ARRAY['ssim'::character varying, 'freq_correlation'::character varying])::text[])) THEN ((value >= ('-1'::integer)::double precision) AND (value <= (1)::double precision))
    WHEN ((metric)::text = 'phase_coherence'::text) THEN ((value >= (0)::double precision) AND (value <= (1)::double precision))
    ELSE true
END)

-- constraint seismic.measurements fk_measurements_job_id
FOREIGN KEY (job_id) REFERENCES seismic.jobs(id) NOT ENFORCED

-- constraint seismic.measurements fk_measurements_metric_definition
FOREIGN KEY (metric, definition) REFERENCES seismic.definitions(metric, definition) NOT ENFORCED

-- constraint seismic.measurements measurements_attempt_not_null
NOT NULL attempt

-- constraint seismic.measurements measurements_definition_not_null
NOT NULL definition

-- constraint seismic.measurements measurements_job_id_not_null
NOT NULL job_id

-- constraint seismic.measurements measurements_metric_not_null
NOT NULL metric

-- constraint seismic.measurements measurements_n_not_null
NOT NULL n

-- constraint seismic.measurements measurements_trace_not_null
NOT NULL trace

-- constraint seismic.measurements pk_measurements
PRIMARY KEY (job_id, attempt, metric, definition, trace)

-- constraint seismic.models ck_models_stage
CHECK (((stage)::text = ANY ((ARRAY['registered'::character varying, 'retired'::character varying])::text[])))

-- constraint seismic.models ck_models_type
CHECK (((type)::text = ANY ((ARRAY['reconstruction'::character varying, 'denoising'::character varying])::text[])))

-- constraint seismic.models models_architecture_not_null
NOT NULL architecture

-- constraint seismic.models models_config_not_null
NOT NULL config

-- constraint seismic.models models_id_not_null
NOT NULL id

-- constraint seismic.models models_metrics_not_null
NOT NULL metrics

-- constraint seismic.models models_name_not_null
NOT NULL name

-- constraint seismic.models models_stage_not_null
NOT NULL stage

-- constraint seismic.models models_type_not_null
NOT NULL type

-- constraint seismic.models models_version_not_null
NOT NULL version

-- constraint seismic.models pk_models
PRIMARY KEY (id)

-- constraint seismic.models uq_models_name_version
UNIQUE (name, version)

-- constraint seismic.parts ck_parts_part
CHECK (((part >= 0) AND (bytes > 0)))

-- constraint seismic.parts fk_parts_dataset_id_attempt
FOREIGN KEY (dataset_id, attempt) REFERENCES seismic.uploads(dataset_id, attempt) ON DELETE CASCADE

-- constraint seismic.parts parts_attempt_not_null
NOT NULL attempt

-- constraint seismic.parts parts_bytes_not_null
NOT NULL bytes

-- constraint seismic.parts parts_dataset_id_not_null
NOT NULL dataset_id

-- constraint seismic.parts parts_part_not_null
NOT NULL part

-- constraint seismic.parts parts_sha256_not_null
NOT NULL sha256

-- constraint seismic.parts pk_parts
PRIMARY KEY (dataset_id, attempt, part)

-- constraint seismic.results ck_results_metrics
CHECK (seismic.sound_metrics(metrics))

-- constraint seismic.results ck_results_output
CHECK (((traces > 0) AND (samples > 0) AND ((sample_rate >= (0.000000001)::double precision) AND (sample_rate <= (1000000000000.0)::double precision)) AND ((size_bytes >= 1) AND (size_bytes <= '9007199254740991'::bigint))))

-- constraint seismic.results fk_results_job_id
FOREIGN KEY (job_id) REFERENCES seismic.jobs(id)

-- constraint seismic.results fk_results_output_dataset_id
FOREIGN KEY (output_dataset_id) REFERENCES seismic.datasets(id)

-- constraint seismic.results pk_results
PRIMARY KEY (id)

-- constraint seismic.results results_attempt_not_null
NOT NULL attempt

-- constraint seismic.results results_id_not_null
NOT NULL id

-- constraint seismic.results results_job_id_not_null
NOT NULL job_id

-- constraint seismic.results results_metrics_not_null
NOT NULL metrics

-- constraint seismic.results results_output_dataset_id_not_null
NOT NULL output_dataset_id

-- constraint seismic.results uq_results_job_id_attempt
UNIQUE (job_id, attempt)

-- constraint seismic.spread fk_spread_job_id
FOREIGN KEY (job_id) REFERENCES seismic.jobs(id) ON DELETE CASCADE

-- constraint seismic.spread pk_spread
PRIMARY KEY (job_id, attempt, metric, definition, near)

-- constraint seismic.spread spread_attempt_not_null
NOT NULL attempt

-- constraint seismic.spread spread_definition_not_null
NOT NULL definition

-- constraint seismic.spread spread_job_id_not_null
NOT NULL job_id

-- constraint seismic.spread spread_metric_not_null
NOT NULL metric

-- constraint seismic.spread spread_n_not_null
NOT NULL n

-- constraint seismic.spread spread_near_not_null
NOT NULL near

-- constraint seismic.summaries fk_summaries_job_id
FOREIGN KEY (job_id) REFERENCES seismic.jobs(id) ON DELETE CASCADE

-- constraint seismic.summaries pk_summaries
PRIMARY KEY (job_id, attempt, metric, definition)

-- constraint seismic.summaries summaries_attempt_not_null
NOT NULL attempt

-- constraint seismic.summaries summaries_definition_not_null
NOT NULL definition

-- constraint seismic.summaries summaries_job_id_not_null
NOT NULL job_id

-- constraint seismic.summaries summaries_metric_not_null
NOT NULL metric

-- constraint seismic.summaries summaries_n_not_null
NOT NULL n

-- constraint seismic.summaries summaries_perfect_not_null
NOT NULL perfect

-- constraint seismic.summaries summaries_squares_not_null
NOT NULL squares

-- constraint seismic.summaries summaries_total_not_null
NOT NULL total

-- constraint seismic.summaries summaries_undefined_not_null
NOT NULL undefined

-- constraint seismic.timings fk_timings_job_id
FOREIGN KEY (job_id) REFERENCES seismic.jobs(id) ON DELETE CASCADE

-- constraint seismic.timings pk_timings
PRIMARY KEY (job_id, attempt)

-- constraint seismic.timings timings_attempt_not_null
NOT NULL attempt

-- constraint seismic.timings timings_job_id_not_null
NOT NULL job_id

-- constraint seismic.timings timings_n_not_null
NOT NULL n

-- constraint seismic.timings timings_seconds_not_null
NOT NULL seconds

-- constraint seismic.uploads ck_uploads_sizes
CHECK ((((size_bytes >= 1) AND (size_bytes <= '9007199254740991'::bigint)) AND (part_bytes > 0)))

-- constraint seismic.uploads fk_uploads_dataset_id
FOREIGN KEY (dataset_id) REFERENCES seismic.datasets(id) ON DELETE CASCADE

-- constraint seismic.uploads pk_uploads
PRIMARY KEY (dataset_id, attempt)

-- constraint seismic.uploads uploads_attempt_not_null
NOT NULL attempt

-- constraint seismic.uploads uploads_dataset_id_not_null
NOT NULL dataset_id

-- constraint seismic.uploads uploads_odd_parts_not_null
NOT NULL odd_parts

-- constraint seismic.uploads uploads_part_bytes_not_null
NOT NULL part_bytes

-- constraint seismic.uploads uploads_size_bytes_not_null
NOT NULL size_bytes

-- constraint seismic.uploads uploads_stored_bytes_not_null
NOT NULL stored_bytes

-- constraint seismic.uploads uploads_stored_parts_not_null
NOT NULL stored_parts

-- constraint seismic.users ck_users_email
CHECK (((email)::text ~ '^[0-9a-z.!#$%%&''*+/=?^_`{|}~-]{1,64}@[0-9a-z.-]{1,190}$'::text))

-- constraint seismic.users ck_users_role
CHECK (((role)::text = ANY ((ARRAY['user'::character varying, 'admin'::character varying])::text[])))

-- constraint seismic.users pk_users
PRIMARY KEY (id)

-- constraint seismic.users uq_users_email
UNIQUE (email)

-- constraint seismic.users users_email_not_null
NOT NULL email

-- constraint seismic.users users_id_not_null
NOT NULL id

-- constraint seismic.users users_role_not_null
NOT NULL role

-- enumeration replays.job_type
INDIVIDUAL, GFWL

-- enumeration replays.status
PENDING, RUNNING, COMPLETED, FAILED, CANCELLED

-- function chess.assignment_moves(text,text)
CREATE OR REPLACE FUNCTION chess.assignment_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'ACTIVE'::text THEN (target = ANY (ARRAY['COMPLETED'::text, 'CANCELLED'::text, 'EXPIRED'::text])) ELSE false END

-- function chess.assignment_rank(text)
CREATE OR REPLACE FUNCTION chess.assignment_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'ACTIVE'::text THEN 0 WHEN 'COMPLETED'::text THEN 1 WHEN 'CANCELLED'::text THEN 1 WHEN 'EXPIRED'::text THEN 1 ELSE NULL::integer END

-- function chess.assignment_reaches(text,text)
CREATE OR REPLACE FUNCTION chess.assignment_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'ACTIVE'::text THEN (target = ANY (ARRAY['COMPLETED'::text, 'CANCELLED'::text, 'EXPIRED'::text])) ELSE false END

-- function chess.assignment_reopens(text,text)
CREATE OR REPLACE FUNCTION chess.assignment_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'ACTIVE'::text) OR CASE origin WHEN NULL::text THEN false ELSE false END)

-- function chess.auth_tokens_100_guard()
CREATE OR REPLACE FUNCTION chess.auth_tokens_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function chess.begin_networks()
CREATE OR REPLACE FUNCTION chess.begin_networks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    UPDATE chess.networks t SET games_played = 0 FROM new_rows n WHERE t.id = n.id AND t.games_played IS DISTINCT FROM 0;
    RETURN NULL;
END
$function$

-- function chess.begin_param_sets()
CREATE OR REPLACE FUNCTION chess.begin_param_sets()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    PERFORM chess.show_tallies(array_agg(
        (s.task_id, n.param_set_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)::chess.tally), true)
    FROM new_rows n JOIN chess.tune_tasks s ON s.id = n.tune_task_id
    HAVING count(*) > 0;
    RETURN NULL;
END
$function$

-- function chess.count_games()
CREATE OR REPLACE FUNCTION chess.count_games()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
$function$

-- function chess.count_training_games()
CREATE OR REPLACE FUNCTION chess.count_training_games()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.describe_new_runs()
CREATE OR REPLACE FUNCTION chess.describe_new_runs()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
    runs constant bigint[] := ARRAY(SELECT DISTINCT id FROM new_rows ORDER BY 1);
BEGIN
    PERFORM chess.hold_runs(runs, true);
    PERFORM chess.describe_runs(runs);
    RETURN NULL;
END
$function$

-- function chess.describe_runs(bigint[])
CREATE OR REPLACE FUNCTION chess.describe_runs(of_runs bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.describe_runs_of()
CREATE OR REPLACE FUNCTION chess.describe_runs_of()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.extends_its_task()
CREATE OR REPLACE FUNCTION chess.extends_its_task()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.game_results_200_reference_task_assignments()
CREATE OR REPLACE FUNCTION chess.game_results_200_reference_task_assignments()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function chess.game_results_200_reference_tasks()
CREATE OR REPLACE FUNCTION chess.game_results_200_reference_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function chess.game_results_200_reference_tune_param_sets()
CREATE OR REPLACE FUNCTION chess.game_results_200_reference_tune_param_sets()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function chess.game_results_200_referred_verdicts()
CREATE OR REPLACE FUNCTION chess.game_results_200_referred_verdicts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function chess.has_both_rows()
CREATE OR REPLACE FUNCTION chess.has_both_rows()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.hold_runs(bigint[],boolean)
CREATE OR REPLACE FUNCTION chess.hold_runs(of_runs bigint[], alone boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.hold_tasks(bigint[])
CREATE OR REPLACE FUNCTION chess.hold_tasks(of_tasks bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    PERFORM FROM chess.tasks WHERE id = ANY (of_tasks) ORDER BY id FOR NO KEY UPDATE;
END
$function$

-- function chess.is_late(bigint,bigint)
CREATE OR REPLACE FUNCTION chess.is_late(place bigint, deciding bigint)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN COALESCE((place > deciding), ((place IS NULL) AND (deciding IS NOT NULL)))

-- function chess.keep_anchor()
CREATE OR REPLACE FUNCTION chess.keep_anchor()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.keep_legacy()
CREATE OR REPLACE FUNCTION chess.keep_legacy()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.recount(bigint[])
CREATE OR REPLACE FUNCTION chess.recount(of_tasks bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.recount_tasks()
CREATE OR REPLACE FUNCTION chess.recount_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.selectable_networks(text)
CREATE OR REPLACE FUNCTION chess.selectable_networks(who text)
 RETURNS SETOF bigint
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT DISTINCT s.network_id FROM chess.special_networks s WHERE s.kind <> 'DEV_UPLOAD' OR s.set_by = who;
$function$

-- function chess.show_tallies(chess.tally[],boolean)
CREATE OR REPLACE FUNCTION chess.show_tallies(tallies chess.tally[], anew boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function chess.task_assignments_100_guard()
CREATE OR REPLACE FUNCTION chess.task_assignments_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function chess.task_assignments_200_referred_game_results()
CREATE OR REPLACE FUNCTION chess.task_assignments_200_referred_game_results()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function chess.task_moves(text,text)
CREATE OR REPLACE FUNCTION chess.task_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING'::text THEN (target = ANY (ARRAY['ACTIVE'::text, 'CANCELLED'::text])) WHEN 'ACTIVE'::text THEN (target = ANY (ARRAY['DONE'::text, 'CANCELLED'::text])) ELSE false END

-- function chess.task_rank(text)
CREATE OR REPLACE FUNCTION chess.task_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'PENDING'::text THEN 0 WHEN 'ACTIVE'::text THEN 1 WHEN 'DONE'::text THEN 2 WHEN 'CANCELLED'::text THEN 2 ELSE NULL::integer END

-- function chess.task_reaches(text,text)
CREATE OR REPLACE FUNCTION chess.task_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING'::text THEN (target = ANY (ARRAY['ACTIVE'::text, 'DONE'::text, 'CANCELLED'::text])) WHEN 'ACTIVE'::text THEN (target = ANY (ARRAY['DONE'::text, 'CANCELLED'::text])) ELSE false END

-- function chess.task_reopens(text,text)
CREATE OR REPLACE FUNCTION chess.task_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'PENDING'::text) OR CASE origin WHEN NULL::text THEN false ELSE false END)

-- function chess.tasks_100_guard()
CREATE OR REPLACE FUNCTION chess.tasks_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function chess.tasks_200_referred_game_results()
CREATE OR REPLACE FUNCTION chess.tasks_200_referred_game_results()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function chess.token_moves(text,text)
CREATE OR REPLACE FUNCTION chess.token_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'ISSUED'::text THEN (target = ANY (ARRAY['ROTATED'::text, 'REVOKED'::text])) WHEN 'ROTATED'::text THEN (target = 'REVOKED'::text) ELSE false END

-- function chess.token_rank(text)
CREATE OR REPLACE FUNCTION chess.token_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'ISSUED'::text THEN 0 WHEN 'ROTATED'::text THEN 1 WHEN 'REVOKED'::text THEN 2 ELSE NULL::integer END

-- function chess.token_reaches(text,text)
CREATE OR REPLACE FUNCTION chess.token_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'ISSUED'::text THEN (target = ANY (ARRAY['ROTATED'::text, 'REVOKED'::text])) WHEN 'ROTATED'::text THEN (target = 'REVOKED'::text) ELSE false END

-- function chess.token_reopens(text,text)
CREATE OR REPLACE FUNCTION chess.token_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'ISSUED'::text) OR CASE origin WHEN NULL::text THEN false ELSE false END)

-- function chess.touch()
CREATE OR REPLACE FUNCTION chess.touch()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    RETURN NEW;
END
$function$

-- function chess.tune_param_sets_200_referred_game_results()
CREATE OR REPLACE FUNCTION chess.tune_param_sets_200_referred_game_results()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function chess.verdicts_200_reference_game_results()
CREATE OR REPLACE FUNCTION chess.verdicts_200_reference_game_results()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function competition.billionths(double precision)
CREATE OR REPLACE FUNCTION competition.billionths(score double precision)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN round(((score)::numeric * (1000000000)::numeric))

-- function competition.by_scope(jsonb)
CREATE OR REPLACE FUNCTION competition.by_scope(scopes jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN COALESCE((SELECT jsonb_agg(jsonb_build_object('scope_key', jsonb_each.key, 'score', jsonb_build_object('recent', (jsonb_each.value -> 0), 'steady', (jsonb_each.value -> 1), 'anchor', (jsonb_each.value -> 2))) ORDER BY jsonb_each.key) AS jsonb_agg FROM jsonb_each(by_scope.scopes) jsonb_each(key, value)), '[]'::jsonb)

-- function competition.count_scores(competition.delta[])
CREATE OR REPLACE FUNCTION competition.count_scores(deltas competition.delta[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function competition.emission_checkpoints_100_guard()
CREATE OR REPLACE FUNCTION competition.emission_checkpoints_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function competition.emission_moves(text,text)
CREATE OR REPLACE FUNCTION competition.emission_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING'::text THEN (target = 'SUBMITTED'::text) WHEN 'SUBMITTED'::text THEN (target = 'CLAIMABLE'::text) WHEN 'CLAIMABLE'::text THEN (target = 'PAID'::text) ELSE false END

-- function competition.emission_rank(text)
CREATE OR REPLACE FUNCTION competition.emission_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'PENDING'::text THEN 0 WHEN 'SUBMITTED'::text THEN 1 WHEN 'CLAIMABLE'::text THEN 2 WHEN 'PAID'::text THEN 3 ELSE NULL::integer END

-- function competition.emission_reaches(text,text)
CREATE OR REPLACE FUNCTION competition.emission_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING'::text THEN (target = ANY (ARRAY['SUBMITTED'::text, 'CLAIMABLE'::text, 'PAID'::text])) WHEN 'SUBMITTED'::text THEN (target = ANY (ARRAY['CLAIMABLE'::text, 'PAID'::text])) WHEN 'CLAIMABLE'::text THEN (target = 'PAID'::text) ELSE false END

-- function competition.emission_reopens(text,text)
CREATE OR REPLACE FUNCTION competition.emission_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'PENDING'::text) OR CASE origin WHEN NULL::text THEN false ELSE false END)

-- function competition.greet_models()
CREATE OR REPLACE FUNCTION competition.greet_models()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    PERFORM competition.hold_standings();
    PERFORM competition.show_standings(ARRAY(SELECT id FROM new_rows));
    RETURN NULL;
END
$function$

-- function competition.hold_standings()
CREATE OR REPLACE FUNCTION competition.hold_standings()
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT pg_advisory_xact_lock(hashtext('competition.standings'), 0)
$function$

-- function competition.hour_end(timestamp with time zone)
CREATE OR REPLACE FUNCTION competition.hour_end(moment timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (date_bin('01:00:00'::interval, (moment - '00:00:00.000001'::interval), '2000-01-01 00:00:00+00'::timestamp with time zone) + '01:00:00'::interval)

-- function competition.is_frozen_whole(jsonb,jsonb)
CREATE OR REPLACE FUNCTION competition.is_frozen_whole(payload jsonb, ranking jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (SELECT ((count(*) > 0) AND (count(*) = jsonb_array_length(is_frozen_whole.ranking)) AND bool_and(((each.reward ->> 'cruncher_index'::text) = ((each.place - 1))::text)) AND bool_and(((each.reward ->> 'reward_pct'::text) ~ '^[0-9]{1,10}$'::text)) AND (sum(CASE WHEN ((each.reward ->> 'reward_pct'::text) ~ '^[0-9]{1,10}$'::text) THEN ((each.reward ->> 'reward_pct'::text))::bigint ELSE NULL::bigint END) = (1000000000)::numeric)) FROM jsonb_array_elements((is_frozen_whole.payload -> 'cruncher_rewards'::text)) WITH ORDINALITY each(reward, place))

-- function competition.judgements_200_reference_predictions()
CREATE OR REPLACE FUNCTION competition.judgements_200_reference_predictions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function competition.keep_history()
CREATE OR REPLACE FUNCTION competition.keep_history()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function competition.keep_periods_apart()
CREATE OR REPLACE FUNCTION competition.keep_periods_apart()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function competition.keep_to_submission()
CREATE OR REPLACE FUNCTION competition.keep_to_submission()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function competition.models_200_referred_predictions()
CREATE OR REPLACE FUNCTION competition.models_200_referred_predictions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function competition.payload(jsonb)
CREATE OR REPLACE FUNCTION competition.payload(entry jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN jsonb_build_object('windows', jsonb_build_object('recent', (entry -> 'recent'::text), 'steady', (entry -> 'steady'::text), 'anchor', (entry -> 'score'::text)), 'rank_key', (entry -> 'score'::text), 'payload', jsonb_build_object('n', (entry -> 'n'::text), 'scopes', (entry -> 'scopes'::text)))

-- function competition.predictions_100_guard()
CREATE OR REPLACE FUNCTION competition.predictions_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function competition.predictions_200_reference_models()
CREATE OR REPLACE FUNCTION competition.predictions_200_reference_models()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function competition.predictions_200_reference_rounds()
CREATE OR REPLACE FUNCTION competition.predictions_200_reference_rounds()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function competition.predictions_200_referred_judgements()
CREATE OR REPLACE FUNCTION competition.predictions_200_referred_judgements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function competition.refuse_truncate()
CREATE OR REPLACE FUNCTION competition.refuse_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    IF EXISTS (SELECT FROM competition.predictions WHERE score_value IS NOT NULL)
        OR EXISTS (SELECT FROM competition.leaderboards) THEN
        RAISE EXCEPTION '%: what is derived cannot be emptied while there is what it is derived from', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, HINT = 'Empty predictions and leaderboards.';
    END IF;
    RETURN NULL;
END
$function$

-- function competition.round_moves(text,text)
CREATE OR REPLACE FUNCTION competition.round_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'open'::text THEN (target = 'closed'::text) WHEN 'closed'::text THEN (target = ANY (ARRAY['overdue'::text, 'scored'::text])) WHEN 'overdue'::text THEN (target = 'expired'::text) ELSE false END

-- function competition.round_rank(text)
CREATE OR REPLACE FUNCTION competition.round_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'open'::text THEN 0 WHEN 'closed'::text THEN 1 WHEN 'overdue'::text THEN 2 WHEN 'scored'::text THEN 3 WHEN 'expired'::text THEN 3 ELSE NULL::integer END

-- function competition.round_reaches(text,text)
CREATE OR REPLACE FUNCTION competition.round_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'open'::text THEN (target = ANY (ARRAY['closed'::text, 'overdue'::text, 'scored'::text, 'expired'::text])) WHEN 'closed'::text THEN (target = ANY (ARRAY['overdue'::text, 'scored'::text, 'expired'::text])) WHEN 'overdue'::text THEN (target = 'expired'::text) ELSE false END

-- function competition.round_reopens(text,text)
CREATE OR REPLACE FUNCTION competition.round_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'open'::text) OR CASE origin WHEN NULL::text THEN false ELSE false END)

-- function competition.rounds_100_guard()
CREATE OR REPLACE FUNCTION competition.rounds_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function competition.rounds_200_referred_predictions()
CREATE OR REPLACE FUNCTION competition.rounds_200_referred_predictions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function competition.score_moves(text,text)
CREATE OR REPLACE FUNCTION competition.score_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING'::text THEN (target = ANY (ARRAY['SCORED'::text, 'EXPIRED'::text])) ELSE false END

-- function competition.score_rank(text)
CREATE OR REPLACE FUNCTION competition.score_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'PENDING'::text THEN 0 WHEN 'SCORED'::text THEN 1 WHEN 'EXPIRED'::text THEN 1 ELSE NULL::integer END

-- function competition.score_reaches(text,text)
CREATE OR REPLACE FUNCTION competition.score_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING'::text THEN (target = ANY (ARRAY['SCORED'::text, 'EXPIRED'::text])) ELSE false END

-- function competition.score_reopens(text,text)
CREATE OR REPLACE FUNCTION competition.score_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'PENDING'::text) OR CASE origin WHEN NULL::text THEN false ELSE false END)

-- function competition.show_standings(text[])
CREATE OR REPLACE FUNCTION competition.show_standings(of_models text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function competition.tally()
CREATE OR REPLACE FUNCTION competition.tally()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
$function$

-- function evaluation."freeze"(integer)
CREATE OR REPLACE FUNCTION evaluation."freeze"(of_dataset integer)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function evaluation.add_prediction_status_for_model_prompt_dataset()
CREATE OR REPLACE FUNCTION evaluation.add_prediction_status_for_model_prompt_dataset()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.count_scores()
CREATE OR REPLACE FUNCTION evaluation.count_scores()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.forget_predictions()
CREATE OR REPLACE FUNCTION evaluation.forget_predictions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.forget_scores()
CREATE OR REPLACE FUNCTION evaluation.forget_scores()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.hold_datasets(integer[],boolean)
CREATE OR REPLACE FUNCTION evaluation.hold_datasets(of_datasets integer[], alone boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function evaluation.hold_rows()
CREATE OR REPLACE FUNCTION evaluation.hold_rows()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    PERFORM evaluation.hold_datasets(
        ARRAY(SELECT DISTINCT dataset_id FROM old_rows WHERE dataset_id IS NOT NULL ORDER BY 1), true);
    RETURN NULL;
END
$function$

-- function evaluation.job_moves(text,text)
CREATE OR REPLACE FUNCTION evaluation.job_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending'::text THEN (target = ANY (ARRAY['stop'::text, 'cancelled'::text, 'failed'::text])) WHEN 'stop'::text THEN (target = ANY (ARRAY['cancelled'::text, 'failed'::text])) ELSE false END

-- function evaluation.job_rank(text)
CREATE OR REPLACE FUNCTION evaluation.job_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'pending'::text THEN 0 WHEN 'stop'::text THEN 1 WHEN 'cancelled'::text THEN 2 WHEN 'failed'::text THEN 2 ELSE NULL::integer END

-- function evaluation.job_reaches(text,text)
CREATE OR REPLACE FUNCTION evaluation.job_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending'::text THEN (target = ANY (ARRAY['stop'::text, 'cancelled'::text, 'failed'::text])) WHEN 'stop'::text THEN (target = ANY (ARRAY['cancelled'::text, 'failed'::text])) ELSE false END

-- function evaluation.job_reopens(text,text)
CREATE OR REPLACE FUNCTION evaluation.job_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'pending'::text) OR CASE origin WHEN 'stop'::text THEN (target = 'pending'::text) WHEN 'cancelled'::text THEN (target = 'pending'::text) WHEN 'failed'::text THEN (target = 'pending'::text) ELSE false END)

-- function evaluation.job_status(text,integer,integer)
CREATE OR REPLACE FUNCTION evaluation.job_status(event_status text, count integer, total_rows integer)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (event_status <> 'pending'::text) THEN event_status WHEN (count >= total_rows) THEN 'done'::text WHEN (count > 0) THEN 'running'::text ELSE 'pending'::text END

-- function evaluation.keep_tasks()
CREATE OR REPLACE FUNCTION evaluation.keep_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function evaluation.keep_to_job()
CREATE OR REPLACE FUNCTION evaluation.keep_to_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function evaluation.label(text)
CREATE OR REPLACE FUNCTION evaluation.label(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN COALESCE(NULLIF(rtrim("left"(ledger.folded(value), 255), ledger.blanks()), ''::text), 'unknown'::text)

-- function evaluation.latency_bucket(double precision)
CREATE OR REPLACE FUNCTION evaluation.latency_bucket(seconds double precision)
 RETURNS smallint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (width_bucket((LEAST(seconds, ('1000000000'::numeric)::double precision) * ('1000000'::numeric)::double precision), '{1.0905077326652577,1.189207115002721,1.2968395546510096,1.4142135623730951,1.5422108254079407,1.681792830507429,1.8340080864093424,2,2.1810154653305154,2.378414230005442,2.5936791093020193,2.8284271247461903,3.0844216508158815,3.363585661014858,3.668016172818685,4,4.362030930661031,4.756828460010884,5.187358218604039,5.656854249492381,6.168843301631763,6.727171322029716,7.33603234563737,8,8.724061861322062,9.513656920021768,10.374716437208077,11.313708498984761,12.337686603263526,13.454342644059432,14.67206469127474,16,17.448123722644123,19.027313840043536,20.749432874416154,22.627416997969522,24.675373206527052,26.908685288118864,29.34412938254948,32,34.896247445288246,38.05462768008707,41.49886574883231,45.254833995939045,49.350746413054104,53.81737057623773,58.68825876509896,64,69.79249489057649,76.10925536017415,82.99773149766462,90.50966799187809,98.70149282610821,107.63474115247546,117.37651753019792,128,139.58498978115298,152.2185107203483,165.99546299532923,181.01933598375618,197.40298565221642,215.2694823049509,234.75303506039583,256,279.16997956230597,304.4370214406966,331.99092599065847,362.03867196751236,394.80597130443283,430.5389646099018,469.50607012079166,512,558.3399591246119,608.8740428813932,663.9818519813169,724.0773439350247,789.6119426088657,861.0779292198037,939.0121402415833,1024,1116.6799182492239,1217.7480857627863,1327.9637039626339,1448.1546878700494,1579.2238852177313,1722.1558584396073,1878.0242804831666,2048,2233.3598364984477,2435.4961715255727,2655.9274079252677,2896.309375740099,3158.4477704354626,3444.3117168792146,3756.0485609663333,4096,4466.7196729968955,4870.992343051145,5311.8548158505355,5792.618751480198,6316.895540870925,6888.623433758429,7512.097121932667,8192,8933.439345993791,9741.98468610229,10623.709631701071,11585.237502960395,12633.79108174185,13777.246867516858,15024.194243865333,16384,17866.878691987582,19483.96937220458,21247.419263402142,23170.47500592079,25267.5821634837,27554.493735033717,30048.388487730666,32768,35733.757383975164,38967.93874440916,42494.838526804284,46340.95001184158,50535.1643269674,55108.98747006743,60096.77697546133,65536,71467.51476795033,77935.87748881833,84989.67705360857,92681.90002368316,101070.3286539348,110217.97494013487,120193.55395092267,131072,142935.02953590066,155871.75497763665,169979.35410721714,185363.80004736633,202140.6573078696,220435.94988026973,240387.10790184533,262144,285870.0590718013,311743.5099552733,339958.7082144343,370727.60009473265,404281.3146157392,440871.89976053947,480774.21580369066,524288,571740.1181436026,623487.0199105466,679917.4164288685,741455.2001894653,808562.6292314784,881743.7995210789,961548.4316073813,1048576,1143480.2362872052,1246974.0398210932,1359834.832857737,1482910.4003789306,1617125.2584629569,1763487.5990421579,1923096.8632147626,2097152,2286960.4725744105,2493948.0796421864,2719669.665715474,2965820.800757861,3234250.5169259137,3526975.1980843158,3846193.7264295253,4194304,4573920.945148821,4987896.159284373,5439339.331430948,5931641.601515722,6468501.0338518275,7053950.3961686315,7692387.452859051,8388608,9147841.890297642,9975792.318568746,10878678.662861897,11863283.203031445,12937002.067703655,14107900.792337263,15384774.905718101,16777216,18295683.780595284,19951584.63713749,21757357.325723793,23726566.40606289,25874004.13540731,28215801.584674526,30769549.811436202,33554432,36591367.56119057,39903169.27427498,43514714.65144759,47453132.81212578,51748008.27081462,56431603.16934905,61539099.622872405,67108864,73182735.12238114,79806338.54854997,87029429.30289517,94906265.62425156,103496016.54162924,112863206.3386981,123078199.24574481,134217728,146365470.24476227,159612677.09709993,174058858.60579035,189812531.24850312,206992033.08325848,225726412.6773962,246156398.49148962,268435456,292730940.48952454,319225354.19419986,348117717.2115807,379625062.49700624,413984066.16651696,451452825.3547924,492312796.98297924,536870912,585461880.9790491,638450708.3883997,696235434.4231614,759250124.9940125,827968132.3330339,902905650.7095848,984625593.9659585,1073741824,1170923761.9580982,1276901416.7767994,1392470868.8463228,1518500249.988025,1655936264.6660678,1805811301.4191697,1969251187.931917,2147483648,2341847523.9161963,2553802833.553599,2784941737.6926455,3037000499.97605,3311872529.3321357,3611622602.8383393,3938502375.863834,4294967296,4683695047.832393,5107605667.107198,5569883475.385291,6074000999.9521,6623745058.664271,7223245205.676679,7877004751.727668,8589934592,9367390095.664785,10215211334.214396,11139766950.770582,12148001999.9042,13247490117.328543,14446490411.353357,15754009503.455336,17179869184,18734780191.32957,20430422668.42879,22279533901.541164,24296003999.8084,26494980234.657085,28892980822.706715,31508019006.91067,34359738368,37469560382.65914,40860845336.85758,44559067803.08233,48592007999.6168,52989960469.31417,57785961645.41343,63016038013.82134,68719476736,74939120765.31828,81721690673.71516,89118135606.16466,97184015999.2336,105979920938.62834,115571923290.82686,126032076027.64268,137438953472,149878241530.63657,163443381347.43033,178236271212.3293,194368031998.4672,211959841877.25668,231143846581.65372,252064152055.28537,274877906944,299756483061.27313,326886762694.86066,356472542424.6586,388736063996.9344,423919683754.51337,462287693163.30743,504128304110.57074,549755813888,599512966122.5463,653773525389.7213,712945084849.3173,777472127993.8688,847839367509.0267,924575386326.6149,1008256608221.1415,1099511627776,1199025932245.0925,1307547050779.4426,1425890169698.6345,1554944255987.7375,1695678735018.0535,1849150772653.2297,2016513216442.283,2199023255552,2398051864490.185,2615094101558.8853,2851780339397.269,3109888511975.475,3391357470036.107,3698301545306.4595,4033026432884.566,4398046511104,4796103728980.37,5230188203117.7705,5703560678794.538,6219777023950.95,6782714940072.214,7396603090612.919,8066052865769.132,8796093022208,9592207457960.74,10460376406235.541,11407121357589.076,12439554047901.9,13565429880144.428,14793206181225.838,16132105731538.264,17592186044416,19184414915921.48,20920752812471.082,22814242715178.152,24879108095803.8,27130859760288.855,29586412362451.676,32264211463076.527,35184372088832,38368829831842.96,41841505624942.164,45628485430356.305,49758216191607.6,54261719520577.71,59172824724903.35,64528422926153.055,70368744177664,76737659663685.92,83683011249884.33,91256970860712.61,99516432383215.2,108523439041155.42,118345649449806.7,129056845852306.11,140737488355328,153475319327371.84,167366022499768.66,182513941721425.22,199032864766430.4,217046878082310.84,236691298899613.4,258113691704612.22,281474976710656,306950638654743.7,334732044999537.3,365027883442850.44,398065729532860.8,434093756164621.7,473382597799226.8,516227383409224.44,562949953421312,613901277309487.4,669464089999074.6,730055766885700.9,796131459065721.6,868187512329243.4,946765195598453.6,1.0324547668184489e+15}'::double precision[]))::smallint

-- function evaluation.log_job()
CREATE OR REPLACE FUNCTION evaluation.log_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
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
$function$

-- function evaluation.modelpromptstatus_100_guard()
CREATE OR REPLACE FUNCTION evaluation.modelpromptstatus_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function evaluation.modelpromptstatus_200_referred_predictionstatus()
CREATE OR REPLACE FUNCTION evaluation.modelpromptstatus_200_referred_predictionstatus()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.predictions_200_reference_predictionstatus()
CREATE OR REPLACE FUNCTION evaluation.predictions_200_reference_predictionstatus()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.predictions_200_referred_scores()
CREATE OR REPLACE FUNCTION evaluation.predictions_200_referred_scores()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.predictionstatus_100_guard()
CREATE OR REPLACE FUNCTION evaluation.predictionstatus_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function evaluation.predictionstatus_200_reference_modelpromptstatus()
CREATE OR REPLACE FUNCTION evaluation.predictionstatus_200_reference_modelpromptstatus()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.predictionstatus_200_reference_rows()
CREATE OR REPLACE FUNCTION evaluation.predictionstatus_200_reference_rows()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.predictionstatus_200_referred_predictions()
CREATE OR REPLACE FUNCTION evaluation.predictionstatus_200_referred_predictions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.refuse_truncate()
CREATE OR REPLACE FUNCTION evaluation.refuse_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    IF EXISTS (SELECT FROM evaluation.predictionstatus WHERE final_status IS NOT NULL) THEN
        RAISE EXCEPTION '%: a tally cannot be emptied while it counts something', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, HINT = 'Empty predictions and scores instead.';
    END IF;
    RETURN NULL;
END
$function$

-- function evaluation.remove_prediction_status_for_model_prompt_dataset()
CREATE OR REPLACE FUNCTION evaluation.remove_prediction_status_for_model_prompt_dataset()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
    PERFORM evaluation.hold_datasets(ARRAY(SELECT DISTINCT dataset_id FROM old_rows ORDER BY 1), true);
    DELETE FROM evaluation.predictionstatus t USING old_rows j
    WHERE t.model_id = j.model_id AND t.prompt_id = j.prompt_id AND t.dataset_id = j.dataset_id;
    DELETE FROM evaluation.status_update_log l USING old_rows j
    WHERE l.model_id = j.model_id AND l.prompt_id = j.prompt_id AND l.dataset_id = j.dataset_id
        AND l.status IN ('running', 'done');
    RETURN NULL;
END
$function$

-- function evaluation.reset_tasks()
CREATE OR REPLACE FUNCTION evaluation.reset_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function evaluation.rows_200_referred_predictionstatus()
CREATE OR REPLACE FUNCTION evaluation.rows_200_referred_predictionstatus()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.scores_200_reference_predictions()
CREATE OR REPLACE FUNCTION evaluation.scores_200_reference_predictions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.seed_rows()
CREATE OR REPLACE FUNCTION evaluation.seed_rows()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function evaluation.show_job()
CREATE OR REPLACE FUNCTION evaluation.show_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function evaluation.tally()
CREATE OR REPLACE FUNCTION evaluation.tally()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
$function$

-- function evaluation.task_moves(text,text)
CREATE OR REPLACE FUNCTION evaluation.task_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending'::text THEN (target = 'in_progress'::text) WHEN 'in_progress'::text THEN (target = 'failed'::text) ELSE false END

-- function evaluation.task_rank(text)
CREATE OR REPLACE FUNCTION evaluation.task_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'pending'::text THEN 0 WHEN 'in_progress'::text THEN 1 WHEN 'failed'::text THEN 2 ELSE NULL::integer END

-- function evaluation.task_reaches(text,text)
CREATE OR REPLACE FUNCTION evaluation.task_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending'::text THEN (target = ANY (ARRAY['in_progress'::text, 'failed'::text])) WHEN 'in_progress'::text THEN (target = 'failed'::text) ELSE false END

-- function evaluation.task_reopens(text,text)
CREATE OR REPLACE FUNCTION evaluation.task_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'pending'::text) OR CASE origin WHEN 'in_progress'::text THEN (target = 'pending'::text) WHEN 'failed'::text THEN (target = 'pending'::text) ELSE false END)

-- function evaluation.task_status(text,text)
CREATE OR REPLACE FUNCTION evaluation.task_status(event_status text, final_status text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE final_status WHEN 'success'::text THEN 'done'::text WHEN 'failed'::text THEN 'failed'::text ELSE event_status END

-- function evaluation.turn_edition()
CREATE OR REPLACE FUNCTION evaluation.turn_edition()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function evaluation.update_in_progress_time()
CREATE OR REPLACE FUNCTION evaluation.update_in_progress_time()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function evaluation.update_modelpromptstatus()
CREATE OR REPLACE FUNCTION evaluation.update_modelpromptstatus()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function ledger.blanks()
CREATE OR REPLACE FUNCTION ledger.blanks()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT E'\u0009\u000A\u000B\u000C\u000D\u001C\u001D\u001E\u001F \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005'
    '\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000'
$function$

-- function ledger.folded(text)
CREATE OR REPLACE FUNCTION ledger.folded(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN NORMALIZE(lower((btrim(NORMALIZE(value, NFC), ledger.blanks()) COLLATE pg_unicode_fast)), NFC)

-- function ledger.record_outside_write()
CREATE OR REPLACE FUNCTION ledger.record_outside_write()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function ledger.refuse_direct_write()
CREATE OR REPLACE FUNCTION ledger.refuse_direct_write()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    RAISE EXCEPTION '%.%: only triggers write here', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
        HINT = 'Write the facts; the tallies follow.';
END
$function$

-- function ledger.refuse_update()
CREATE OR REPLACE FUNCTION ledger.refuse_update()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    RAISE EXCEPTION '%.%: a fact never changes', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME,
        HINT = 'Publish another event; what is no fact of this row may be updated in a statement of its own.';
END
$function$

-- function replays.are_chosen(jsonb,jsonb)
CREATE OR REPLACE FUNCTION replays.are_chosen(chosen jsonb, offered jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((jsonb_typeof(chosen) = 'array'::text) AND (jsonb_typeof(offered) = 'array'::text) AND (offered @> chosen) AND (jsonb_array_length(chosen) > 0) AND (jsonb_array_length(chosen) = (SELECT count(DISTINCT name.value) AS count FROM jsonb_array_elements(are_chosen.chosen) name(value) WHERE (jsonb_typeof(name.value) = 'string'::text))))

-- function replays.canonical(text)
CREATE OR REPLACE FUNCTION replays.canonical(link text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ('https://www.duelingbook.com/replay?id='::text || (regexp_match(link, '^[ \t\r\n]*[Hh][Tt][Tt][Pp][Ss]?://([Ww][Ww][Ww]\.)?[Dd][Uu][Ee][Ll][Ii][Nn][Gg][Bb][Oo][Oo][Kk]\.[Cc][Oo][Mm]/replay\?((?!id=)[^#& \t\r\n]*&)*id=0*([1-9][0-9]{0,14})(&[^# \t\r\n]*)?(#[^ \t\r\n]*)?[ \t\r\n]*$'::text))[3])

-- function replays.check_confirmations()
CREATE OR REPLACE FUNCTION replays.check_confirmations()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.decks_200_reference_replays()
CREATE OR REPLACE FUNCTION replays.decks_200_reference_replays()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function replays.end_job()
CREATE OR REPLACE FUNCTION replays.end_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.ended(text,timestamp with time zone)
CREATE OR REPLACE FUNCTION replays.ended(event_status text, event_at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (event_status = ANY (ARRAY['CANCELLED'::text, 'FAILED'::text])) THEN event_at ELSE 'infinity'::timestamp with time zone END

-- function replays.forget_links()
CREATE OR REPLACE FUNCTION replays.forget_links()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
DECLARE
    pages constant text[] := ARRAY(SELECT DISTINCT url FROM old_rows ORDER BY url);
BEGIN
    PERFORM replays.hold_pages(pages, true);
    DELETE FROM replays.scrapes s
    WHERE s.url = ANY (pages) AND NOT EXISTS (SELECT FROM replays.job_urls u WHERE u.url = s.url);
    RETURN NULL;
END
$function$

-- function replays.forget_teams()
CREATE OR REPLACE FUNCTION replays.forget_teams()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    UPDATE replays.jobs SET discovered_teams = 0, confirmed_teams = 0 WHERE discovered_teams > 0;
    RETURN NULL;
END
$function$

-- function replays.games_200_reference_replays()
CREATE OR REPLACE FUNCTION replays.games_200_reference_replays()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function replays.gfwl_team_submissions_100_guard()
CREATE OR REPLACE FUNCTION replays.gfwl_team_submissions_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function replays.hold_pages(text[],boolean)
CREATE OR REPLACE FUNCTION replays.hold_pages(pages text[], alone boolean)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.job_moves(text,text)
CREATE OR REPLACE FUNCTION replays.job_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING'::text THEN (target = ANY (ARRAY['RUNNING'::text, 'CANCELLED'::text])) WHEN 'RUNNING'::text THEN (target = ANY (ARRAY['COMPLETED'::text, 'FAILED'::text, 'CANCELLED'::text])) ELSE false END

-- function replays.job_rank(text)
CREATE OR REPLACE FUNCTION replays.job_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'PENDING'::text THEN 0 WHEN 'RUNNING'::text THEN 1 WHEN 'COMPLETED'::text THEN 2 WHEN 'FAILED'::text THEN 2 WHEN 'CANCELLED'::text THEN 2 ELSE NULL::integer END

-- function replays.job_reaches(text,text)
CREATE OR REPLACE FUNCTION replays.job_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'PENDING'::text THEN (target = ANY (ARRAY['RUNNING'::text, 'COMPLETED'::text, 'FAILED'::text, 'CANCELLED'::text])) WHEN 'RUNNING'::text THEN (target = ANY (ARRAY['COMPLETED'::text, 'FAILED'::text, 'CANCELLED'::text])) ELSE false END

-- function replays.job_reopens(text,text)
CREATE OR REPLACE FUNCTION replays.job_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'PENDING'::text) OR CASE origin WHEN NULL::text THEN false ELSE false END)

-- function replays.jobs_100_guard()
CREATE OR REPLACE FUNCTION replays.jobs_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function replays.keep_teams()
CREATE OR REPLACE FUNCTION replays.keep_teams()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.names_teams(jsonb)
CREATE OR REPLACE FUNCTION replays.names_teams(team_data jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ((jsonb_typeof((team_data -> 'teams'::text)) = 'array'::text) AND (jsonb_array_length((team_data -> 'teams'::text)) > 0) AND (jsonb_array_length((team_data -> 'teams'::text)) = (SELECT count(DISTINCT (team.value ->> 'team'::text)) AS count FROM jsonb_array_elements((names_teams.team_data -> 'teams'::text)) team(value))))

-- function replays.note_failures()
CREATE OR REPLACE FUNCTION replays.note_failures()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    INSERT INTO replays.scrape_failures (url, epoch, attempt, error_kind, error, failed_at)
    SELECT n.url, n.epoch, n.attempt, coalesce(n.error_kind, 'other'), coalesce(n.error, ''), clock_timestamp()
    FROM new_rows n JOIN old_rows o USING (url)
    WHERE n.event_status = 'failed' AND o.event_status <> 'failed'
    ORDER BY n.url
    ON CONFLICT (url, epoch) DO NOTHING;
    RETURN NULL;
END
$function$

-- function replays.outcome(text,timestamp with time zone,timestamp with time zone)
CREATE OR REPLACE FUNCTION replays.outcome(page text, since timestamp with time zone, until timestamp with time zone)
 RETURNS TABLE(status text, finished_at timestamp with time zone)
 LANGUAGE sql
 STABLE PARALLEL SAFE
BEGIN ATOMIC
 SELECT
         CASE
             WHEN (found.scraped_at < outcome.since) THEN 'cached'::text
             WHEN (found.scraped_at IS NOT NULL) THEN 'scraped'::text
             WHEN (found.failed_at IS NOT NULL) THEN 'failed'::text
             WHEN (outcome.until < 'infinity'::timestamp with time zone) THEN 'dropped'::text
             ELSE 'queued'::text
         END AS "case",
     LEAST(
         CASE
             WHEN (found.scraped_at IS NOT NULL) THEN GREATEST(found.scraped_at, outcome.since)
             ELSE NULL::timestamp with time zone
         END, found.failed_at) AS "least"
    FROM ( SELECT ( SELECT s.created_at
                    FROM replays.scraped_data s
                   WHERE (((s.url)::text = outcome.page) AND (s.created_at <= outcome.until))) AS scraped_at,
             ( SELECT min(f.failed_at) AS min
                    FROM replays.scrape_failures f
                   WHERE (((f.url)::text = outcome.page) AND ((f.failed_at >= outcome.since) AND (f.failed_at <= outcome.until)))) AS failed_at) found;
END

-- function replays.pages(jsonb)
CREATE OR REPLACE FUNCTION replays.pages(links jsonb)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(SELECT DISTINCT replays.canonical(link.value) AS canonical FROM jsonb_array_elements_text(pages.links) link(value) ORDER BY (replays.canonical(link.value)))

-- function replays.phase(integer,integer,integer,integer,integer)
CREATE OR REPLACE FUNCTION replays.phase(total integer, processed integer, teams integer, discovered integer, confirmed integer)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (processed < total) THEN 'scraping'::text WHEN (discovered < teams) THEN 'discovering'::text WHEN (confirmed < teams) THEN 'awaiting_confirmation'::text ELSE 'analysing'::text END

-- function replays.replays_200_referred_decks()
CREATE OR REPLACE FUNCTION replays.replays_200_referred_decks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function replays.replays_200_referred_games()
CREATE OR REPLACE FUNCTION replays.replays_200_referred_games()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function replays.reseed()
CREATE OR REPLACE FUNCTION replays.reseed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.scrape_moves(text,text)
CREATE OR REPLACE FUNCTION replays.scrape_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'queued'::text THEN (target = 'scraping'::text) WHEN 'scraping'::text THEN (target = 'failed'::text) ELSE false END

-- function replays.scrape_rank(text)
CREATE OR REPLACE FUNCTION replays.scrape_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'queued'::text THEN 0 WHEN 'scraping'::text THEN 1 WHEN 'failed'::text THEN 2 ELSE NULL::integer END

-- function replays.scrape_reaches(text,text)
CREATE OR REPLACE FUNCTION replays.scrape_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'queued'::text THEN (target = ANY (ARRAY['scraping'::text, 'failed'::text])) WHEN 'scraping'::text THEN (target = 'failed'::text) ELSE false END

-- function replays.scrape_reopens(text,text)
CREATE OR REPLACE FUNCTION replays.scrape_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'queued'::text) OR CASE origin WHEN 'scraping'::text THEN (target = 'queued'::text) WHEN 'failed'::text THEN (target = 'queued'::text) ELSE false END)

-- function replays.scrapes_100_guard()
CREATE OR REPLACE FUNCTION replays.scrapes_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function replays.seed_job()
CREATE OR REPLACE FUNCTION replays.seed_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.settle(text[])
CREATE OR REPLACE FUNCTION replays.settle(pages text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
$function$

-- function replays.settle_pages()
CREATE OR REPLACE FUNCTION replays.settle_pages()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.show_discoveries()
CREATE OR REPLACE FUNCTION replays.show_discoveries()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    UPDATE replays.gfwl_team_submissions s SET revision = s.revision
    FROM (SELECT DISTINCT job_id, team_name FROM new_rows ORDER BY job_id, team_name) d
    WHERE (s.job_id, s.team_name) = (d.job_id, d.team_name);
    RETURN NULL;
END
$function$

-- function replays.show_job()
CREATE OR REPLACE FUNCTION replays.show_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.show_scrape()
CREATE OR REPLACE FUNCTION replays.show_scrape()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.show_submission()
CREATE OR REPLACE FUNCTION replays.show_submission()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.shown(text,integer,integer,integer,integer)
CREATE OR REPLACE FUNCTION replays.shown(event_status text, total integer, processed integer, teams integer, confirmed integer)
 RETURNS replays.status
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (CASE WHEN ((event_status = 'COMPLETED'::text) AND ((processed < total) OR (confirmed < teams))) THEN 'RUNNING'::text ELSE event_status END)::replays.status

-- function replays.submission_moves(text,text)
CREATE OR REPLACE FUNCTION replays.submission_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending'::text THEN (target = 'confirmed'::text) ELSE false END

-- function replays.submission_rank(text)
CREATE OR REPLACE FUNCTION replays.submission_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'pending'::text THEN 0 WHEN 'confirmed'::text THEN 1 ELSE NULL::integer END

-- function replays.submission_reaches(text,text)
CREATE OR REPLACE FUNCTION replays.submission_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending'::text THEN (target = 'confirmed'::text) ELSE false END

-- function replays.submission_reopens(text,text)
CREATE OR REPLACE FUNCTION replays.submission_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'pending'::text) OR CASE origin WHEN NULL::text THEN false ELSE false END)

-- function replays.tally_links()
CREATE OR REPLACE FUNCTION replays.tally_links()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function replays.tally_teams()
CREATE OR REPLACE FUNCTION replays.tally_teams()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.close_outputs()
CREATE OR REPLACE FUNCTION seismic.close_outputs()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM seismic.datasets WHERE job_id IS NOT NULL;
    ELSE
        DELETE FROM seismic.datasets d USING old_rows j WHERE d.id = j.output_dataset_id AND d.job_id = j.id;
    END IF;
    RETURN NULL;
END
$function$

-- function seismic.dataset_moves(text,text)
CREATE OR REPLACE FUNCTION seismic.dataset_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'uploading'::text THEN (target = ANY (ARRAY['processing'::text, 'error'::text])) WHEN 'processing'::text THEN (target = ANY (ARRAY['ready'::text, 'error'::text])) ELSE false END

-- function seismic.dataset_rank(text)
CREATE OR REPLACE FUNCTION seismic.dataset_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'uploading'::text THEN 0 WHEN 'processing'::text THEN 1 WHEN 'ready'::text THEN 2 WHEN 'error'::text THEN 2 ELSE NULL::integer END

-- function seismic.dataset_reaches(text,text)
CREATE OR REPLACE FUNCTION seismic.dataset_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'uploading'::text THEN (target = ANY (ARRAY['processing'::text, 'ready'::text, 'error'::text])) WHEN 'processing'::text THEN (target = ANY (ARRAY['ready'::text, 'error'::text])) ELSE false END

-- function seismic.dataset_reopens(text,text)
CREATE OR REPLACE FUNCTION seismic.dataset_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((origin <> 'ready'::text) AND ((target = 'uploading'::text) OR CASE origin WHEN 'error'::text THEN (target = 'uploading'::text) ELSE false END))

-- function seismic.dataset_status(text,boolean,boolean)
CREATE OR REPLACE FUNCTION seismic.dataset_status(event_status text, complete boolean, sound boolean)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (event_status = ANY (ARRAY['uploading'::text, 'error'::text])) THEN event_status WHEN (complete IS NOT TRUE) THEN 'uploading'::text WHEN ((event_status = 'ready'::text) AND (sound IS NOT TRUE)) THEN 'error'::text ELSE event_status END

-- function seismic.datasets_040_final()
CREATE OR REPLACE FUNCTION seismic.datasets_040_final()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    RETURN NULL;
END
$function$

-- function seismic.datasets_100_guard()
CREATE OR REPLACE FUNCTION seismic.datasets_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function seismic.definitions_200_referred_measurements()
CREATE OR REPLACE FUNCTION seismic.definitions_200_referred_measurements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function seismic.denoised_200_reference_jobs()
CREATE OR REPLACE FUNCTION seismic.denoised_200_reference_jobs()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function seismic.follow_jobs()
CREATE OR REPLACE FUNCTION seismic.follow_jobs()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.forget_results()
CREATE OR REPLACE FUNCTION seismic.forget_results()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.job_moves(text,text)
CREATE OR REPLACE FUNCTION seismic.job_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending'::text THEN (target = ANY (ARRAY['running'::text, 'failed'::text, 'cancelled'::text])) WHEN 'running'::text THEN (target = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) ELSE false END

-- function seismic.job_rank(text)
CREATE OR REPLACE FUNCTION seismic.job_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'pending'::text THEN 0 WHEN 'running'::text THEN 1 WHEN 'completed'::text THEN 2 WHEN 'failed'::text THEN 2 WHEN 'cancelled'::text THEN 2 ELSE NULL::integer END

-- function seismic.job_reaches(text,text)
CREATE OR REPLACE FUNCTION seismic.job_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'pending'::text THEN (target = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])) WHEN 'running'::text THEN (target = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) ELSE false END

-- function seismic.job_reopens(text,text)
CREATE OR REPLACE FUNCTION seismic.job_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((origin <> ALL (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) AND ((target = 'pending'::text) OR CASE origin WHEN 'running'::text THEN (target = 'running'::text) ELSE false END))

-- function seismic.job_status(text,boolean,boolean)
CREATE OR REPLACE FUNCTION seismic.job_status(event_status text, input_ready boolean, has_result boolean)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((event_status = 'running'::text) AND (NOT input_ready)) THEN 'pending'::text WHEN ((event_status = 'completed'::text) AND (NOT has_result)) THEN 'running'::text ELSE event_status END

-- function seismic.jobs_040_final()
CREATE OR REPLACE FUNCTION seismic.jobs_040_final()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    RETURN NULL;
END
$function$

-- function seismic.jobs_100_guard()
CREATE OR REPLACE FUNCTION seismic.jobs_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function seismic.jobs_200_referred_denoised()
CREATE OR REPLACE FUNCTION seismic.jobs_200_referred_denoised()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function seismic.jobs_200_referred_measurements()
CREATE OR REPLACE FUNCTION seismic.jobs_200_referred_measurements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function seismic.measurements_200_reference_definitions()
CREATE OR REPLACE FUNCTION seismic.measurements_200_reference_definitions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function seismic.measurements_200_reference_jobs()
CREATE OR REPLACE FUNCTION seismic.measurements_200_reference_jobs()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$

-- function seismic.model_moves(text,text)
CREATE OR REPLACE FUNCTION seismic.model_moves(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'registered'::text THEN (target = 'retired'::text) ELSE false END

-- function seismic.model_rank(text)
CREATE OR REPLACE FUNCTION seismic.model_rank(state text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE state WHEN 'registered'::text THEN 0 WHEN 'retired'::text THEN 1 ELSE NULL::integer END

-- function seismic.model_reaches(text,text)
CREATE OR REPLACE FUNCTION seismic.model_reaches(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE origin WHEN 'registered'::text THEN (target = 'retired'::text) ELSE false END

-- function seismic.model_reopens(text,text)
CREATE OR REPLACE FUNCTION seismic.model_reopens(origin text, target text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((target = 'registered'::text) OR CASE origin WHEN NULL::text THEN false ELSE false END)

-- function seismic.models_100_guard()
CREATE OR REPLACE FUNCTION seismic.models_100_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_nestloop TO 'off'
AS $function$
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
$function$

-- function seismic.near(double precision)
CREATE OR REPLACE FUNCTION seismic.near(value double precision)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (to_char((value)::numeric, '9.99EEEE'::text))::numeric

-- function seismic.open_outputs()
CREATE OR REPLACE FUNCTION seismic.open_outputs()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.refresh_models(uuid[])
CREATE OR REPLACE FUNCTION seismic.refresh_models(of_models uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.refuse_truncate()
CREATE OR REPLACE FUNCTION seismic.refuse_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    IF (TG_TABLE_NAME = 'timings' AND EXISTS (SELECT FROM seismic.denoised))
        OR (TG_TABLE_NAME <> 'timings' AND EXISTS (SELECT FROM seismic.measurements)) THEN
        RAISE EXCEPTION '%: a tally cannot be emptied while there is something to count', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, HINT = 'Empty the facts instead.';
    END IF;
    RETURN NULL;
END
$function$

-- function seismic.say_dataset()
CREATE OR REPLACE FUNCTION seismic.say_dataset()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.say_job(seismic.jobs,seismic.jobs)
CREATE OR REPLACE FUNCTION seismic.say_job(before seismic.jobs, after seismic.jobs)
 RETURNS seismic.jobs
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.segy_bytes(numeric,numeric,numeric,numeric)
CREATE OR REPLACE FUNCTION seismic.segy_bytes(traces numeric, samples numeric, sample_bytes numeric, extended_headers numeric)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (((3600)::numeric + ((3200)::numeric * extended_headers)) + (traces * ((240)::numeric + (samples * sample_bytes))))

-- function seismic.settle_inputs(uuid[])
CREATE OR REPLACE FUNCTION seismic.settle_inputs(of_jobs uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    PERFORM FROM seismic.datasets
    WHERE id IN (SELECT dataset_id FROM seismic.jobs WHERE id = ANY (of_jobs)) ORDER BY id FOR SHARE;
    UPDATE seismic.jobs j SET input_ready = d.status = 'ready' AND d.user_id = j.user_id
    FROM seismic.datasets d
    WHERE j.id = ANY (of_jobs) AND d.id = j.dataset_id
        AND j.input_ready <> (d.status = 'ready' AND d.user_id = j.user_id);
END
$function$

-- function seismic.settle_results()
CREATE OR REPLACE FUNCTION seismic.settle_results()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.show_datasets(uuid[])
CREATE OR REPLACE FUNCTION seismic.show_datasets(of_datasets uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.show_job()
CREATE OR REPLACE FUNCTION seismic.show_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.show_uploaded()
CREATE OR REPLACE FUNCTION seismic.show_uploaded()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM seismic.show_datasets(ARRAY(SELECT id FROM seismic.datasets WHERE job_id IS NULL));
    ELSE
        PERFORM seismic.show_datasets(ARRAY(SELECT DISTINCT dataset_id FROM changed));
    END IF;
    RETURN NULL;
END
$function$

-- function seismic.show_written_datasets()
CREATE OR REPLACE FUNCTION seismic.show_written_datasets()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.sound_metrics(jsonb)
CREATE OR REPLACE FUNCTION seismic.sound_metrics(metrics jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((jsonb_typeof(metrics) = 'object'::text) AND (NOT (EXISTS (SELECT FROM jsonb_each(sound_metrics.metrics) m(metric, figure) WHERE (NOT COALESCE(((jsonb_typeof((m.figure -> 'definition'::text)) = 'number'::text) AND (jsonb_typeof((m.figure -> 'unit'::text)) = 'string'::text) AND ((m.figure ->> 'direction'::text) = ANY (ARRAY['up'::text, 'down'::text])) AND (jsonb_typeof((m.figure -> 'n'::text)) = 'number'::text) AND CASE jsonb_typeof((m.figure -> 'value'::text)) WHEN 'number'::text THEN ((COALESCE((m.figure ->> 'flag'::text), ''::text) = ''::text) AND (((m.figure ->> 'n'::text))::numeric > (0)::numeric)) ELSE ((m.figure ->> 'flag'::text) = ANY (ARRAY['perfect'::text, 'undefined'::text])) END), false))))))

-- function seismic.stamp_user()
CREATE OR REPLACE FUNCTION seismic.stamp_user()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
BEGIN
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at);
    RETURN NEW;
END
$function$

-- function seismic.tally_denoised()
CREATE OR REPLACE FUNCTION seismic.tally_denoised()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.tally_measurements()
CREATE OR REPLACE FUNCTION seismic.tally_measurements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.tally_parts()
CREATE OR REPLACE FUNCTION seismic.tally_parts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- function seismic.tell_jobs()
CREATE OR REPLACE FUNCTION seismic.tell_jobs()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
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
$function$

-- grant column chess.users.assigned_training_run_id TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column chess.users.assigned_training_run_id TO podium_reader
SELECT

-- grant column chess.users.assigned_training_run_id TO podium_stream
SELECT

-- grant column chess.users.id TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column chess.users.id TO podium_reader
SELECT

-- grant column chess.users.id TO podium_stream
SELECT

-- grant column chess.users.place_offset TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column chess.users.place_offset TO podium_reader
SELECT

-- grant column chess.users.place_offset TO podium_stream
SELECT

-- grant column chess.users.place_partition TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column chess.users.place_partition TO podium_reader
SELECT

-- grant column chess.users.place_partition TO podium_stream
SELECT

-- grant column chess.users.username TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column chess.users.username TO podium_reader
SELECT

-- grant column chess.users.username TO podium_stream
SELECT

-- grant column seismic.users.created_at TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column seismic.users.created_at TO podium_reader
SELECT

-- grant column seismic.users.created_at TO podium_stream
SELECT

-- grant column seismic.users.email TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column seismic.users.email TO podium_stream
SELECT

-- grant column seismic.users.id TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column seismic.users.id TO podium_reader
SELECT

-- grant column seismic.users.id TO podium_stream
SELECT

-- grant column seismic.users.latest_digest TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column seismic.users.latest_digest TO podium_reader
SELECT

-- grant column seismic.users.latest_digest TO podium_stream
SELECT

-- grant column seismic.users.latest_id TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column seismic.users.latest_id TO podium_reader
SELECT

-- grant column seismic.users.latest_id TO podium_stream
SELECT

-- grant column seismic.users.latest_time TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column seismic.users.latest_time TO podium_reader
SELECT

-- grant column seismic.users.latest_time TO podium_stream
SELECT

-- grant column seismic.users.role TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column seismic.users.role TO podium_reader
SELECT

-- grant column seismic.users.role TO podium_stream
SELECT

-- grant column seismic.users.updated_at TO podium_consumer
INSERT, SELECT, UPDATE

-- grant column seismic.users.updated_at TO podium_reader
SELECT

-- grant column seismic.users.updated_at TO podium_stream
SELECT

-- grant relation chess.anomalies TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.anomalies TO podium_reader
SELECT

-- grant relation chess.anomalies TO podium_stream
SELECT

-- grant relation chess.auth_tokens TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.auth_tokens TO podium_reader
SELECT

-- grant relation chess.auth_tokens TO podium_stream
SELECT

-- grant relation chess.auth_tokens_id_seq TO podium_consumer
USAGE

-- grant relation chess.books TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.books TO podium_reader
SELECT

-- grant relation chess.books TO podium_stream
SELECT

-- grant relation chess.books_id_seq TO podium_consumer
USAGE

-- grant relation chess.builds TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.builds TO podium_reader
SELECT

-- grant relation chess.builds TO podium_stream
SELECT

-- grant relation chess.builds_id_seq TO podium_consumer
USAGE

-- grant relation chess.clients TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.clients TO podium_reader
SELECT

-- grant relation chess.clients TO podium_stream
SELECT

-- grant relation chess.clients_id_seq TO podium_consumer
USAGE

-- grant relation chess.game_results TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.game_results TO podium_reader
SELECT

-- grant relation chess.game_results TO podium_stream
SELECT

-- grant relation chess.games TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.games TO podium_reader
SELECT

-- grant relation chess.games TO podium_stream
SELECT

-- grant relation chess.match_games TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.match_games TO podium_reader
SELECT

-- grant relation chess.match_games TO podium_stream
SELECT

-- grant relation chess.match_games_id_seq TO podium_consumer
USAGE

-- grant relation chess.match_tasks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.match_tasks TO podium_reader
SELECT

-- grant relation chess.match_tasks TO podium_stream
SELECT

-- grant relation chess.match_tasks_id_seq TO podium_consumer
USAGE

-- grant relation chess.matches TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.matches TO podium_reader
SELECT

-- grant relation chess.matches TO podium_stream
SELECT

-- grant relation chess.matches_id_seq TO podium_consumer
USAGE

-- grant relation chess.network_marks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.network_marks TO podium_reader
SELECT

-- grant relation chess.network_marks TO podium_stream
SELECT

-- grant relation chess.networks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.networks TO podium_reader
SELECT

-- grant relation chess.networks TO podium_stream
SELECT

-- grant relation chess.networks_id_seq TO podium_consumer
USAGE

-- grant relation chess.promotions TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.promotions TO podium_reader
SELECT

-- grant relation chess.promotions TO podium_stream
SELECT

-- grant relation chess.server_data TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.server_data TO podium_reader
SELECT

-- grant relation chess.server_data TO podium_stream
SELECT

-- grant relation chess.server_data_id_seq TO podium_consumer
USAGE

-- grant relation chess.special_networks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.special_networks TO podium_reader
SELECT

-- grant relation chess.special_networks TO podium_stream
SELECT

-- grant relation chess.sprt_tasks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.sprt_tasks TO podium_reader
SELECT

-- grant relation chess.sprt_tasks TO podium_stream
SELECT

-- grant relation chess.sprt_tasks_id_seq TO podium_consumer
USAGE

-- grant relation chess.task_assignments TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.task_assignments TO podium_reader
SELECT

-- grant relation chess.task_assignments TO podium_stream
SELECT

-- grant relation chess.tasks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.tasks TO podium_reader
SELECT

-- grant relation chess.tasks TO podium_stream
SELECT

-- grant relation chess.tasks_id_seq TO podium_consumer
USAGE

-- grant relation chess.time_controls TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.time_controls TO podium_reader
SELECT

-- grant relation chess.time_controls TO podium_stream
SELECT

-- grant relation chess.time_controls_id_seq TO podium_consumer
USAGE

-- grant relation chess.token_validity TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.token_validity TO podium_reader
SELECT

-- grant relation chess.token_validity TO podium_stream
SELECT

-- grant relation chess.training_games TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.training_games TO podium_reader
SELECT

-- grant relation chess.training_games TO podium_stream
SELECT

-- grant relation chess.training_games_id_seq TO podium_consumer
USAGE

-- grant relation chess.training_runs TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.training_runs TO podium_reader
SELECT

-- grant relation chess.training_runs TO podium_stream
SELECT

-- grant relation chess.training_runs_id_seq TO podium_consumer
USAGE

-- grant relation chess.training_tasks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.training_tasks TO podium_reader
SELECT

-- grant relation chess.training_tasks TO podium_stream
SELECT

-- grant relation chess.training_tasks_id_seq TO podium_consumer
USAGE

-- grant relation chess.tune_outputs TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.tune_outputs TO podium_reader
SELECT

-- grant relation chess.tune_outputs TO podium_stream
SELECT

-- grant relation chess.tune_param_sets TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.tune_param_sets TO podium_reader
SELECT

-- grant relation chess.tune_param_sets TO podium_stream
SELECT

-- grant relation chess.tune_param_sets_id_seq TO podium_consumer
USAGE

-- grant relation chess.tune_tasks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.tune_tasks TO podium_reader
SELECT

-- grant relation chess.tune_tasks TO podium_stream
SELECT

-- grant relation chess.tune_tasks_id_seq TO podium_consumer
USAGE

-- grant relation chess.users_id_seq TO podium_consumer
USAGE

-- grant relation chess.verdicts TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation chess.verdicts TO podium_reader
SELECT

-- grant relation chess.verdicts TO podium_stream
SELECT

-- grant relation competition.checkpoints TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.checkpoints TO podium_reader
SELECT

-- grant relation competition.checkpoints TO podium_stream
SELECT

-- grant relation competition.closings TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.closings TO podium_reader
SELECT

-- grant relation competition.closings TO podium_stream
SELECT

-- grant relation competition.confirmations TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.confirmations TO podium_reader
SELECT

-- grant relation competition.confirmations TO podium_stream
SELECT

-- grant relation competition.debuts TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.debuts TO podium_reader
SELECT

-- grant relation competition.debuts TO podium_stream
SELECT

-- grant relation competition.emission_checkpoints TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.emission_checkpoints TO podium_reader
SELECT

-- grant relation competition.emission_checkpoints TO podium_stream
SELECT

-- grant relation competition.judgements TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.judgements TO podium_reader
SELECT

-- grant relation competition.judgements TO podium_stream
SELECT

-- grant relation competition.late_predictions TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.late_predictions TO podium_reader
SELECT

-- grant relation competition.late_predictions TO podium_stream
SELECT

-- grant relation competition.leaderboards TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.leaderboards TO podium_reader
SELECT

-- grant relation competition.leaderboards TO podium_stream
SELECT

-- grant relation competition.model_scores TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.model_scores TO podium_reader
SELECT

-- grant relation competition.model_scores TO podium_stream
SELECT

-- grant relation competition.models TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.models TO podium_reader
SELECT

-- grant relation competition.models TO podium_stream
SELECT

-- grant relation competition.predictions TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.predictions TO podium_reader
SELECT

-- grant relation competition.predictions TO podium_stream
SELECT

-- grant relation competition.rounds TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.rounds TO podium_reader
SELECT

-- grant relation competition.rounds TO podium_stream
SELECT

-- grant relation competition.scheduled_prediction_configs TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.scheduled_prediction_configs TO podium_reader
SELECT

-- grant relation competition.scheduled_prediction_configs TO podium_stream
SELECT

-- grant relation competition.submissions TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.submissions TO podium_reader
SELECT

-- grant relation competition.submissions TO podium_stream
SELECT

-- grant relation competition.tallies TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.tallies TO podium_reader
SELECT

-- grant relation competition.tallies TO podium_stream
SELECT

-- grant relation competition.truths TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation competition.truths TO podium_reader
SELECT

-- grant relation competition.truths TO podium_stream
SELECT

-- grant relation evaluation.confusion TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.confusion TO podium_reader
SELECT

-- grant relation evaluation.confusion TO podium_stream
SELECT

-- grant relation evaluation.dataset_versions TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.dataset_versions TO podium_reader
SELECT

-- grant relation evaluation.dataset_versions TO podium_stream
SELECT

-- grant relation evaluation.datasets TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.datasets TO podium_reader
SELECT

-- grant relation evaluation.datasets TO podium_stream
SELECT

-- grant relation evaluation.datasets_dataset_id_seq TO podium_consumer
USAGE

-- grant relation evaluation.latency TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.latency TO podium_reader
SELECT

-- grant relation evaluation.latency TO podium_stream
SELECT

-- grant relation evaluation.modelpromptstatus TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.modelpromptstatus TO podium_reader
SELECT

-- grant relation evaluation.modelpromptstatus TO podium_stream
SELECT

-- grant relation evaluation.models TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.models TO podium_reader
SELECT

-- grant relation evaluation.models TO podium_stream
SELECT

-- grant relation evaluation.models_model_id_seq TO podium_consumer
USAGE

-- grant relation evaluation.predictions TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.predictions TO podium_reader
SELECT

-- grant relation evaluation.predictions TO podium_stream
SELECT

-- grant relation evaluation.predictions_prediction_id_seq TO podium_consumer
USAGE

-- grant relation evaluation.predictionstatus TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.predictionstatus TO podium_reader
SELECT

-- grant relation evaluation.predictionstatus TO podium_stream
SELECT

-- grant relation evaluation.prompts TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.prompts TO podium_reader
SELECT

-- grant relation evaluation.prompts TO podium_stream
SELECT

-- grant relation evaluation.prompts_prompt_id_seq TO podium_consumer
USAGE

-- grant relation evaluation.rows TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.rows TO podium_reader
SELECT

-- grant relation evaluation.rows TO podium_stream
SELECT

-- grant relation evaluation.rows_row_id_seq TO podium_consumer
USAGE

-- grant relation evaluation.scores TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.scores TO podium_reader
SELECT

-- grant relation evaluation.scores TO podium_stream
SELECT

-- grant relation evaluation.status_update_log TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation evaluation.status_update_log TO podium_reader
SELECT

-- grant relation evaluation.status_update_log TO podium_stream
SELECT

-- grant relation evaluation.status_update_log_id_seq TO podium_consumer
USAGE

-- grant relation ledger."offset" TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger."offset" TO podium_reader
SELECT

-- grant relation ledger."offset" TO podium_stream
SELECT

-- grant relation ledger.dead TO podium_consumer
DELETE, INSERT, SELECT, UPDATE

-- grant relation ledger.dead TO podium_stream
SELECT

-- grant relation ledger.epoch TO podium_consumer
USAGE

-- grant relation ledger.epoch TO podium_stream
USAGE

-- grant relation ledger.failure TO podium_consumer
DELETE, INSERT, SELECT, UPDATE

-- grant relation ledger.failure TO podium_stream
DELETE, INSERT, SELECT, UPDATE

-- grant relation ledger.id_range TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger.id_range TO podium_reader
SELECT

-- grant relation ledger.id_range TO podium_stream
SELECT

-- grant relation ledger.identity TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger.identity TO podium_reader
SELECT

-- grant relation ledger.identity TO podium_stream
SELECT

-- grant relation ledger.lease TO podium_consumer
DELETE, INSERT, SELECT, UPDATE

-- grant relation ledger.lease TO podium_stream
DELETE, INSERT, SELECT, UPDATE

-- grant relation ledger.loop TO podium_consumer
DELETE, INSERT, SELECT, UPDATE

-- grant relation ledger.loop TO podium_stream
DELETE, INSERT, SELECT, UPDATE

-- grant relation ledger.operation TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger.operation TO podium_stream
SELECT

-- grant relation ledger.outside_write TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger.outside_write TO podium_stream
SELECT

-- grant relation ledger.outside_write_id_seq TO podium_consumer
USAGE

-- grant relation ledger.parked TO podium_consumer
DELETE, INSERT, SELECT, UPDATE

-- grant relation ledger.parked TO podium_stream
SELECT

-- grant relation ledger.published_snapshot TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger.published_snapshot TO podium_reader
SELECT

-- grant relation ledger.published_snapshot TO podium_stream
SELECT

-- grant relation ledger.rebuild TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger.rebuild TO podium_reader
SELECT

-- grant relation ledger.rebuild TO podium_stream
SELECT

-- grant relation ledger.repair TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger.repair TO podium_stream
SELECT

-- grant relation ledger.repair_id_seq TO podium_consumer
USAGE

-- grant relation ledger.snapshot TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger.snapshot TO podium_reader
SELECT

-- grant relation ledger.snapshot TO podium_stream
SELECT

-- grant relation ledger.snapshot_part TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation ledger.snapshot_part TO podium_reader
SELECT

-- grant relation ledger.snapshot_part TO podium_stream
SELECT

-- grant relation replays.confirmations TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.confirmations TO podium_stream
SELECT

-- grant relation replays.decks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.decks TO podium_stream
SELECT

-- grant relation replays.discoveries TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.discoveries TO podium_stream
SELECT

-- grant relation replays.games TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.games TO podium_stream
SELECT

-- grant relation replays.gfwl_team_submissions TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.gfwl_team_submissions TO podium_stream
SELECT

-- grant relation replays.job_types TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.job_types TO podium_reader
SELECT

-- grant relation replays.job_types TO podium_stream
SELECT

-- grant relation replays.job_urls TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.job_urls TO podium_stream
SELECT

-- grant relation replays.jobs TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.jobs TO podium_stream
SELECT

-- grant relation replays.jobs_over_rate TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.jobs_over_rate TO podium_reader
SELECT

-- grant relation replays.jobs_over_rate TO podium_stream
SELECT

-- grant relation replays.public_decks TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.public_decks TO podium_reader
SELECT

-- grant relation replays.public_decks TO podium_stream
SELECT

-- grant relation replays.public_games TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.public_games TO podium_reader
SELECT

-- grant relation replays.public_games TO podium_stream
SELECT

-- grant relation replays.public_jobs TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.public_jobs TO podium_reader
SELECT

-- grant relation replays.public_jobs TO podium_stream
SELECT

-- grant relation replays.public_teams TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.public_teams TO podium_reader
SELECT

-- grant relation replays.public_teams TO podium_stream
SELECT

-- grant relation replays.replays TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.replays TO podium_stream
SELECT

-- grant relation replays.scrape_failures TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.scrape_failures TO podium_stream
SELECT

-- grant relation replays.scraped_data TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.scraped_data TO podium_stream
SELECT

-- grant relation replays.scrapes TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.scrapes TO podium_stream
SELECT

-- grant relation replays.users TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation replays.users TO podium_stream
SELECT

-- grant relation seismic.datasets TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.datasets TO podium_reader
SELECT

-- grant relation seismic.datasets TO podium_stream
SELECT

-- grant relation seismic.definitions TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.definitions TO podium_reader
SELECT

-- grant relation seismic.definitions TO podium_stream
SELECT

-- grant relation seismic.denoised TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.denoised TO podium_reader
SELECT

-- grant relation seismic.denoised TO podium_stream
SELECT

-- grant relation seismic.final_results TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.final_results TO podium_reader
SELECT

-- grant relation seismic.final_results TO podium_stream
SELECT

-- grant relation seismic.jobs TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.jobs TO podium_reader
SELECT

-- grant relation seismic.jobs TO podium_stream
SELECT

-- grant relation seismic.measurements TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.measurements TO podium_reader
SELECT

-- grant relation seismic.measurements TO podium_stream
SELECT

-- grant relation seismic.models TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.models TO podium_reader
SELECT

-- grant relation seismic.models TO podium_stream
SELECT

-- grant relation seismic.parts TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.parts TO podium_reader
SELECT

-- grant relation seismic.parts TO podium_stream
SELECT

-- grant relation seismic.results TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.results TO podium_reader
SELECT

-- grant relation seismic.results TO podium_stream
SELECT

-- grant relation seismic.spread TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.spread TO podium_reader
SELECT

-- grant relation seismic.spread TO podium_stream
SELECT

-- grant relation seismic.summaries TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.summaries TO podium_reader
SELECT

-- grant relation seismic.summaries TO podium_stream
SELECT

-- grant relation seismic.timings TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.timings TO podium_reader
SELECT

-- grant relation seismic.timings TO podium_stream
SELECT

-- grant relation seismic.uploads TO podium_consumer
INSERT, SELECT, UPDATE

-- grant relation seismic.uploads TO podium_reader
SELECT

-- grant relation seismic.uploads TO podium_stream
SELECT

-- grant schema chess TO podium_consumer
USAGE

-- grant schema chess TO podium_reader
USAGE

-- grant schema chess TO podium_stream
USAGE

-- grant schema competition TO podium_consumer
USAGE

-- grant schema competition TO podium_reader
USAGE

-- grant schema competition TO podium_stream
USAGE

-- grant schema evaluation TO podium_consumer
USAGE

-- grant schema evaluation TO podium_reader
USAGE

-- grant schema evaluation TO podium_stream
USAGE

-- grant schema ledger TO podium_consumer
USAGE

-- grant schema ledger TO podium_reader
USAGE

-- grant schema ledger TO podium_stream
USAGE

-- grant schema replays TO podium_consumer
USAGE

-- grant schema replays TO podium_reader
USAGE

-- grant schema replays TO podium_stream
USAGE

-- grant schema seismic TO podium_consumer
USAGE

-- grant schema seismic TO podium_reader
USAGE

-- grant schema seismic TO podium_stream
USAGE

-- index chess.idx_auth_tokens_last_used_at
CREATE INDEX idx_auth_tokens_last_used_at ON chess.auth_tokens USING btree (last_used_at)

-- index chess.idx_auth_tokens_user_id
CREATE INDEX idx_auth_tokens_user_id ON chess.auth_tokens USING btree (user_id)

-- index chess.idx_match_games_match_id
CREATE INDEX idx_match_games_match_id ON chess.match_games USING btree (match_id)

-- index chess.idx_networks_sha
CREATE INDEX idx_networks_sha ON chess.networks USING btree (sha)

-- index chess.idx_networks_training_run_id
CREATE INDEX idx_networks_training_run_id ON chess.networks USING btree (training_run_id, network_number)

-- index chess.idx_task_assignments_active
CREATE INDEX idx_task_assignments_active ON chess.task_assignments USING btree (last_heartbeat_at) WHERE (status = 'ACTIVE'::text)

-- index chess.idx_task_assignments_assigned_token_id
CREATE INDEX idx_task_assignments_assigned_token_id ON chess.task_assignments USING btree (assigned_token_id)

-- index chess.idx_tasks_task_type_status
CREATE INDEX idx_tasks_task_type_status ON chess.tasks USING btree (task_type, status, priority DESC, id)

-- index chess.idx_training_games_client_id
CREATE INDEX idx_training_games_client_id ON chess.training_games USING btree (client_id)

-- index chess.idx_training_games_created_at
CREATE INDEX idx_training_games_created_at ON chess.training_games USING btree (created_at)

-- index chess.idx_training_games_network_id
CREATE INDEX idx_training_games_network_id ON chess.training_games USING btree (network_id)

-- index chess.idx_training_games_training_run_id
CREATE INDEX idx_training_games_training_run_id ON chess.training_games USING btree (training_run_id, game_number)

-- index chess.idx_training_games_user_id
CREATE INDEX idx_training_games_user_id ON chess.training_games USING btree (user_id)

-- index chess.idx_training_tasks_training_run_id
CREATE INDEX idx_training_tasks_training_run_id ON chess.training_tasks USING btree (training_run_id)

-- index chess.pk_auth_tokens
CREATE UNIQUE INDEX pk_auth_tokens ON chess.auth_tokens USING btree (id)

-- index chess.pk_books
CREATE UNIQUE INDEX pk_books ON chess.books USING btree (id)

-- index chess.pk_builds
CREATE UNIQUE INDEX pk_builds ON chess.builds USING btree (id)

-- index chess.pk_clients
CREATE UNIQUE INDEX pk_clients ON chess.clients USING btree (id)

-- index chess.pk_game_results
CREATE UNIQUE INDEX pk_game_results ON chess.game_results USING btree (task_id, pair_key, seq)

-- index chess.pk_match_games
CREATE UNIQUE INDEX pk_match_games ON chess.match_games USING btree (id)

-- index chess.pk_match_tasks
CREATE UNIQUE INDEX pk_match_tasks ON chess.match_tasks USING btree (id)

-- index chess.pk_matches
CREATE UNIQUE INDEX pk_matches ON chess.matches USING btree (id)

-- index chess.pk_network_marks
CREATE UNIQUE INDEX pk_network_marks ON chess.network_marks USING btree (network_id, kind)

-- index chess.pk_networks
CREATE UNIQUE INDEX pk_networks ON chess.networks USING btree (id)

-- index chess.pk_promotions
CREATE UNIQUE INDEX pk_promotions ON chess.promotions USING btree (training_run_id, match_task_id)

-- index chess.pk_server_data
CREATE UNIQUE INDEX pk_server_data ON chess.server_data USING btree (id)

-- index chess.pk_sprt_tasks
CREATE UNIQUE INDEX pk_sprt_tasks ON chess.sprt_tasks USING btree (id)

-- index chess.pk_task_assignments
CREATE UNIQUE INDEX pk_task_assignments ON chess.task_assignments USING btree (task_id, assignment_id)

-- index chess.pk_tasks
CREATE UNIQUE INDEX pk_tasks ON chess.tasks USING btree (id)

-- index chess.pk_time_controls
CREATE UNIQUE INDEX pk_time_controls ON chess.time_controls USING btree (id)

-- index chess.pk_training_games
CREATE UNIQUE INDEX pk_training_games ON chess.training_games USING btree (id)

-- index chess.pk_training_runs
CREATE UNIQUE INDEX pk_training_runs ON chess.training_runs USING btree (id)

-- index chess.pk_training_tasks
CREATE UNIQUE INDEX pk_training_tasks ON chess.training_tasks USING btree (id)

-- index chess.pk_tune_outputs
CREATE UNIQUE INDEX pk_tune_outputs ON chess.tune_outputs USING btree (task_id, iteration, kind)

-- index chess.pk_tune_param_sets
CREATE UNIQUE INDEX pk_tune_param_sets ON chess.tune_param_sets USING btree (id)

-- index chess.pk_tune_tasks
CREATE UNIQUE INDEX pk_tune_tasks ON chess.tune_tasks USING btree (id)

-- index chess.pk_users
CREATE UNIQUE INDEX pk_users ON chess.users USING btree (id)

-- index chess.pk_verdicts
CREATE UNIQUE INDEX pk_verdicts ON chess.verdicts USING btree (task_id)

-- index chess.uq_auth_tokens_token
CREATE UNIQUE INDEX uq_auth_tokens_token ON chess.auth_tokens USING btree (token)

-- index chess.uq_books_sha256
CREATE UNIQUE INDEX uq_books_sha256 ON chess.books USING btree (sha256)

-- index chess.uq_builds_repo_url_commit_hash_params
CREATE UNIQUE INDEX uq_builds_repo_url_commit_hash_params ON chess.builds USING btree (repo_url, commit_hash, params)

-- index chess.uq_match_tasks_regression_of_candidate_network_id_curre_9458
CREATE UNIQUE INDEX uq_match_tasks_regression_of_candidate_network_id_curre_9458 ON chess.match_tasks USING btree (regression_of, candidate_network_id, current_best_network_id)

-- index chess.uq_match_tasks_task_id
CREATE UNIQUE INDEX uq_match_tasks_task_id ON chess.match_tasks USING btree (task_id)

-- index chess.uq_match_tasks_training_task_id_candidate_network_id
CREATE UNIQUE INDEX uq_match_tasks_training_task_id_candidate_network_id ON chess.match_tasks USING btree (training_task_id, candidate_network_id)

-- index chess.uq_sprt_tasks_task_id
CREATE UNIQUE INDEX uq_sprt_tasks_task_id ON chess.sprt_tasks USING btree (task_id)

-- index chess.uq_time_controls_kind_base_ms_increment_ms_nodes
CREATE UNIQUE INDEX uq_time_controls_kind_base_ms_increment_ms_nodes ON chess.time_controls USING btree (kind, base_ms, increment_ms, nodes) NULLS NOT DISTINCT

-- index chess.uq_training_tasks_task_id
CREATE UNIQUE INDEX uq_training_tasks_task_id ON chess.training_tasks USING btree (task_id)

-- index chess.uq_tune_param_sets_tune_task_id_param_set_id
CREATE UNIQUE INDEX uq_tune_param_sets_tune_task_id_param_set_id ON chess.tune_param_sets USING btree (tune_task_id, param_set_id)

-- index chess.uq_tune_tasks_task_id
CREATE UNIQUE INDEX uq_tune_tasks_task_id ON chess.tune_tasks USING btree (task_id)

-- index competition.idx_leaderboards_board_created_at
CREATE INDEX idx_leaderboards_board_created_at ON competition.leaderboards USING btree (board, created_at)

-- index competition.idx_model_scores_computed_at
CREATE INDEX idx_model_scores_computed_at ON competition.model_scores USING btree (computed_at)

-- index competition.idx_model_scores_model_id_computed_at
CREATE INDEX idx_model_scores_model_id_computed_at ON competition.model_scores USING btree (model_id, computed_at)

-- index competition.idx_models_player_id
CREATE INDEX idx_models_player_id ON competition.models USING btree (player_id)

-- index competition.idx_predictions_model_id_scope_key
CREATE INDEX idx_predictions_model_id_scope_key ON competition.predictions USING btree (model_id, scope_key, performed_at)

-- index competition.idx_rounds_unfinished
CREATE INDEX idx_rounds_unfinished ON competition.rounds USING btree (resolvable_at, prediction_config_id, performed_at) WHERE ((status)::text = ANY ((ARRAY['open'::character varying, 'closed'::character varying, 'overdue'::character varying])::text[]))

-- index competition.pk_checkpoints
CREATE UNIQUE INDEX pk_checkpoints ON competition.checkpoints USING btree (id)

-- index competition.pk_closings
CREATE UNIQUE INDEX pk_closings ON competition.closings USING btree (prediction_config_id, performed_at)

-- index competition.pk_confirmations
CREATE UNIQUE INDEX pk_confirmations ON competition.confirmations USING btree (emission_id, status)

-- index competition.pk_debuts
CREATE UNIQUE INDEX pk_debuts ON competition.debuts USING btree (scope_key, model_id)

-- index competition.pk_emission_checkpoints
CREATE UNIQUE INDEX pk_emission_checkpoints ON competition.emission_checkpoints USING btree (id)

-- index competition.pk_judgements
CREATE UNIQUE INDEX pk_judgements ON competition.judgements USING btree (prediction_id, prediction_digest)

-- index competition.pk_leaderboards
CREATE UNIQUE INDEX pk_leaderboards ON competition.leaderboards USING btree (id)

-- index competition.pk_model_scores
CREATE UNIQUE INDEX pk_model_scores ON competition.model_scores USING btree (id)

-- index competition.pk_models
CREATE UNIQUE INDEX pk_models ON competition.models USING btree (id)

-- index competition.pk_predictions
CREATE UNIQUE INDEX pk_predictions ON competition.predictions USING btree (id)

-- index competition.pk_rounds
CREATE UNIQUE INDEX pk_rounds ON competition.rounds USING btree (prediction_config_id, performed_at)

-- index competition.pk_scheduled_prediction_configs
CREATE UNIQUE INDEX pk_scheduled_prediction_configs ON competition.scheduled_prediction_configs USING btree (id)

-- index competition.pk_submissions
CREATE UNIQUE INDEX pk_submissions ON competition.submissions USING btree (emission_id)

-- index competition.pk_tallies
CREATE UNIQUE INDEX pk_tallies ON competition.tallies USING btree (scope_key, hour, model_id)

-- index competition.pk_truths
CREATE UNIQUE INDEX pk_truths ON competition.truths USING btree (prediction_config_id, performed_at)

-- index competition.uq_emission_checkpoints_checkpoint_id_period_start
CREATE UNIQUE INDEX uq_emission_checkpoints_checkpoint_id_period_start ON competition.emission_checkpoints USING btree (checkpoint_id, period_start)

-- index competition.uq_predictions_prediction_config_id_performed_at_model__880f
CREATE UNIQUE INDEX uq_predictions_prediction_config_id_performed_at_model__880f ON competition.predictions USING btree (prediction_config_id, performed_at, model_id, absent)

-- index competition.uq_rounds_prediction_config_id_performed_at_resolvable__5676
CREATE UNIQUE INDEX uq_rounds_prediction_config_id_performed_at_resolvable__5676 ON competition.rounds USING btree (prediction_config_id, performed_at, resolvable_at, scope_key)

-- index evaluation.idx_rows_dataset_id_version
CREATE INDEX idx_rows_dataset_id_version ON evaluation.rows USING btree (dataset_id, version)

-- index evaluation.pk_confusion
CREATE UNIQUE INDEX pk_confusion ON evaluation.confusion USING btree (model_id, prompt_id, dataset_id, gold, predicted)

-- index evaluation.pk_dataset_versions
CREATE UNIQUE INDEX pk_dataset_versions ON evaluation.dataset_versions USING btree (dataset_id, version)

-- index evaluation.pk_datasets
CREATE UNIQUE INDEX pk_datasets ON evaluation.datasets USING btree (dataset_id)

-- index evaluation.pk_latency
CREATE UNIQUE INDEX pk_latency ON evaluation.latency USING btree (model_id, prompt_id, dataset_id, bucket)

-- index evaluation.pk_modelpromptstatus
CREATE UNIQUE INDEX pk_modelpromptstatus ON evaluation.modelpromptstatus USING btree (model_id, prompt_id, dataset_id)

-- index evaluation.pk_models
CREATE UNIQUE INDEX pk_models ON evaluation.models USING btree (model_id)

-- index evaluation.pk_predictions
CREATE UNIQUE INDEX pk_predictions ON evaluation.predictions USING btree (prediction_id)

-- index evaluation.pk_predictionstatus
CREATE UNIQUE INDEX pk_predictionstatus ON evaluation.predictionstatus USING btree (row_id, model_id, prompt_id)

-- index evaluation.pk_prompts
CREATE UNIQUE INDEX pk_prompts ON evaluation.prompts USING btree (prompt_id)

-- index evaluation.pk_rows
CREATE UNIQUE INDEX pk_rows ON evaluation.rows USING btree (row_id)

-- index evaluation.pk_scores
CREATE UNIQUE INDEX pk_scores ON evaluation.scores USING btree (model_id, prompt_id, row_id, attempt, truth_version, prediction_digest)

-- index evaluation.pk_status_update_log
CREATE UNIQUE INDEX pk_status_update_log ON evaluation.status_update_log USING btree (id)

-- index evaluation.uq_predictions_model_id_prompt_id_row_id_attempt
CREATE UNIQUE INDEX uq_predictions_model_id_prompt_id_row_id_attempt ON evaluation.predictions USING btree (model_id, prompt_id, row_id, attempt)

-- index evaluation.uq_predictionstatus_model_id_prompt_id_dataset_id_row_id
CREATE UNIQUE INDEX uq_predictionstatus_model_id_prompt_id_dataset_id_row_id ON evaluation.predictionstatus USING btree (model_id, prompt_id, dataset_id, row_id)

-- index evaluation.uq_rows_row_id_dataset_id
CREATE UNIQUE INDEX uq_rows_row_id_dataset_id ON evaluation.rows USING btree (row_id, dataset_id)

-- index evaluation.uq_status_update_log_model_id_prompt_id_dataset_id_epoch_status
CREATE UNIQUE INDEX uq_status_update_log_model_id_prompt_id_dataset_id_epoch_status ON evaluation.status_update_log USING btree (model_id, prompt_id, dataset_id, epoch, status)

-- index ledger.idx_dead_relay
CREATE INDEX idx_dead_relay ON ledger.dead USING btree (topic) WHERE (relayed_at IS NULL)

-- index ledger.idx_operation_place_offset
CREATE INDEX idx_operation_place_offset ON ledger.operation USING btree (place_offset)

-- index ledger.idx_parked_parent
CREATE INDEX idx_parked_parent ON ledger.parked USING btree (parent_table, parent_key)

-- index ledger.idx_snapshot_board_cut_at
CREATE INDEX idx_snapshot_board_cut_at ON ledger.snapshot USING btree (board, cut_at)

-- index ledger.pk_dead
CREATE UNIQUE INDEX pk_dead ON ledger.dead USING btree (topic, partition, "offset")

-- index ledger.pk_failure
CREATE UNIQUE INDEX pk_failure ON ledger.failure USING btree (loop, subject)

-- index ledger.pk_id_range
CREATE UNIQUE INDEX pk_id_range ON ledger.id_range USING btree (kind, request)

-- index ledger.pk_identity
CREATE UNIQUE INDEX pk_identity ON ledger.identity USING btree ("only")

-- index ledger.pk_lease
CREATE UNIQUE INDEX pk_lease ON ledger.lease USING btree (name)

-- index ledger.pk_loop
CREATE UNIQUE INDEX pk_loop ON ledger.loop USING btree (name, process)

-- index ledger.pk_offset
CREATE UNIQUE INDEX pk_offset ON ledger."offset" USING btree (topic, partition)

-- index ledger.pk_operation
CREATE UNIQUE INDEX pk_operation ON ledger.operation USING btree (request)

-- index ledger.pk_outside_write
CREATE UNIQUE INDEX pk_outside_write ON ledger.outside_write USING btree (id)

-- index ledger.pk_parked
CREATE UNIQUE INDEX pk_parked ON ledger.parked USING btree (topic, partition, "offset")

-- index ledger.pk_rebuild
CREATE UNIQUE INDEX pk_rebuild ON ledger.rebuild USING btree (run)

-- index ledger.pk_repair
CREATE UNIQUE INDEX pk_repair ON ledger.repair USING btree (id)

-- index ledger.pk_snapshot
CREATE UNIQUE INDEX pk_snapshot ON ledger.snapshot USING btree (board, snapshot)

-- index ledger.pk_snapshot_part
CREATE UNIQUE INDEX pk_snapshot_part ON ledger.snapshot_part USING btree (board, snapshot, part)

-- index replays.idx_gfwl_team_submissions_job_id
CREATE INDEX idx_gfwl_team_submissions_job_id ON replays.gfwl_team_submissions USING btree (job_id)

-- index replays.idx_gfwl_team_submissions_job_id_confirmation_status
CREATE INDEX idx_gfwl_team_submissions_job_id_confirmation_status ON replays.gfwl_team_submissions USING btree (job_id, confirmation_status)

-- index replays.idx_job_urls_url
CREATE INDEX idx_job_urls_url ON replays.job_urls USING btree (url)

-- index replays.idx_jobs_public
CREATE INDEX idx_jobs_public ON replays.jobs USING btree (id) WHERE is_public

-- index replays.idx_jobs_status_created_at
CREATE INDEX idx_jobs_status_created_at ON replays.jobs USING btree (status, created_at)

-- index replays.idx_jobs_user_id
CREATE INDEX idx_jobs_user_id ON replays.jobs USING btree (user_id)

-- index replays.idx_jobs_user_id_job_type
CREATE INDEX idx_jobs_user_id_job_type ON replays.jobs USING btree (user_id, job_type)

-- index replays.idx_jobs_user_id_status
CREATE INDEX idx_jobs_user_id_status ON replays.jobs USING btree (user_id, status)

-- index replays.idx_scrapes_status
CREATE INDEX idx_scrapes_status ON replays.scrapes USING btree (status, lease_until)

-- index replays.pk_confirmations
CREATE UNIQUE INDEX pk_confirmations ON replays.confirmations USING btree (job_id, team_name)

-- index replays.pk_decks
CREATE UNIQUE INDEX pk_decks ON replays.decks USING btree (url, parser_version, game, player, model_version)

-- index replays.pk_discoveries
CREATE UNIQUE INDEX pk_discoveries ON replays.discoveries USING btree (job_id, team_name, revision)

-- index replays.pk_games
CREATE UNIQUE INDEX pk_games ON replays.games USING btree (url, parser_version, game)

-- index replays.pk_gfwl_team_submissions
CREATE UNIQUE INDEX pk_gfwl_team_submissions ON replays.gfwl_team_submissions USING btree (id)

-- index replays.pk_job_urls
CREATE UNIQUE INDEX pk_job_urls ON replays.job_urls USING btree (job_id, url)

-- index replays.pk_jobs
CREATE UNIQUE INDEX pk_jobs ON replays.jobs USING btree (id)

-- index replays.pk_replays
CREATE UNIQUE INDEX pk_replays ON replays.replays USING btree (url)

-- index replays.pk_scrape_failures
CREATE UNIQUE INDEX pk_scrape_failures ON replays.scrape_failures USING btree (url, epoch)

-- index replays.pk_scraped_data
CREATE UNIQUE INDEX pk_scraped_data ON replays.scraped_data USING btree (id)

-- index replays.pk_scrapes
CREATE UNIQUE INDEX pk_scrapes ON replays.scrapes USING btree (url)

-- index replays.pk_users
CREATE UNIQUE INDEX pk_users ON replays.users USING btree (id)

-- index replays.uq_gfwl_team_submissions_job_id_team_name
CREATE UNIQUE INDEX uq_gfwl_team_submissions_job_id_team_name ON replays.gfwl_team_submissions USING btree (job_id, team_name)

-- index replays.uq_jobs_shareable_id
CREATE UNIQUE INDEX uq_jobs_shareable_id ON replays.jobs USING btree (shareable_id)

-- index replays.uq_scraped_data_url
CREATE UNIQUE INDEX uq_scraped_data_url ON replays.scraped_data USING btree (url)

-- index replays.uq_users_clerk_user_id
CREATE UNIQUE INDEX uq_users_clerk_user_id ON replays.users USING btree (clerk_user_id)

-- index seismic.idx_datasets_job
CREATE UNIQUE INDEX idx_datasets_job ON seismic.datasets USING btree (job_id) WHERE (job_id IS NOT NULL)

-- index seismic.idx_datasets_user
CREATE INDEX idx_datasets_user ON seismic.datasets USING btree (user_id)

-- index seismic.idx_jobs_created
CREATE INDEX idx_jobs_created ON seismic.jobs USING btree (created_at)

-- index seismic.idx_jobs_dataset
CREATE INDEX idx_jobs_dataset ON seismic.jobs USING btree (dataset_id)

-- index seismic.idx_jobs_model
CREATE INDEX idx_jobs_model ON seismic.jobs USING btree (model_id)

-- index seismic.idx_jobs_status
CREATE INDEX idx_jobs_status ON seismic.jobs USING btree (status)

-- index seismic.idx_jobs_user
CREATE INDEX idx_jobs_user ON seismic.jobs USING btree (user_id)

-- index seismic.idx_results_output
CREATE INDEX idx_results_output ON seismic.results USING btree (output_dataset_id)

-- index seismic.pk_datasets
CREATE UNIQUE INDEX pk_datasets ON seismic.datasets USING btree (id)

-- index seismic.pk_definitions
CREATE UNIQUE INDEX pk_definitions ON seismic.definitions USING btree (metric, definition)

-- index seismic.pk_denoised
CREATE UNIQUE INDEX pk_denoised ON seismic.denoised USING btree (job_id, attempt, trace)

-- index seismic.pk_jobs
CREATE UNIQUE INDEX pk_jobs ON seismic.jobs USING btree (id)

-- index seismic.pk_measurements
CREATE UNIQUE INDEX pk_measurements ON seismic.measurements USING btree (job_id, attempt, metric, definition, trace)

-- index seismic.pk_models
CREATE UNIQUE INDEX pk_models ON seismic.models USING btree (id)

-- index seismic.pk_parts
CREATE UNIQUE INDEX pk_parts ON seismic.parts USING btree (dataset_id, attempt, part)

-- index seismic.pk_results
CREATE UNIQUE INDEX pk_results ON seismic.results USING btree (id)

-- index seismic.pk_spread
CREATE UNIQUE INDEX pk_spread ON seismic.spread USING btree (job_id, attempt, metric, definition, near)

-- index seismic.pk_summaries
CREATE UNIQUE INDEX pk_summaries ON seismic.summaries USING btree (job_id, attempt, metric, definition)

-- index seismic.pk_timings
CREATE UNIQUE INDEX pk_timings ON seismic.timings USING btree (job_id, attempt)

-- index seismic.pk_uploads
CREATE UNIQUE INDEX pk_uploads ON seismic.uploads USING btree (dataset_id, attempt)

-- index seismic.pk_users
CREATE UNIQUE INDEX pk_users ON seismic.users USING btree (id)

-- index seismic.uq_models_name_version
CREATE UNIQUE INDEX uq_models_name_version ON seismic.models USING btree (name, version)

-- index seismic.uq_results_job_id_attempt
CREATE UNIQUE INDEX uq_results_job_id_attempt ON seismic.results USING btree (job_id, attempt)

-- index seismic.uq_users_email
CREATE UNIQUE INDEX uq_users_email ON seismic.users USING btree (email)

-- relation chess.anomalies
v p

-- relation chess.auth_tokens
r p

-- relation chess.auth_tokens_id_seq
S p

-- relation chess.books
r p

-- relation chess.books_id_seq
S p

-- relation chess.builds
r p

-- relation chess.builds_id_seq
S p

-- relation chess.clients
r p

-- relation chess.clients_id_seq
S p

-- relation chess.game_results
r p

-- relation chess.games
v p

-- relation chess.idx_auth_tokens_last_used_at
i p

-- relation chess.idx_auth_tokens_user_id
i p

-- relation chess.idx_match_games_match_id
i p

-- relation chess.idx_networks_sha
i p

-- relation chess.idx_networks_training_run_id
i p

-- relation chess.idx_task_assignments_active
i p

-- relation chess.idx_task_assignments_assigned_token_id
i p

-- relation chess.idx_tasks_task_type_status
i p

-- relation chess.idx_training_games_client_id
i p

-- relation chess.idx_training_games_created_at
i p

-- relation chess.idx_training_games_network_id
i p

-- relation chess.idx_training_games_training_run_id
i p

-- relation chess.idx_training_games_user_id
i p

-- relation chess.idx_training_tasks_training_run_id
i p

-- relation chess.match_games
r p

-- relation chess.match_games_id_seq
S p

-- relation chess.match_tasks
r p fillfactor=50

-- relation chess.match_tasks_id_seq
S p

-- relation chess.matches
r p

-- relation chess.matches_id_seq
S p

-- relation chess.network_marks
r p

-- relation chess.networks
r p

-- relation chess.networks_id_seq
S p

-- relation chess.pk_auth_tokens
i p

-- relation chess.pk_books
i p

-- relation chess.pk_builds
i p

-- relation chess.pk_clients
i p

-- relation chess.pk_game_results
i p

-- relation chess.pk_match_games
i p

-- relation chess.pk_match_tasks
i p

-- relation chess.pk_matches
i p

-- relation chess.pk_network_marks
i p

-- relation chess.pk_networks
i p

-- relation chess.pk_promotions
i p

-- relation chess.pk_server_data
i p

-- relation chess.pk_sprt_tasks
i p

-- relation chess.pk_task_assignments
i p

-- relation chess.pk_tasks
i p

-- relation chess.pk_time_controls
i p

-- relation chess.pk_training_games
i p

-- relation chess.pk_training_runs
i p

-- relation chess.pk_training_tasks
i p

-- relation chess.pk_tune_outputs
i p

-- relation chess.pk_tune_param_sets
i p

-- relation chess.pk_tune_tasks
i p

-- relation chess.pk_users
i p

-- relation chess.pk_verdicts
i p

-- relation chess.promotions
r p

-- relation chess.server_data
r p

-- relation chess.server_data_id_seq
S p

-- relation chess.special_networks
v p

-- relation chess.sprt_tasks
r p fillfactor=50

-- relation chess.sprt_tasks_id_seq
S p

-- relation chess.tally
c p

-- relation chess.task_assignments
r p

-- relation chess.tasks
r p

-- relation chess.tasks_id_seq
S p

-- relation chess.time_controls
r p

-- relation chess.time_controls_id_seq
S p

-- relation chess.token_validity
v p

-- relation chess.training_games
r p

-- relation chess.training_games_id_seq
S p

-- relation chess.training_runs
r p

-- relation chess.training_runs_id_seq
S p

-- relation chess.training_tasks
r p

-- relation chess.training_tasks_id_seq
S p

-- relation chess.tune_outputs
r p

-- relation chess.tune_param_sets
r p fillfactor=50

-- relation chess.tune_param_sets_id_seq
S p

-- relation chess.tune_tasks
r p

-- relation chess.tune_tasks_id_seq
S p

-- relation chess.uq_auth_tokens_token
i p

-- relation chess.uq_books_sha256
i p

-- relation chess.uq_builds_repo_url_commit_hash_params
i p

-- relation chess.uq_match_tasks_regression_of_candidate_network_id_curre_9458
i p

-- relation chess.uq_match_tasks_task_id
i p

-- relation chess.uq_match_tasks_training_task_id_candidate_network_id
i p

-- relation chess.uq_sprt_tasks_task_id
i p

-- relation chess.uq_time_controls_kind_base_ms_increment_ms_nodes
i p

-- relation chess.uq_training_tasks_task_id
i p

-- relation chess.uq_tune_param_sets_tune_task_id_param_set_id
i p

-- relation chess.uq_tune_tasks_task_id
i p

-- relation chess.users
r p

-- relation chess.users_id_seq
S p

-- relation chess.verdicts
r p

-- relation competition.checkpoints
r p

-- relation competition.closings
r p

-- relation competition.confirmations
r p

-- relation competition.debuts
r p

-- relation competition.delta
c p

-- relation competition.emission_checkpoints
r p

-- relation competition.idx_leaderboards_board_created_at
i p

-- relation competition.idx_model_scores_computed_at
i p

-- relation competition.idx_model_scores_model_id_computed_at
i p

-- relation competition.idx_models_player_id
i p

-- relation competition.idx_predictions_model_id_scope_key
i p

-- relation competition.idx_rounds_unfinished
i p

-- relation competition.judgements
r p

-- relation competition.late_predictions
v p

-- relation competition.leaderboards
r p

-- relation competition.model_scores
r p

-- relation competition.models
r p

-- relation competition.pk_checkpoints
i p

-- relation competition.pk_closings
i p

-- relation competition.pk_confirmations
i p

-- relation competition.pk_debuts
i p

-- relation competition.pk_emission_checkpoints
i p

-- relation competition.pk_judgements
i p

-- relation competition.pk_leaderboards
i p

-- relation competition.pk_model_scores
i p

-- relation competition.pk_models
i p

-- relation competition.pk_predictions
i p

-- relation competition.pk_rounds
i p

-- relation competition.pk_scheduled_prediction_configs
i p

-- relation competition.pk_submissions
i p

-- relation competition.pk_tallies
i p

-- relation competition.pk_truths
i p

-- relation competition.predictions
r p fillfactor=50

-- relation competition.rounds
r p

-- relation competition.scheduled_prediction_configs
r p

-- relation competition.submissions
r p

-- relation competition.tallies
r p fillfactor=50

-- relation competition.truths
r p

-- relation competition.uq_emission_checkpoints_checkpoint_id_period_start
i p

-- relation competition.uq_predictions_prediction_config_id_performed_at_model__880f
i p

-- relation competition.uq_rounds_prediction_config_id_performed_at_resolvable__5676
i p

-- relation evaluation.confusion
r p fillfactor=50

-- relation evaluation.dataset_versions
r p

-- relation evaluation.datasets
r p

-- relation evaluation.datasets_dataset_id_seq
S p

-- relation evaluation.delta
c p

-- relation evaluation.idx_rows_dataset_id_version
i p

-- relation evaluation.latency
r p fillfactor=50

-- relation evaluation.modelpromptstatus
r p fillfactor=50

-- relation evaluation.models
r p

-- relation evaluation.models_model_id_seq
S p

-- relation evaluation.pk_confusion
i p

-- relation evaluation.pk_dataset_versions
i p

-- relation evaluation.pk_datasets
i p

-- relation evaluation.pk_latency
i p

-- relation evaluation.pk_modelpromptstatus
i p

-- relation evaluation.pk_models
i p

-- relation evaluation.pk_predictions
i p

-- relation evaluation.pk_predictionstatus
i p

-- relation evaluation.pk_prompts
i p

-- relation evaluation.pk_rows
i p

-- relation evaluation.pk_scores
i p

-- relation evaluation.pk_status_update_log
i p

-- relation evaluation.predictions
r p

-- relation evaluation.predictions_prediction_id_seq
S p

-- relation evaluation.predictionstatus
r p fillfactor=40

-- relation evaluation.prompts
r p

-- relation evaluation.prompts_prompt_id_seq
S p

-- relation evaluation.rows
r p

-- relation evaluation.rows_row_id_seq
S p

-- relation evaluation.scores
r p

-- relation evaluation.standing
c p

-- relation evaluation.status_update_log
r p

-- relation evaluation.status_update_log_id_seq
S p

-- relation evaluation.uq_predictions_model_id_prompt_id_row_id_attempt
i p

-- relation evaluation.uq_predictionstatus_model_id_prompt_id_dataset_id_row_id
i p

-- relation evaluation.uq_rows_row_id_dataset_id
i p

-- relation evaluation.uq_status_update_log_model_id_prompt_id_dataset_id_epoch_status
i p

-- relation ledger."offset"
r p fillfactor=50

-- relation ledger.dead
r p

-- relation ledger.epoch
S p

-- relation ledger.failure
r p

-- relation ledger.id_range
r p

-- relation ledger.identity
r p

-- relation ledger.idx_dead_relay
i p

-- relation ledger.idx_operation_place_offset
i p

-- relation ledger.idx_parked_parent
i p

-- relation ledger.idx_snapshot_board_cut_at
i p

-- relation ledger.lease
r p

-- relation ledger.loop
r p

-- relation ledger.operation
r p

-- relation ledger.outside_write
r p

-- relation ledger.outside_write_id_seq
S p

-- relation ledger.parked
r p

-- relation ledger.pk_dead
i p

-- relation ledger.pk_failure
i p

-- relation ledger.pk_id_range
i p

-- relation ledger.pk_identity
i p

-- relation ledger.pk_lease
i p

-- relation ledger.pk_loop
i p

-- relation ledger.pk_offset
i p

-- relation ledger.pk_operation
i p

-- relation ledger.pk_outside_write
i p

-- relation ledger.pk_parked
i p

-- relation ledger.pk_rebuild
i p

-- relation ledger.pk_repair
i p

-- relation ledger.pk_snapshot
i p

-- relation ledger.pk_snapshot_part
i p

-- relation ledger.published_snapshot
v p

-- relation ledger.rebuild
r p

-- relation ledger.repair
r p

-- relation ledger.repair_id_seq
S p

-- relation ledger.snapshot
r p

-- relation ledger.snapshot_part
r p

-- relation replays.confirmations
r p

-- relation replays.decks
r p

-- relation replays.discoveries
r p

-- relation replays.games
r p

-- relation replays.gfwl_team_submissions
r p

-- relation replays.idx_gfwl_team_submissions_job_id
i p

-- relation replays.idx_gfwl_team_submissions_job_id_confirmation_status
i p

-- relation replays.idx_job_urls_url
i p

-- relation replays.idx_jobs_public
i p

-- relation replays.idx_jobs_status_created_at
i p

-- relation replays.idx_jobs_user_id
i p

-- relation replays.idx_jobs_user_id_job_type
i p

-- relation replays.idx_jobs_user_id_status
i p

-- relation replays.idx_scrapes_status
i p

-- relation replays.job_types
v p

-- relation replays.job_urls
r p fillfactor=70

-- relation replays.jobs
r p fillfactor=50

-- relation replays.jobs_over_rate
v p security_invoker=true

-- relation replays.link_delta
c p

-- relation replays.pk_confirmations
i p

-- relation replays.pk_decks
i p

-- relation replays.pk_discoveries
i p

-- relation replays.pk_games
i p

-- relation replays.pk_gfwl_team_submissions
i p

-- relation replays.pk_job_urls
i p

-- relation replays.pk_jobs
i p

-- relation replays.pk_replays
i p

-- relation replays.pk_scrape_failures
i p

-- relation replays.pk_scraped_data
i p

-- relation replays.pk_scrapes
i p

-- relation replays.pk_users
i p

-- relation replays.public_decks
v p

-- relation replays.public_games
v p

-- relation replays.public_jobs
v p

-- relation replays.public_teams
v p

-- relation replays.replays
r p

-- relation replays.scrape_failures
r p

-- relation replays.scraped_data
r p

-- relation replays.scrapes
r p fillfactor=50

-- relation replays.team_delta
c p

-- relation replays.uq_gfwl_team_submissions_job_id_team_name
i p

-- relation replays.uq_jobs_shareable_id
i p

-- relation replays.uq_scraped_data_url
i p

-- relation replays.uq_users_clerk_user_id
i p

-- relation replays.users
r p

-- relation seismic.datasets
r p fillfactor=70

-- relation seismic.definitions
r p

-- relation seismic.denoised
r p

-- relation seismic.final_results
v p the one result of each completed job; the others in results came too late

-- relation seismic.idx_datasets_job
i p

-- relation seismic.idx_datasets_user
i p

-- relation seismic.idx_jobs_created
i p

-- relation seismic.idx_jobs_dataset
i p

-- relation seismic.idx_jobs_model
i p

-- relation seismic.idx_jobs_status
i p

-- relation seismic.idx_jobs_user
i p

-- relation seismic.idx_results_output
i p

-- relation seismic.jobs
r p fillfactor=50

-- relation seismic.measurements
r p

-- relation seismic.models
r p

-- relation seismic.parts
r p

-- relation seismic.pk_datasets
i p

-- relation seismic.pk_definitions
i p

-- relation seismic.pk_denoised
i p

-- relation seismic.pk_jobs
i p

-- relation seismic.pk_measurements
i p

-- relation seismic.pk_models
i p

-- relation seismic.pk_parts
i p

-- relation seismic.pk_results
i p

-- relation seismic.pk_spread
i p

-- relation seismic.pk_summaries
i p

-- relation seismic.pk_timings
i p

-- relation seismic.pk_uploads
i p

-- relation seismic.pk_users
i p

-- relation seismic.results
r p

-- relation seismic.spread
r p fillfactor=50

-- relation seismic.summaries
r p fillfactor=50

-- relation seismic.timings
r p fillfactor=50

-- relation seismic.uploads
r p fillfactor=70

-- relation seismic.uq_models_name_version
i p

-- relation seismic.uq_results_job_id_attempt
i p

-- relation seismic.uq_users_email
i p

-- relation seismic.users
r p

-- schema chess


-- schema competition


-- schema evaluation


-- schema ledger


-- schema replays


-- schema seismic


-- sequence chess.auth_tokens_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.auth_tokens.id

-- sequence chess.books_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.books.id

-- sequence chess.builds_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.builds.id

-- sequence chess.clients_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.clients.id

-- sequence chess.match_games_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.match_games.id

-- sequence chess.match_tasks_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.match_tasks.id

-- sequence chess.matches_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.matches.id

-- sequence chess.networks_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.networks.id

-- sequence chess.server_data_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.server_data.id

-- sequence chess.sprt_tasks_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.sprt_tasks.id

-- sequence chess.tasks_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.tasks.id

-- sequence chess.time_controls_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.time_controls.id

-- sequence chess.training_games_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.training_games.id

-- sequence chess.training_runs_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.training_runs.id

-- sequence chess.training_tasks_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.training_tasks.id

-- sequence chess.tune_param_sets_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.tune_param_sets.id

-- sequence chess.tune_tasks_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.tune_tasks.id

-- sequence chess.users_id_seq
bigint 1000000000000000 1 1 9223372036854775807 OWNED BY chess.users.id

-- sequence evaluation.datasets_dataset_id_seq
integer 1000000000 1 1 2147483647 OWNED BY evaluation.datasets.dataset_id

-- sequence evaluation.models_model_id_seq
integer 1000000000 1 1 2147483647 OWNED BY evaluation.models.model_id

-- sequence evaluation.predictions_prediction_id_seq
integer 1 1 1 2147483647 OWNED BY evaluation.predictions.prediction_id

-- sequence evaluation.prompts_prompt_id_seq
integer 1000000000 1 1 2147483647 OWNED BY evaluation.prompts.prompt_id

-- sequence evaluation.rows_row_id_seq
integer 1000000000 1 1 2147483647 OWNED BY evaluation.rows.row_id

-- sequence evaluation.status_update_log_id_seq
integer 1 1 1 2147483647 OWNED BY evaluation.status_update_log.id

-- sequence ledger.epoch
bigint 1 1 1 9223372036854775807

-- sequence ledger.outside_write_id_seq
bigint 1 1 1 9223372036854775807 OWNED BY ledger.outside_write.id

-- sequence ledger.repair_id_seq
bigint 1 1 1 9223372036854775807 OWNED BY ledger.repair.id

-- trigger chess.auth_tokens auth_tokens_060_touch
CREATE TRIGGER auth_tokens_060_touch BEFORE UPDATE ON chess.auth_tokens FOR EACH ROW WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION chess.touch() -- A

-- trigger chess.auth_tokens auth_tokens_100_guard
CREATE TRIGGER auth_tokens_100_guard AFTER UPDATE ON chess.auth_tokens REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION chess.auth_tokens_100_guard() -- A

-- trigger chess.auth_tokens auth_tokens_100_immutable
CREATE TRIGGER auth_tokens_100_immutable BEFORE UPDATE OF id, token, created_at, user_id, issued_reason, prefix, issuer, subject, expires_at, rotated_from, place_partition, place_offset ON chess.auth_tokens FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.auth_tokens auth_tokens_900_outside_delete
CREATE TRIGGER auth_tokens_900_outside_delete AFTER DELETE ON chess.auth_tokens REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('token') -- A

-- trigger chess.auth_tokens auth_tokens_900_outside_insert
CREATE TRIGGER auth_tokens_900_outside_insert AFTER INSERT ON chess.auth_tokens REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('token') -- A

-- trigger chess.auth_tokens auth_tokens_900_outside_truncate
CREATE TRIGGER auth_tokens_900_outside_truncate AFTER TRUNCATE ON chess.auth_tokens FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.auth_tokens auth_tokens_900_outside_update
CREATE TRIGGER auth_tokens_900_outside_update AFTER UPDATE ON chess.auth_tokens REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('token') -- A

-- trigger chess.books books_060_touch
CREATE TRIGGER books_060_touch BEFORE UPDATE ON chess.books FOR EACH ROW WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION chess.touch() -- A

-- trigger chess.books books_900_outside_delete
CREATE TRIGGER books_900_outside_delete AFTER DELETE ON chess.books REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('sha256') -- A

-- trigger chess.books books_900_outside_insert
CREATE TRIGGER books_900_outside_insert AFTER INSERT ON chess.books REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('sha256') -- A

-- trigger chess.books books_900_outside_truncate
CREATE TRIGGER books_900_outside_truncate AFTER TRUNCATE ON chess.books FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.books books_900_outside_update
CREATE TRIGGER books_900_outside_update AFTER UPDATE ON chess.books REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('sha256') -- A

-- trigger chess.builds builds_100_immutable
CREATE TRIGGER builds_100_immutable BEFORE UPDATE OF id, repo_url, commit_hash, params ON chess.builds FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.builds builds_900_outside_delete
CREATE TRIGGER builds_900_outside_delete AFTER DELETE ON chess.builds REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('repo_url', 'commit_hash', 'params') -- A

-- trigger chess.builds builds_900_outside_insert
CREATE TRIGGER builds_900_outside_insert AFTER INSERT ON chess.builds REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('repo_url', 'commit_hash', 'params') -- A

-- trigger chess.builds builds_900_outside_truncate
CREATE TRIGGER builds_900_outside_truncate AFTER TRUNCATE ON chess.builds FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.builds builds_900_outside_update
CREATE TRIGGER builds_900_outside_update AFTER UPDATE ON chess.builds REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('repo_url', 'commit_hash', 'params') -- A

-- trigger chess.clients clients_050_legacy
CREATE TRIGGER clients_050_legacy BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON chess.clients FOR EACH STATEMENT EXECUTE FUNCTION chess.keep_legacy() -- A

-- trigger chess.clients clients_100_immutable
CREATE TRIGGER clients_100_immutable BEFORE UPDATE OF id, user_id, client_name, last_version, last_engine_version, last_game_at, gpu_name, place_partition, place_offset ON chess.clients FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.clients clients_900_outside_delete
CREATE TRIGGER clients_900_outside_delete AFTER DELETE ON chess.clients REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.clients clients_900_outside_insert
CREATE TRIGGER clients_900_outside_insert AFTER INSERT ON chess.clients REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.clients clients_900_outside_truncate
CREATE TRIGGER clients_900_outside_truncate AFTER TRUNCATE ON chess.clients FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.clients clients_900_outside_update
CREATE TRIGGER clients_900_outside_update AFTER UPDATE ON chess.clients REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.game_results game_results_100_immutable
CREATE TRIGGER game_results_100_immutable BEFORE UPDATE OF task_id, pair_key, seq, param_set_id, assignment_id, result, candidate_is_white, detailed_outcome, crash_type, played_at, place_partition, place_offset ON chess.game_results FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.game_results game_results_200_reference_task_assignments
CREATE TRIGGER game_results_200_reference_task_assignments AFTER INSERT ON chess.game_results REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_reference_task_assignments() -- A

-- trigger chess.game_results game_results_200_reference_tasks
CREATE TRIGGER game_results_200_reference_tasks AFTER INSERT ON chess.game_results REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_reference_tasks() -- A

-- trigger chess.game_results game_results_200_reference_tune_param_sets
CREATE TRIGGER game_results_200_reference_tune_param_sets AFTER INSERT ON chess.game_results REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_reference_tune_param_sets() -- A

-- trigger chess.game_results game_results_200_referred_verdicts
CREATE TRIGGER game_results_200_referred_verdicts AFTER DELETE ON chess.game_results REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_referred_verdicts() -- A

-- trigger chess.game_results game_results_200_referred_verdicts_key
CREATE TRIGGER game_results_200_referred_verdicts_key AFTER UPDATE OF task_id, pair_key, seq ON chess.game_results FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_referred_verdicts() -- A

-- trigger chess.game_results game_results_200_referred_verdicts_truncate
CREATE TRIGGER game_results_200_referred_verdicts_truncate AFTER TRUNCATE ON chess.game_results FOR EACH STATEMENT EXECUTE FUNCTION chess.game_results_200_referred_verdicts() -- A

-- trigger chess.game_results game_results_500_delete
CREATE TRIGGER game_results_500_delete AFTER DELETE ON chess.game_results REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks() -- A

-- trigger chess.game_results game_results_500_tally
CREATE TRIGGER game_results_500_tally AFTER INSERT ON chess.game_results REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.count_games() -- A

-- trigger chess.game_results game_results_500_truncate
CREATE TRIGGER game_results_500_truncate AFTER TRUNCATE ON chess.game_results FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks() -- A

-- trigger chess.game_results game_results_900_outside_delete
CREATE TRIGGER game_results_900_outside_delete AFTER DELETE ON chess.game_results REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id', 'pair_key', 'seq') -- A

-- trigger chess.game_results game_results_900_outside_insert
CREATE TRIGGER game_results_900_outside_insert AFTER INSERT ON chess.game_results REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id', 'pair_key', 'seq') -- A

-- trigger chess.game_results game_results_900_outside_truncate
CREATE TRIGGER game_results_900_outside_truncate AFTER TRUNCATE ON chess.game_results FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.game_results game_results_900_outside_update
CREATE TRIGGER game_results_900_outside_update AFTER UPDATE ON chess.game_results REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id', 'pair_key', 'seq') -- A

-- trigger chess.match_games match_games_100_immutable
CREATE TRIGGER match_games_100_immutable BEFORE UPDATE OF id, created_at, user_id, match_id, version, pgn, result, done, flip, engine_version, place_partition, place_offset ON chess.match_games FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.match_games match_games_900_outside_delete
CREATE TRIGGER match_games_900_outside_delete AFTER DELETE ON chess.match_games REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.match_games match_games_900_outside_insert
CREATE TRIGGER match_games_900_outside_insert AFTER INSERT ON chess.match_games REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.match_games match_games_900_outside_truncate
CREATE TRIGGER match_games_900_outside_truncate AFTER TRUNCATE ON chess.match_games FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.match_games match_games_900_outside_update
CREATE TRIGGER match_games_900_outside_update AFTER UPDATE ON chess.match_games REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.match_tasks match_tasks_100_immutable
CREATE TRIGGER match_tasks_100_immutable BEFORE UPDATE OF id, created_at, updated_at, task_id, training_task_id, candidate_network_id, current_best_network_id, regression_of, game_cap, threshold_elo, test_only, special_params, target_slice, place_partition, place_offset ON chess.match_tasks FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.match_tasks match_tasks_100_tallied
CREATE TRIGGER match_tasks_100_tallied BEFORE UPDATE OF games_created, done, passed, wins, losses, draws, ll, ld, dd, dw, ww, unpaired, crashes, timeouts, late ON chess.match_tasks FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger chess.match_tasks match_tasks_300_extends
CREATE TRIGGER match_tasks_300_extends AFTER INSERT ON chess.match_tasks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.extends_its_task() -- A

-- trigger chess.match_tasks match_tasks_500_tally
CREATE TRIGGER match_tasks_500_tally AFTER INSERT ON chess.match_tasks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks() -- A

-- trigger chess.match_tasks match_tasks_800_extends
CREATE CONSTRAINT TRIGGER match_tasks_800_extends AFTER DELETE ON chess.match_tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chess.has_both_rows() -- A

-- trigger chess.match_tasks match_tasks_900_outside_delete
CREATE TRIGGER match_tasks_900_outside_delete AFTER DELETE ON chess.match_tasks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.match_tasks match_tasks_900_outside_insert
CREATE TRIGGER match_tasks_900_outside_insert AFTER INSERT ON chess.match_tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.match_tasks match_tasks_900_outside_truncate
CREATE TRIGGER match_tasks_900_outside_truncate AFTER TRUNCATE ON chess.match_tasks FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.match_tasks match_tasks_900_outside_update
CREATE TRIGGER match_tasks_900_outside_update AFTER UPDATE ON chess.match_tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.matches matches_100_immutable
CREATE TRIGGER matches_100_immutable BEFORE UPDATE OF id, training_run_id, parameters, candidate_id, current_best_id, games_created, wins, losses, draws, game_cap, done, passed, test_only, special_params, target_slice, place_partition, place_offset ON chess.matches FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.matches matches_900_outside_delete
CREATE TRIGGER matches_900_outside_delete AFTER DELETE ON chess.matches REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.matches matches_900_outside_insert
CREATE TRIGGER matches_900_outside_insert AFTER INSERT ON chess.matches REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.matches matches_900_outside_truncate
CREATE TRIGGER matches_900_outside_truncate AFTER TRUNCATE ON chess.matches FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.matches matches_900_outside_update
CREATE TRIGGER matches_900_outside_update AFTER UPDATE ON chess.matches REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.network_marks network_marks_900_outside_delete
CREATE TRIGGER network_marks_900_outside_delete AFTER DELETE ON chess.network_marks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('network_id', 'kind') -- A

-- trigger chess.network_marks network_marks_900_outside_insert
CREATE TRIGGER network_marks_900_outside_insert AFTER INSERT ON chess.network_marks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('network_id', 'kind') -- A

-- trigger chess.network_marks network_marks_900_outside_truncate
CREATE TRIGGER network_marks_900_outside_truncate AFTER TRUNCATE ON chess.network_marks FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.network_marks network_marks_900_outside_update
CREATE TRIGGER network_marks_900_outside_update AFTER UPDATE ON chess.network_marks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('network_id', 'kind') -- A

-- trigger chess.networks networks_050_anchor
CREATE TRIGGER networks_050_anchor BEFORE UPDATE ON chess.networks FOR EACH ROW WHEN ((old.anchor AND ((new.elo IS DISTINCT FROM old.elo) OR (new.elo_set IS DISTINCT FROM old.elo_set)))) EXECUTE FUNCTION chess.keep_anchor() -- A

-- trigger chess.networks networks_100_immutable
CREATE TRIGGER networks_100_immutable BEFORE UPDATE OF id, created_at, training_run_id, network_number, sha, path, layers, filters, anchor, uploaded_by, place_partition, place_offset ON chess.networks FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.networks networks_100_tallied
CREATE TRIGGER networks_100_tallied BEFORE UPDATE OF games_played ON chess.networks FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger chess.networks networks_400_begin
CREATE TRIGGER networks_400_begin AFTER INSERT ON chess.networks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.begin_networks() -- A

-- trigger chess.networks networks_500_describe
CREATE TRIGGER networks_500_describe AFTER INSERT ON chess.networks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of() -- A

-- trigger chess.networks networks_500_describe_delete
CREATE TRIGGER networks_500_describe_delete AFTER DELETE ON chess.networks REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of() -- A

-- trigger chess.networks networks_500_describe_truncate
CREATE TRIGGER networks_500_describe_truncate AFTER TRUNCATE ON chess.networks FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of() -- A

-- trigger chess.networks networks_900_outside_delete
CREATE TRIGGER networks_900_outside_delete AFTER DELETE ON chess.networks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.networks networks_900_outside_insert
CREATE TRIGGER networks_900_outside_insert AFTER INSERT ON chess.networks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.networks networks_900_outside_truncate
CREATE TRIGGER networks_900_outside_truncate AFTER TRUNCATE ON chess.networks FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.networks networks_900_outside_update
CREATE TRIGGER networks_900_outside_update AFTER UPDATE ON chess.networks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.promotions promotions_100_immutable
CREATE TRIGGER promotions_100_immutable BEFORE UPDATE OF training_run_id, match_task_id, network_id, expected_network_id, promoted_at, place_partition, place_offset ON chess.promotions FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.promotions promotions_100_tallied
CREATE TRIGGER promotions_100_tallied BEFORE UPDATE OF version ON chess.promotions FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger chess.promotions promotions_500_describe
CREATE TRIGGER promotions_500_describe AFTER INSERT ON chess.promotions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of() -- A

-- trigger chess.promotions promotions_500_describe_delete
CREATE TRIGGER promotions_500_describe_delete AFTER DELETE ON chess.promotions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of() -- A

-- trigger chess.promotions promotions_500_describe_truncate
CREATE TRIGGER promotions_500_describe_truncate AFTER TRUNCATE ON chess.promotions FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of() -- A

-- trigger chess.promotions promotions_900_outside_delete
CREATE TRIGGER promotions_900_outside_delete AFTER DELETE ON chess.promotions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('training_run_id', 'match_task_id') -- A

-- trigger chess.promotions promotions_900_outside_insert
CREATE TRIGGER promotions_900_outside_insert AFTER INSERT ON chess.promotions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('training_run_id', 'match_task_id') -- A

-- trigger chess.promotions promotions_900_outside_truncate
CREATE TRIGGER promotions_900_outside_truncate AFTER TRUNCATE ON chess.promotions FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.promotions promotions_900_outside_update
CREATE TRIGGER promotions_900_outside_update AFTER UPDATE ON chess.promotions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('training_run_id', 'match_task_id') -- A

-- trigger chess.server_data server_data_100_immutable
CREATE TRIGGER server_data_100_immutable BEFORE UPDATE OF id, training_pgn_uploaded, place_partition, place_offset ON chess.server_data FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.server_data server_data_900_outside_delete
CREATE TRIGGER server_data_900_outside_delete AFTER DELETE ON chess.server_data REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.server_data server_data_900_outside_insert
CREATE TRIGGER server_data_900_outside_insert AFTER INSERT ON chess.server_data REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.server_data server_data_900_outside_truncate
CREATE TRIGGER server_data_900_outside_truncate AFTER TRUNCATE ON chess.server_data FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.server_data server_data_900_outside_update
CREATE TRIGGER server_data_900_outside_update AFTER UPDATE ON chess.server_data REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.sprt_tasks sprt_tasks_100_immutable
CREATE TRIGGER sprt_tasks_100_immutable BEFORE UPDATE OF id, created_at, updated_at, task_id, baseline_network_id, baseline_params_args, baseline_params_uci_options, candidate_network_id, candidate_params_args, candidate_params_uci_options, opening_book_id, time_control_type, base_time_seconds, increment_seconds, nodes_per_move, time_control_id, scale_method, scale_nps, elo0, elo1, alpha, beta, model, lower, upper, place_partition, place_offset ON chess.sprt_tasks FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.sprt_tasks sprt_tasks_100_tallied
CREATE TRIGGER sprt_tasks_100_tallied BEFORE UPDATE OF wins, losses, draws, ll, ld, dd, dw, ww, unpaired, crashes, timeouts, late, verdict, llr, decided_at ON chess.sprt_tasks FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger chess.sprt_tasks sprt_tasks_300_extends
CREATE TRIGGER sprt_tasks_300_extends AFTER INSERT ON chess.sprt_tasks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.extends_its_task() -- A

-- trigger chess.sprt_tasks sprt_tasks_500_tally
CREATE TRIGGER sprt_tasks_500_tally AFTER INSERT ON chess.sprt_tasks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks() -- A

-- trigger chess.sprt_tasks sprt_tasks_800_extends
CREATE CONSTRAINT TRIGGER sprt_tasks_800_extends AFTER DELETE ON chess.sprt_tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chess.has_both_rows() -- A

-- trigger chess.sprt_tasks sprt_tasks_900_outside_delete
CREATE TRIGGER sprt_tasks_900_outside_delete AFTER DELETE ON chess.sprt_tasks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.sprt_tasks sprt_tasks_900_outside_insert
CREATE TRIGGER sprt_tasks_900_outside_insert AFTER INSERT ON chess.sprt_tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.sprt_tasks sprt_tasks_900_outside_truncate
CREATE TRIGGER sprt_tasks_900_outside_truncate AFTER TRUNCATE ON chess.sprt_tasks FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.sprt_tasks sprt_tasks_900_outside_update
CREATE TRIGGER sprt_tasks_900_outside_update AFTER UPDATE ON chess.sprt_tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.task_assignments task_assignments_060_touch
CREATE TRIGGER task_assignments_060_touch BEFORE UPDATE ON chess.task_assignments FOR EACH ROW WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION chess.touch() -- A

-- trigger chess.task_assignments task_assignments_100_guard
CREATE TRIGGER task_assignments_100_guard AFTER UPDATE ON chess.task_assignments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION chess.task_assignments_100_guard() -- A

-- trigger chess.task_assignments task_assignments_100_immutable
CREATE TRIGGER task_assignments_100_immutable BEFORE UPDATE OF task_id, assignment_id, created_at, assigned_token_id, gpu_id, assigned_at, measured_nps, scale_factor, place_partition, place_offset ON chess.task_assignments FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.task_assignments task_assignments_200_referred_game_results
CREATE TRIGGER task_assignments_200_referred_game_results AFTER DELETE ON chess.task_assignments REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.task_assignments_200_referred_game_results() -- A

-- trigger chess.task_assignments task_assignments_200_referred_game_results_key
CREATE TRIGGER task_assignments_200_referred_game_results_key AFTER UPDATE OF task_id, assignment_id ON chess.task_assignments FOR EACH STATEMENT EXECUTE FUNCTION chess.task_assignments_200_referred_game_results() -- A

-- trigger chess.task_assignments task_assignments_200_referred_game_results_truncate
CREATE TRIGGER task_assignments_200_referred_game_results_truncate AFTER TRUNCATE ON chess.task_assignments FOR EACH STATEMENT EXECUTE FUNCTION chess.task_assignments_200_referred_game_results() -- A

-- trigger chess.task_assignments task_assignments_900_outside_delete
CREATE TRIGGER task_assignments_900_outside_delete AFTER DELETE ON chess.task_assignments REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id', 'assignment_id') -- A

-- trigger chess.task_assignments task_assignments_900_outside_insert
CREATE TRIGGER task_assignments_900_outside_insert AFTER INSERT ON chess.task_assignments REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id', 'assignment_id') -- A

-- trigger chess.task_assignments task_assignments_900_outside_truncate
CREATE TRIGGER task_assignments_900_outside_truncate AFTER TRUNCATE ON chess.task_assignments FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.task_assignments task_assignments_900_outside_update
CREATE TRIGGER task_assignments_900_outside_update AFTER UPDATE ON chess.task_assignments REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id', 'assignment_id') -- A

-- trigger chess.tasks tasks_060_touch
CREATE TRIGGER tasks_060_touch BEFORE UPDATE ON chess.tasks FOR EACH ROW WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION chess.touch() -- A

-- trigger chess.tasks tasks_100_guard
CREATE TRIGGER tasks_100_guard AFTER UPDATE ON chess.tasks REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION chess.tasks_100_guard() -- A

-- trigger chess.tasks tasks_100_immutable
CREATE TRIGGER tasks_100_immutable BEFORE UPDATE OF id, created_at, task_type, description, digest, place_partition, place_offset ON chess.tasks FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.tasks tasks_200_referred_game_results
CREATE TRIGGER tasks_200_referred_game_results AFTER DELETE ON chess.tasks REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.tasks_200_referred_game_results() -- A

-- trigger chess.tasks tasks_200_referred_game_results_key
CREATE TRIGGER tasks_200_referred_game_results_key AFTER UPDATE OF id ON chess.tasks FOR EACH STATEMENT EXECUTE FUNCTION chess.tasks_200_referred_game_results() -- A

-- trigger chess.tasks tasks_200_referred_game_results_truncate
CREATE TRIGGER tasks_200_referred_game_results_truncate AFTER TRUNCATE ON chess.tasks FOR EACH STATEMENT EXECUTE FUNCTION chess.tasks_200_referred_game_results() -- A

-- trigger chess.tasks tasks_800_extended
CREATE CONSTRAINT TRIGGER tasks_800_extended AFTER INSERT ON chess.tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((SESSION_USER <> 'podium_consumer'::name)) EXECUTE FUNCTION chess.has_both_rows() -- A

-- trigger chess.tasks tasks_900_outside_delete
CREATE TRIGGER tasks_900_outside_delete AFTER DELETE ON chess.tasks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.tasks tasks_900_outside_insert
CREATE TRIGGER tasks_900_outside_insert AFTER INSERT ON chess.tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.tasks tasks_900_outside_truncate
CREATE TRIGGER tasks_900_outside_truncate AFTER TRUNCATE ON chess.tasks FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.tasks tasks_900_outside_update
CREATE TRIGGER tasks_900_outside_update AFTER UPDATE ON chess.tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.time_controls time_controls_100_immutable
CREATE TRIGGER time_controls_100_immutable BEFORE UPDATE OF id, kind, base_ms, increment_ms, nodes ON chess.time_controls FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.time_controls time_controls_900_outside_delete
CREATE TRIGGER time_controls_900_outside_delete AFTER DELETE ON chess.time_controls REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.time_controls time_controls_900_outside_insert
CREATE TRIGGER time_controls_900_outside_insert AFTER INSERT ON chess.time_controls REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.time_controls time_controls_900_outside_truncate
CREATE TRIGGER time_controls_900_outside_truncate AFTER TRUNCATE ON chess.time_controls FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.time_controls time_controls_900_outside_update
CREATE TRIGGER time_controls_900_outside_update AFTER UPDATE ON chess.time_controls REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.training_games training_games_100_immutable
CREATE TRIGGER training_games_100_immutable BEFORE UPDATE OF id, created_at, user_id, client_id, training_run_id, network_id, game_number, version, compacted, engine_version, resign_fp_threshold, place_partition, place_offset ON chess.training_games FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.training_games training_games_500_delete
CREATE TRIGGER training_games_500_delete AFTER DELETE ON chess.training_games REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.count_training_games() -- A

-- trigger chess.training_games training_games_500_tally
CREATE TRIGGER training_games_500_tally AFTER INSERT ON chess.training_games REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.count_training_games() -- A

-- trigger chess.training_games training_games_500_truncate
CREATE TRIGGER training_games_500_truncate AFTER TRUNCATE ON chess.training_games FOR EACH STATEMENT EXECUTE FUNCTION chess.count_training_games() -- A

-- trigger chess.training_games training_games_900_outside_delete
CREATE TRIGGER training_games_900_outside_delete AFTER DELETE ON chess.training_games REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.training_games training_games_900_outside_insert
CREATE TRIGGER training_games_900_outside_insert AFTER INSERT ON chess.training_games REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.training_games training_games_900_outside_truncate
CREATE TRIGGER training_games_900_outside_truncate AFTER TRUNCATE ON chess.training_games FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.training_games training_games_900_outside_update
CREATE TRIGGER training_games_900_outside_update AFTER UPDATE ON chess.training_games REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.training_runs training_runs_100_tallied
CREATE TRIGGER training_runs_100_tallied BEFORE UPDATE OF best_network_id, last_network, last_game ON chess.training_runs FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger chess.training_runs training_runs_500_describe
CREATE TRIGGER training_runs_500_describe AFTER INSERT ON chess.training_runs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_new_runs() -- A

-- trigger chess.training_runs training_runs_900_outside_delete
CREATE TRIGGER training_runs_900_outside_delete AFTER DELETE ON chess.training_runs REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.training_runs training_runs_900_outside_insert
CREATE TRIGGER training_runs_900_outside_insert AFTER INSERT ON chess.training_runs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.training_runs training_runs_900_outside_truncate
CREATE TRIGGER training_runs_900_outside_truncate AFTER TRUNCATE ON chess.training_runs FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.training_runs training_runs_900_outside_update
CREATE TRIGGER training_runs_900_outside_update AFTER UPDATE ON chess.training_runs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.training_tasks training_tasks_100_immutable
CREATE TRIGGER training_tasks_100_immutable BEFORE UPDATE OF id, created_at, updated_at, task_id, training_run_id, train_book_id, match_book_id, train_parameters, match_parameters, place_partition, place_offset ON chess.training_tasks FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.training_tasks training_tasks_100_tallied
CREATE TRIGGER training_tasks_100_tallied BEFORE UPDATE OF best_network_id ON chess.training_tasks FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger chess.training_tasks training_tasks_300_extends
CREATE TRIGGER training_tasks_300_extends AFTER INSERT ON chess.training_tasks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.extends_its_task() -- A

-- trigger chess.training_tasks training_tasks_500_describe
CREATE TRIGGER training_tasks_500_describe AFTER INSERT ON chess.training_tasks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.describe_runs_of() -- A

-- trigger chess.training_tasks training_tasks_800_extends
CREATE CONSTRAINT TRIGGER training_tasks_800_extends AFTER DELETE ON chess.training_tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chess.has_both_rows() -- A

-- trigger chess.training_tasks training_tasks_900_outside_delete
CREATE TRIGGER training_tasks_900_outside_delete AFTER DELETE ON chess.training_tasks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.training_tasks training_tasks_900_outside_insert
CREATE TRIGGER training_tasks_900_outside_insert AFTER INSERT ON chess.training_tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.training_tasks training_tasks_900_outside_truncate
CREATE TRIGGER training_tasks_900_outside_truncate AFTER TRUNCATE ON chess.training_tasks FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.training_tasks training_tasks_900_outside_update
CREATE TRIGGER training_tasks_900_outside_update AFTER UPDATE ON chess.training_tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.tune_outputs tune_outputs_100_immutable
CREATE TRIGGER tune_outputs_100_immutable BEFORE UPDATE OF task_id, iteration, kind, param_set_id, params, est_elo, ci_low, ci_high, published_at, place_partition, place_offset ON chess.tune_outputs FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.tune_outputs tune_outputs_900_outside_delete
CREATE TRIGGER tune_outputs_900_outside_delete AFTER DELETE ON chess.tune_outputs REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id', 'iteration', 'kind') -- A

-- trigger chess.tune_outputs tune_outputs_900_outside_insert
CREATE TRIGGER tune_outputs_900_outside_insert AFTER INSERT ON chess.tune_outputs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id', 'iteration', 'kind') -- A

-- trigger chess.tune_outputs tune_outputs_900_outside_truncate
CREATE TRIGGER tune_outputs_900_outside_truncate AFTER TRUNCATE ON chess.tune_outputs FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.tune_outputs tune_outputs_900_outside_update
CREATE TRIGGER tune_outputs_900_outside_update AFTER UPDATE ON chess.tune_outputs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id', 'iteration', 'kind') -- A

-- trigger chess.tune_param_sets tune_param_sets_100_immutable
CREATE TRIGGER tune_param_sets_100_immutable BEFORE UPDATE OF id, tune_task_id, param_set_id, params_args, params_uci_options, place_partition, place_offset ON chess.tune_param_sets FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.tune_param_sets tune_param_sets_100_tallied
CREATE TRIGGER tune_param_sets_100_tallied BEFORE UPDATE OF status, wins, losses, draws, ll, ld, dd, dw, ww, unpaired, crashes, timeouts, late ON chess.tune_param_sets FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger chess.tune_param_sets tune_param_sets_200_referred_game_results
CREATE TRIGGER tune_param_sets_200_referred_game_results AFTER DELETE ON chess.tune_param_sets REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.tune_param_sets_200_referred_game_results() -- A

-- trigger chess.tune_param_sets tune_param_sets_200_referred_game_results_key
CREATE TRIGGER tune_param_sets_200_referred_game_results_key AFTER UPDATE OF tune_task_id, param_set_id ON chess.tune_param_sets FOR EACH STATEMENT EXECUTE FUNCTION chess.tune_param_sets_200_referred_game_results() -- A

-- trigger chess.tune_param_sets tune_param_sets_200_referred_game_results_truncate
CREATE TRIGGER tune_param_sets_200_referred_game_results_truncate AFTER TRUNCATE ON chess.tune_param_sets FOR EACH STATEMENT EXECUTE FUNCTION chess.tune_param_sets_200_referred_game_results() -- A

-- trigger chess.tune_param_sets tune_param_sets_400_begin
CREATE TRIGGER tune_param_sets_400_begin AFTER INSERT ON chess.tune_param_sets REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.begin_param_sets() -- A

-- trigger chess.tune_param_sets tune_param_sets_900_outside_delete
CREATE TRIGGER tune_param_sets_900_outside_delete AFTER DELETE ON chess.tune_param_sets REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('tune_task_id', 'param_set_id') -- A

-- trigger chess.tune_param_sets tune_param_sets_900_outside_insert
CREATE TRIGGER tune_param_sets_900_outside_insert AFTER INSERT ON chess.tune_param_sets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('tune_task_id', 'param_set_id') -- A

-- trigger chess.tune_param_sets tune_param_sets_900_outside_truncate
CREATE TRIGGER tune_param_sets_900_outside_truncate AFTER TRUNCATE ON chess.tune_param_sets FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.tune_param_sets tune_param_sets_900_outside_update
CREATE TRIGGER tune_param_sets_900_outside_update AFTER UPDATE ON chess.tune_param_sets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('tune_task_id', 'param_set_id') -- A

-- trigger chess.tune_tasks tune_tasks_100_immutable
CREATE TRIGGER tune_tasks_100_immutable BEFORE UPDATE OF id, created_at, updated_at, task_id, build_repo_url, build_commit_hash, build_params, tune_network_id, opening_book_id, games_per_param_set, time_control_type, base_time_seconds, increment_seconds, nodes_per_move, time_control_id, build_id, param_sets, spsa, place_partition, place_offset ON chess.tune_tasks FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.tune_tasks tune_tasks_300_extends
CREATE TRIGGER tune_tasks_300_extends AFTER INSERT ON chess.tune_tasks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.extends_its_task() -- A

-- trigger chess.tune_tasks tune_tasks_800_extends
CREATE CONSTRAINT TRIGGER tune_tasks_800_extends AFTER DELETE ON chess.tune_tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chess.has_both_rows() -- A

-- trigger chess.tune_tasks tune_tasks_900_outside_delete
CREATE TRIGGER tune_tasks_900_outside_delete AFTER DELETE ON chess.tune_tasks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.tune_tasks tune_tasks_900_outside_insert
CREATE TRIGGER tune_tasks_900_outside_insert AFTER INSERT ON chess.tune_tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.tune_tasks tune_tasks_900_outside_truncate
CREATE TRIGGER tune_tasks_900_outside_truncate AFTER TRUNCATE ON chess.tune_tasks FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.tune_tasks tune_tasks_900_outside_update
CREATE TRIGGER tune_tasks_900_outside_update AFTER UPDATE ON chess.tune_tasks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.users users_050_legacy
CREATE TRIGGER users_050_legacy BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON chess.users FOR EACH STATEMENT EXECUTE FUNCTION chess.keep_legacy() -- A

-- trigger chess.users users_100_immutable
CREATE TRIGGER users_100_immutable BEFORE UPDATE OF id, username, assigned_training_run_id, place_partition, place_offset ON chess.users FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.users users_900_outside_delete
CREATE TRIGGER users_900_outside_delete AFTER DELETE ON chess.users REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.users users_900_outside_insert
CREATE TRIGGER users_900_outside_insert AFTER INSERT ON chess.users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.users users_900_outside_truncate
CREATE TRIGGER users_900_outside_truncate AFTER TRUNCATE ON chess.users FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.users users_900_outside_update
CREATE TRIGGER users_900_outside_update AFTER UPDATE ON chess.users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger chess.verdicts verdicts_100_immutable
CREATE TRIGGER verdicts_100_immutable BEFORE UPDATE OF task_id, pair_key, seq, verdict, wins, losses, draws, ll, ld, dd, dw, ww, elo, llr, lower, upper, decided_at, place_partition, place_offset ON chess.verdicts FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger chess.verdicts verdicts_200_reference_game_results
CREATE TRIGGER verdicts_200_reference_game_results AFTER INSERT ON chess.verdicts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.verdicts_200_reference_game_results() -- A

-- trigger chess.verdicts verdicts_500_decide
CREATE TRIGGER verdicts_500_decide AFTER INSERT ON chess.verdicts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks() -- A

-- trigger chess.verdicts verdicts_500_delete
CREATE TRIGGER verdicts_500_delete AFTER DELETE ON chess.verdicts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks() -- A

-- trigger chess.verdicts verdicts_500_truncate
CREATE TRIGGER verdicts_500_truncate AFTER TRUNCATE ON chess.verdicts FOR EACH STATEMENT EXECUTE FUNCTION chess.recount_tasks() -- A

-- trigger chess.verdicts verdicts_900_outside_delete
CREATE TRIGGER verdicts_900_outside_delete AFTER DELETE ON chess.verdicts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id') -- A

-- trigger chess.verdicts verdicts_900_outside_insert
CREATE TRIGGER verdicts_900_outside_insert AFTER INSERT ON chess.verdicts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id') -- A

-- trigger chess.verdicts verdicts_900_outside_truncate
CREATE TRIGGER verdicts_900_outside_truncate AFTER TRUNCATE ON chess.verdicts FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger chess.verdicts verdicts_900_outside_update
CREATE TRIGGER verdicts_900_outside_update AFTER UPDATE ON chess.verdicts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('task_id') -- A

-- trigger competition.checkpoints checkpoints_900_outside_delete
CREATE TRIGGER checkpoints_900_outside_delete AFTER DELETE ON competition.checkpoints REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.checkpoints checkpoints_900_outside_insert
CREATE TRIGGER checkpoints_900_outside_insert AFTER INSERT ON competition.checkpoints REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.checkpoints checkpoints_900_outside_truncate
CREATE TRIGGER checkpoints_900_outside_truncate AFTER TRUNCATE ON competition.checkpoints FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.checkpoints checkpoints_900_outside_update
CREATE TRIGGER checkpoints_900_outside_update AFTER UPDATE ON competition.checkpoints REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.closings closings_100_immutable
CREATE TRIGGER closings_100_immutable BEFORE UPDATE OF prediction_config_id, performed_at, answered, absent, closed_at, place_partition, place_offset ON competition.closings FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.closings closings_900_outside_delete
CREATE TRIGGER closings_900_outside_delete AFTER DELETE ON competition.closings REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at') -- A

-- trigger competition.closings closings_900_outside_insert
CREATE TRIGGER closings_900_outside_insert AFTER INSERT ON competition.closings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at') -- A

-- trigger competition.closings closings_900_outside_truncate
CREATE TRIGGER closings_900_outside_truncate AFTER TRUNCATE ON competition.closings FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.closings closings_900_outside_update
CREATE TRIGGER closings_900_outside_update AFTER UPDATE ON competition.closings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at') -- A

-- trigger competition.confirmations confirmations_100_immutable
CREATE TRIGGER confirmations_100_immutable BEFORE UPDATE OF emission_id, status, tx_hash, confirmed_at, place_partition, place_offset ON competition.confirmations FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.confirmations confirmations_300_hash
CREATE TRIGGER confirmations_300_hash AFTER INSERT ON competition.confirmations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_to_submission() -- A

-- trigger competition.confirmations confirmations_900_outside_delete
CREATE TRIGGER confirmations_900_outside_delete AFTER DELETE ON competition.confirmations REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('emission_id', 'status') -- A

-- trigger competition.confirmations confirmations_900_outside_insert
CREATE TRIGGER confirmations_900_outside_insert AFTER INSERT ON competition.confirmations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('emission_id', 'status') -- A

-- trigger competition.confirmations confirmations_900_outside_truncate
CREATE TRIGGER confirmations_900_outside_truncate AFTER TRUNCATE ON competition.confirmations FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.confirmations confirmations_900_outside_update
CREATE TRIGGER confirmations_900_outside_update AFTER UPDATE ON competition.confirmations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('emission_id', 'status') -- A

-- trigger competition.debuts debuts_100_derived
CREATE TRIGGER debuts_100_derived BEFORE INSERT OR DELETE OR UPDATE ON competition.debuts FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger competition.debuts debuts_900_outside_delete
CREATE TRIGGER debuts_900_outside_delete AFTER DELETE ON competition.debuts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'model_id') -- A

-- trigger competition.debuts debuts_900_outside_insert
CREATE TRIGGER debuts_900_outside_insert AFTER INSERT ON competition.debuts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'model_id') -- A

-- trigger competition.debuts debuts_900_outside_truncate
CREATE TRIGGER debuts_900_outside_truncate AFTER TRUNCATE ON competition.debuts FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.debuts debuts_900_outside_update
CREATE TRIGGER debuts_900_outside_update AFTER UPDATE ON competition.debuts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'model_id') -- A

-- trigger competition.debuts debuts_900_truncate
CREATE TRIGGER debuts_900_truncate AFTER TRUNCATE ON competition.debuts FOR EACH STATEMENT EXECUTE FUNCTION competition.refuse_truncate() -- A

-- trigger competition.emission_checkpoints emission_checkpoints_100_guard
CREATE TRIGGER emission_checkpoints_100_guard AFTER UPDATE ON competition.emission_checkpoints REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION competition.emission_checkpoints_100_guard() -- A

-- trigger competition.emission_checkpoints emission_checkpoints_100_immutable
CREATE TRIGGER emission_checkpoints_100_immutable BEFORE UPDATE OF id, checkpoint_id, emitted_at, payload_jsonb, period_start, period_end, ranking_jsonb, prizes_jsonb, place_partition, place_offset ON competition.emission_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.emission_checkpoints emission_checkpoints_300_apart
CREATE TRIGGER emission_checkpoints_300_apart AFTER INSERT ON competition.emission_checkpoints REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_periods_apart() -- A

-- trigger competition.emission_checkpoints emission_checkpoints_900_outside_delete
CREATE TRIGGER emission_checkpoints_900_outside_delete AFTER DELETE ON competition.emission_checkpoints REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('checkpoint_id', 'period_start') -- A

-- trigger competition.emission_checkpoints emission_checkpoints_900_outside_insert
CREATE TRIGGER emission_checkpoints_900_outside_insert AFTER INSERT ON competition.emission_checkpoints REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('checkpoint_id', 'period_start') -- A

-- trigger competition.emission_checkpoints emission_checkpoints_900_outside_truncate
CREATE TRIGGER emission_checkpoints_900_outside_truncate AFTER TRUNCATE ON competition.emission_checkpoints FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.emission_checkpoints emission_checkpoints_900_outside_update
CREATE TRIGGER emission_checkpoints_900_outside_update AFTER UPDATE ON competition.emission_checkpoints REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('checkpoint_id', 'period_start') -- A

-- trigger competition.judgements judgements_100_immutable
CREATE TRIGGER judgements_100_immutable BEFORE UPDATE OF prediction_id, prediction_digest, value, failed_reason, judged_at, place_partition, place_offset ON competition.judgements FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.judgements judgements_200_reference_predictions
CREATE TRIGGER judgements_200_reference_predictions AFTER INSERT ON competition.judgements REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.judgements_200_reference_predictions() -- A

-- trigger competition.judgements judgements_900_outside_delete
CREATE TRIGGER judgements_900_outside_delete AFTER DELETE ON competition.judgements REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_id', 'prediction_digest') -- A

-- trigger competition.judgements judgements_900_outside_insert
CREATE TRIGGER judgements_900_outside_insert AFTER INSERT ON competition.judgements REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_id', 'prediction_digest') -- A

-- trigger competition.judgements judgements_900_outside_truncate
CREATE TRIGGER judgements_900_outside_truncate AFTER TRUNCATE ON competition.judgements FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.judgements judgements_900_outside_update
CREATE TRIGGER judgements_900_outside_update AFTER UPDATE ON competition.judgements REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_id', 'prediction_digest') -- A

-- trigger competition.leaderboards leaderboards_100_immutable
CREATE TRIGGER leaderboards_100_immutable BEFORE UPDATE OF id, created_at, entries_jsonb, meta_jsonb, board, place_partition, place_offset ON competition.leaderboards FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.leaderboards leaderboards_500_history_delete
CREATE TRIGGER leaderboards_500_history_delete AFTER DELETE ON competition.leaderboards FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_history() -- A

-- trigger competition.leaderboards leaderboards_500_history_insert
CREATE TRIGGER leaderboards_500_history_insert AFTER INSERT ON competition.leaderboards REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_history() -- A

-- trigger competition.leaderboards leaderboards_500_history_truncate
CREATE TRIGGER leaderboards_500_history_truncate AFTER TRUNCATE ON competition.leaderboards FOR EACH STATEMENT EXECUTE FUNCTION competition.keep_history() -- A

-- trigger competition.leaderboards leaderboards_900_outside_delete
CREATE TRIGGER leaderboards_900_outside_delete AFTER DELETE ON competition.leaderboards REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.leaderboards leaderboards_900_outside_insert
CREATE TRIGGER leaderboards_900_outside_insert AFTER INSERT ON competition.leaderboards REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.leaderboards leaderboards_900_outside_truncate
CREATE TRIGGER leaderboards_900_outside_truncate AFTER TRUNCATE ON competition.leaderboards FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.leaderboards leaderboards_900_outside_update
CREATE TRIGGER leaderboards_900_outside_update AFTER UPDATE ON competition.leaderboards REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.model_scores model_scores_100_derived
CREATE TRIGGER model_scores_100_derived BEFORE INSERT OR DELETE OR UPDATE ON competition.model_scores FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger competition.model_scores model_scores_900_outside_delete
CREATE TRIGGER model_scores_900_outside_delete AFTER DELETE ON competition.model_scores REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.model_scores model_scores_900_outside_insert
CREATE TRIGGER model_scores_900_outside_insert AFTER INSERT ON competition.model_scores REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.model_scores model_scores_900_outside_truncate
CREATE TRIGGER model_scores_900_outside_truncate AFTER TRUNCATE ON competition.model_scores FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.model_scores model_scores_900_outside_update
CREATE TRIGGER model_scores_900_outside_update AFTER UPDATE ON competition.model_scores REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.model_scores model_scores_900_truncate
CREATE TRIGGER model_scores_900_truncate AFTER TRUNCATE ON competition.model_scores FOR EACH STATEMENT EXECUTE FUNCTION competition.refuse_truncate() -- A

-- trigger competition.models models_100_immutable
CREATE TRIGGER models_100_immutable BEFORE UPDATE OF id, created_at ON competition.models FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.models models_100_tallied
CREATE TRIGGER models_100_tallied BEFORE UPDATE OF overall_score_jsonb, scores_by_scope_jsonb ON competition.models FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger competition.models models_200_referred_predictions
CREATE TRIGGER models_200_referred_predictions AFTER DELETE ON competition.models REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.models_200_referred_predictions() -- A

-- trigger competition.models models_200_referred_predictions_key
CREATE TRIGGER models_200_referred_predictions_key AFTER UPDATE OF id ON competition.models FOR EACH STATEMENT EXECUTE FUNCTION competition.models_200_referred_predictions() -- A

-- trigger competition.models models_200_referred_predictions_truncate
CREATE TRIGGER models_200_referred_predictions_truncate AFTER TRUNCATE ON competition.models FOR EACH STATEMENT EXECUTE FUNCTION competition.models_200_referred_predictions() -- A

-- trigger competition.models models_500_standing
CREATE TRIGGER models_500_standing AFTER INSERT ON competition.models REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.greet_models() -- A

-- trigger competition.models models_900_outside_delete
CREATE TRIGGER models_900_outside_delete AFTER DELETE ON competition.models REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.models models_900_outside_insert
CREATE TRIGGER models_900_outside_insert AFTER INSERT ON competition.models REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.models models_900_outside_truncate
CREATE TRIGGER models_900_outside_truncate AFTER TRUNCATE ON competition.models FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.models models_900_outside_update
CREATE TRIGGER models_900_outside_update AFTER UPDATE ON competition.models REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.predictions predictions_100_guard
CREATE TRIGGER predictions_100_guard AFTER UPDATE ON competition.predictions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION competition.predictions_100_guard() -- A

-- trigger competition.predictions predictions_100_immutable
CREATE TRIGGER predictions_100_immutable BEFORE UPDATE OF id, model_id, prediction_config_id, scope_key, scope_jsonb, status, exec_time_ms, inference_input_jsonb, inference_output_jsonb, meta_jsonb, performed_at, resolvable_at, absent, answered_at, digest, place_partition, place_offset ON competition.predictions FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.predictions predictions_200_reference_models
CREATE TRIGGER predictions_200_reference_models AFTER INSERT ON competition.predictions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_reference_models() -- A

-- trigger competition.predictions predictions_200_reference_rounds
CREATE TRIGGER predictions_200_reference_rounds AFTER INSERT ON competition.predictions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_reference_rounds() -- A

-- trigger competition.predictions predictions_200_referred_judgements
CREATE TRIGGER predictions_200_referred_judgements AFTER DELETE ON competition.predictions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_referred_judgements() -- A

-- trigger competition.predictions predictions_200_referred_judgements_key
CREATE TRIGGER predictions_200_referred_judgements_key AFTER UPDATE OF id ON competition.predictions FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_referred_judgements() -- A

-- trigger competition.predictions predictions_200_referred_judgements_truncate
CREATE TRIGGER predictions_200_referred_judgements_truncate AFTER TRUNCATE ON competition.predictions FOR EACH STATEMENT EXECUTE FUNCTION competition.predictions_200_referred_judgements() -- A

-- trigger competition.predictions predictions_500_tally_delete
CREATE TRIGGER predictions_500_tally_delete AFTER DELETE ON competition.predictions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.tally() -- A

-- trigger competition.predictions predictions_500_tally_insert
CREATE TRIGGER predictions_500_tally_insert AFTER INSERT ON competition.predictions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.tally() -- A

-- trigger competition.predictions predictions_500_tally_truncate
CREATE TRIGGER predictions_500_tally_truncate AFTER TRUNCATE ON competition.predictions FOR EACH STATEMENT EXECUTE FUNCTION competition.tally() -- A

-- trigger competition.predictions predictions_500_tally_update
CREATE TRIGGER predictions_500_tally_update AFTER UPDATE ON competition.predictions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.tally() -- A

-- trigger competition.predictions predictions_900_outside_delete
CREATE TRIGGER predictions_900_outside_delete AFTER DELETE ON competition.predictions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at', 'model_id', 'absent') -- A

-- trigger competition.predictions predictions_900_outside_insert
CREATE TRIGGER predictions_900_outside_insert AFTER INSERT ON competition.predictions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at', 'model_id', 'absent') -- A

-- trigger competition.predictions predictions_900_outside_truncate
CREATE TRIGGER predictions_900_outside_truncate AFTER TRUNCATE ON competition.predictions FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.predictions predictions_900_outside_update
CREATE TRIGGER predictions_900_outside_update AFTER UPDATE ON competition.predictions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at', 'model_id', 'absent') -- A

-- trigger competition.rounds rounds_100_guard
CREATE TRIGGER rounds_100_guard AFTER UPDATE ON competition.rounds REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION competition.rounds_100_guard() -- A

-- trigger competition.rounds rounds_100_immutable
CREATE TRIGGER rounds_100_immutable BEFORE UPDATE OF prediction_config_id, performed_at, scope_key, scope_jsonb, scoring_jsonb, closes_at, resolvable_at, expires_at, replayed ON competition.rounds FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.rounds rounds_200_referred_predictions
CREATE TRIGGER rounds_200_referred_predictions AFTER DELETE ON competition.rounds REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION competition.rounds_200_referred_predictions() -- A

-- trigger competition.rounds rounds_200_referred_predictions_key
CREATE TRIGGER rounds_200_referred_predictions_key AFTER UPDATE OF prediction_config_id, performed_at, resolvable_at, scope_key ON competition.rounds FOR EACH STATEMENT EXECUTE FUNCTION competition.rounds_200_referred_predictions() -- A

-- trigger competition.rounds rounds_200_referred_predictions_truncate
CREATE TRIGGER rounds_200_referred_predictions_truncate AFTER TRUNCATE ON competition.rounds FOR EACH STATEMENT EXECUTE FUNCTION competition.rounds_200_referred_predictions() -- A

-- trigger competition.rounds rounds_900_outside_delete
CREATE TRIGGER rounds_900_outside_delete AFTER DELETE ON competition.rounds REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at') -- A

-- trigger competition.rounds rounds_900_outside_insert
CREATE TRIGGER rounds_900_outside_insert AFTER INSERT ON competition.rounds REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at') -- A

-- trigger competition.rounds rounds_900_outside_truncate
CREATE TRIGGER rounds_900_outside_truncate AFTER TRUNCATE ON competition.rounds FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.rounds rounds_900_outside_update
CREATE TRIGGER rounds_900_outside_update AFTER UPDATE ON competition.rounds REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at') -- A

-- trigger competition.scheduled_prediction_configs scheduled_prediction_configs_900_outside_delete
CREATE TRIGGER scheduled_prediction_configs_900_outside_delete AFTER DELETE ON competition.scheduled_prediction_configs REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.scheduled_prediction_configs scheduled_prediction_configs_900_outside_insert
CREATE TRIGGER scheduled_prediction_configs_900_outside_insert AFTER INSERT ON competition.scheduled_prediction_configs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.scheduled_prediction_configs scheduled_prediction_configs_900_outside_truncate
CREATE TRIGGER scheduled_prediction_configs_900_outside_truncate AFTER TRUNCATE ON competition.scheduled_prediction_configs FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.scheduled_prediction_configs scheduled_prediction_configs_900_outside_update
CREATE TRIGGER scheduled_prediction_configs_900_outside_update AFTER UPDATE ON competition.scheduled_prediction_configs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger competition.submissions submissions_100_immutable
CREATE TRIGGER submissions_100_immutable BEFORE UPDATE OF emission_id, tx_hash, submitted_at, place_partition, place_offset ON competition.submissions FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.submissions submissions_900_outside_delete
CREATE TRIGGER submissions_900_outside_delete AFTER DELETE ON competition.submissions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('emission_id') -- A

-- trigger competition.submissions submissions_900_outside_insert
CREATE TRIGGER submissions_900_outside_insert AFTER INSERT ON competition.submissions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('emission_id') -- A

-- trigger competition.submissions submissions_900_outside_truncate
CREATE TRIGGER submissions_900_outside_truncate AFTER TRUNCATE ON competition.submissions FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.submissions submissions_900_outside_update
CREATE TRIGGER submissions_900_outside_update AFTER UPDATE ON competition.submissions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('emission_id') -- A

-- trigger competition.tallies tallies_100_derived
CREATE TRIGGER tallies_100_derived BEFORE INSERT OR DELETE OR UPDATE ON competition.tallies FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger competition.tallies tallies_900_outside_delete
CREATE TRIGGER tallies_900_outside_delete AFTER DELETE ON competition.tallies REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'hour', 'model_id') -- A

-- trigger competition.tallies tallies_900_outside_insert
CREATE TRIGGER tallies_900_outside_insert AFTER INSERT ON competition.tallies REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'hour', 'model_id') -- A

-- trigger competition.tallies tallies_900_outside_truncate
CREATE TRIGGER tallies_900_outside_truncate AFTER TRUNCATE ON competition.tallies FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.tallies tallies_900_outside_update
CREATE TRIGGER tallies_900_outside_update AFTER UPDATE ON competition.tallies REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('scope_key', 'hour', 'model_id') -- A

-- trigger competition.tallies tallies_900_truncate
CREATE TRIGGER tallies_900_truncate AFTER TRUNCATE ON competition.tallies FOR EACH STATEMENT EXECUTE FUNCTION competition.refuse_truncate() -- A

-- trigger competition.truths truths_100_immutable
CREATE TRIGGER truths_100_immutable BEFORE UPDATE OF prediction_config_id, performed_at, truth_jsonb, lag_seconds, published_at, place_partition, place_offset ON competition.truths FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger competition.truths truths_900_outside_delete
CREATE TRIGGER truths_900_outside_delete AFTER DELETE ON competition.truths REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at') -- A

-- trigger competition.truths truths_900_outside_insert
CREATE TRIGGER truths_900_outside_insert AFTER INSERT ON competition.truths REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at') -- A

-- trigger competition.truths truths_900_outside_truncate
CREATE TRIGGER truths_900_outside_truncate AFTER TRUNCATE ON competition.truths FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger competition.truths truths_900_outside_update
CREATE TRIGGER truths_900_outside_update AFTER UPDATE ON competition.truths REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prediction_config_id', 'performed_at') -- A

-- trigger evaluation.confusion confusion_100_derived
CREATE TRIGGER confusion_100_derived BEFORE INSERT OR DELETE OR UPDATE ON evaluation.confusion FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger evaluation.confusion confusion_900_outside_delete
CREATE TRIGGER confusion_900_outside_delete AFTER DELETE ON evaluation.confusion REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'gold', 'predicted') -- A

-- trigger evaluation.confusion confusion_900_outside_insert
CREATE TRIGGER confusion_900_outside_insert AFTER INSERT ON evaluation.confusion REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'gold', 'predicted') -- A

-- trigger evaluation.confusion confusion_900_outside_truncate
CREATE TRIGGER confusion_900_outside_truncate AFTER TRUNCATE ON evaluation.confusion FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.confusion confusion_900_outside_update
CREATE TRIGGER confusion_900_outside_update AFTER UPDATE ON evaluation.confusion REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'gold', 'predicted') -- A

-- trigger evaluation.confusion confusion_900_truncate
CREATE TRIGGER confusion_900_truncate AFTER TRUNCATE ON evaluation.confusion FOR EACH STATEMENT EXECUTE FUNCTION evaluation.refuse_truncate() -- A

-- trigger evaluation.dataset_versions dataset_versions_100_immutable
CREATE TRIGGER dataset_versions_100_immutable BEFORE UPDATE OF dataset_id, version, total_rows, place_partition, place_offset ON evaluation.dataset_versions FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger evaluation.dataset_versions dataset_versions_900_outside_delete
CREATE TRIGGER dataset_versions_900_outside_delete AFTER DELETE ON evaluation.dataset_versions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'version') -- A

-- trigger evaluation.dataset_versions dataset_versions_900_outside_insert
CREATE TRIGGER dataset_versions_900_outside_insert AFTER INSERT ON evaluation.dataset_versions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'version') -- A

-- trigger evaluation.dataset_versions dataset_versions_900_outside_truncate
CREATE TRIGGER dataset_versions_900_outside_truncate AFTER TRUNCATE ON evaluation.dataset_versions FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.dataset_versions dataset_versions_900_outside_update
CREATE TRIGGER dataset_versions_900_outside_update AFTER UPDATE ON evaluation.dataset_versions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'version') -- A

-- trigger evaluation.datasets datasets_900_outside_delete
CREATE TRIGGER datasets_900_outside_delete AFTER DELETE ON evaluation.datasets REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id') -- A

-- trigger evaluation.datasets datasets_900_outside_insert
CREATE TRIGGER datasets_900_outside_insert AFTER INSERT ON evaluation.datasets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id') -- A

-- trigger evaluation.datasets datasets_900_outside_truncate
CREATE TRIGGER datasets_900_outside_truncate AFTER TRUNCATE ON evaluation.datasets FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.datasets datasets_900_outside_update
CREATE TRIGGER datasets_900_outside_update AFTER UPDATE ON evaluation.datasets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id') -- A

-- trigger evaluation.latency latency_100_derived
CREATE TRIGGER latency_100_derived BEFORE INSERT OR DELETE OR UPDATE ON evaluation.latency FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger evaluation.latency latency_900_outside_delete
CREATE TRIGGER latency_900_outside_delete AFTER DELETE ON evaluation.latency REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'bucket') -- A

-- trigger evaluation.latency latency_900_outside_insert
CREATE TRIGGER latency_900_outside_insert AFTER INSERT ON evaluation.latency REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'bucket') -- A

-- trigger evaluation.latency latency_900_outside_truncate
CREATE TRIGGER latency_900_outside_truncate AFTER TRUNCATE ON evaluation.latency FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.latency latency_900_outside_update
CREATE TRIGGER latency_900_outside_update AFTER UPDATE ON evaluation.latency REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'bucket') -- A

-- trigger evaluation.latency latency_900_truncate
CREATE TRIGGER latency_900_truncate AFTER TRUNCATE ON evaluation.latency FOR EACH STATEMENT EXECUTE FUNCTION evaluation.refuse_truncate() -- A

-- trigger evaluation.modelpromptstatus after_delete_model_prompt_status
CREATE TRIGGER after_delete_model_prompt_status AFTER DELETE ON evaluation.modelpromptstatus REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.remove_prediction_status_for_model_prompt_dataset() -- A

-- trigger evaluation.modelpromptstatus after_insert_model_prompt_status
CREATE TRIGGER after_insert_model_prompt_status AFTER INSERT ON evaluation.modelpromptstatus REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.add_prediction_status_for_model_prompt_dataset() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_050_show
CREATE TRIGGER modelpromptstatus_050_show BEFORE INSERT OR UPDATE ON evaluation.modelpromptstatus FOR EACH ROW EXECUTE FUNCTION evaluation.show_job() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_100_guard
CREATE TRIGGER modelpromptstatus_100_guard AFTER UPDATE ON evaluation.modelpromptstatus REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION evaluation.modelpromptstatus_100_guard() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_200_referred_predictionstatus
CREATE TRIGGER modelpromptstatus_200_referred_predictionstatus AFTER DELETE ON evaluation.modelpromptstatus REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.modelpromptstatus_200_referred_predictionstatus() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_200_referred_predictionstatus_key
CREATE TRIGGER modelpromptstatus_200_referred_predictionstatus_key AFTER UPDATE OF model_id, prompt_id, dataset_id ON evaluation.modelpromptstatus FOR EACH STATEMENT EXECUTE FUNCTION evaluation.modelpromptstatus_200_referred_predictionstatus() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_200_referred_predictionstatus_truncate
CREATE TRIGGER modelpromptstatus_200_referred_predictionstatus_truncate AFTER TRUNCATE ON evaluation.modelpromptstatus FOR EACH STATEMENT EXECUTE FUNCTION evaluation.modelpromptstatus_200_referred_predictionstatus() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_400_extend
CREATE TRIGGER modelpromptstatus_400_extend AFTER UPDATE ON evaluation.modelpromptstatus REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION evaluation.add_prediction_status_for_model_prompt_dataset() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_600_log_insert
CREATE TRIGGER modelpromptstatus_600_log_insert AFTER INSERT ON evaluation.modelpromptstatus REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.log_job() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_600_log_update
CREATE TRIGGER modelpromptstatus_600_log_update AFTER UPDATE ON evaluation.modelpromptstatus REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.log_job() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_900_outside_delete
CREATE TRIGGER modelpromptstatus_900_outside_delete AFTER DELETE ON evaluation.modelpromptstatus REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id') -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_900_outside_insert
CREATE TRIGGER modelpromptstatus_900_outside_insert AFTER INSERT ON evaluation.modelpromptstatus REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id') -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_900_outside_truncate
CREATE TRIGGER modelpromptstatus_900_outside_truncate AFTER TRUNCATE ON evaluation.modelpromptstatus FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.modelpromptstatus modelpromptstatus_900_outside_update
CREATE TRIGGER modelpromptstatus_900_outside_update AFTER UPDATE ON evaluation.modelpromptstatus REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id') -- A

-- trigger evaluation.models models_900_outside_delete
CREATE TRIGGER models_900_outside_delete AFTER DELETE ON evaluation.models REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id') -- A

-- trigger evaluation.models models_900_outside_insert
CREATE TRIGGER models_900_outside_insert AFTER INSERT ON evaluation.models REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id') -- A

-- trigger evaluation.models models_900_outside_truncate
CREATE TRIGGER models_900_outside_truncate AFTER TRUNCATE ON evaluation.models FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.models models_900_outside_update
CREATE TRIGGER models_900_outside_update AFTER UPDATE ON evaluation.models REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id') -- A

-- trigger evaluation.predictions predictions_100_immutable
CREATE TRIGGER predictions_100_immutable BEFORE UPDATE OF prediction_id, row_id, model_id, prompt_id, dataset_id, prediction, prediction_time, status, formatted_prompt, attempt, retry, error_kind, tokens, cost, predicted_at, digest, place_partition, place_offset ON evaluation.predictions FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger evaluation.predictions predictions_200_reference_predictionstatus
CREATE TRIGGER predictions_200_reference_predictionstatus AFTER INSERT ON evaluation.predictions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictions_200_reference_predictionstatus() -- A

-- trigger evaluation.predictions predictions_200_referred_scores
CREATE TRIGGER predictions_200_referred_scores AFTER DELETE ON evaluation.predictions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictions_200_referred_scores() -- A

-- trigger evaluation.predictions predictions_200_referred_scores_key
CREATE TRIGGER predictions_200_referred_scores_key AFTER UPDATE OF model_id, prompt_id, row_id, attempt ON evaluation.predictions FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictions_200_referred_scores() -- A

-- trigger evaluation.predictions predictions_200_referred_scores_truncate
CREATE TRIGGER predictions_200_referred_scores_truncate AFTER TRUNCATE ON evaluation.predictions FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictions_200_referred_scores() -- A

-- trigger evaluation.predictions predictions_500_delete
CREATE TRIGGER predictions_500_delete AFTER DELETE ON evaluation.predictions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.forget_predictions() -- A

-- trigger evaluation.predictions predictions_500_truncate
CREATE TRIGGER predictions_500_truncate AFTER TRUNCATE ON evaluation.predictions FOR EACH STATEMENT EXECUTE FUNCTION evaluation.forget_predictions() -- A

-- trigger evaluation.predictions predictions_900_outside_delete
CREATE TRIGGER predictions_900_outside_delete AFTER DELETE ON evaluation.predictions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt') -- A

-- trigger evaluation.predictions predictions_900_outside_insert
CREATE TRIGGER predictions_900_outside_insert AFTER INSERT ON evaluation.predictions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt') -- A

-- trigger evaluation.predictions predictions_900_outside_truncate
CREATE TRIGGER predictions_900_outside_truncate AFTER TRUNCATE ON evaluation.predictions FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.predictions predictions_900_outside_update
CREATE TRIGGER predictions_900_outside_update AFTER UPDATE ON evaluation.predictions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt') -- A

-- trigger evaluation.predictions predictions_after_insert
CREATE TRIGGER predictions_after_insert AFTER INSERT ON evaluation.predictions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.update_modelpromptstatus() -- A

-- trigger evaluation.predictionstatus before_insert_prediction_status
CREATE TRIGGER before_insert_prediction_status BEFORE INSERT ON evaluation.predictionstatus FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION evaluation.update_in_progress_time() -- A

-- trigger evaluation.predictionstatus before_update_prediction_status
CREATE TRIGGER before_update_prediction_status BEFORE UPDATE ON evaluation.predictionstatus FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION evaluation.update_in_progress_time() -- A

-- trigger evaluation.predictionstatus predictionstatus_100_guard
CREATE TRIGGER predictionstatus_100_guard AFTER UPDATE ON evaluation.predictionstatus REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION evaluation.predictionstatus_100_guard() -- A

-- trigger evaluation.predictionstatus predictionstatus_200_reference_modelpromptstatus
CREATE TRIGGER predictionstatus_200_reference_modelpromptstatus AFTER INSERT ON evaluation.predictionstatus REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION evaluation.predictionstatus_200_reference_modelpromptstatus() -- A

-- trigger evaluation.predictionstatus predictionstatus_200_reference_rows
CREATE TRIGGER predictionstatus_200_reference_rows AFTER INSERT ON evaluation.predictionstatus REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION evaluation.predictionstatus_200_reference_rows() -- A

-- trigger evaluation.predictionstatus predictionstatus_200_referred_predictions
CREATE TRIGGER predictionstatus_200_referred_predictions AFTER DELETE ON evaluation.predictionstatus REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictionstatus_200_referred_predictions() -- A

-- trigger evaluation.predictionstatus predictionstatus_200_referred_predictions_key
CREATE TRIGGER predictionstatus_200_referred_predictions_key AFTER UPDATE OF row_id, model_id, prompt_id, dataset_id ON evaluation.predictionstatus FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictionstatus_200_referred_predictions() -- A

-- trigger evaluation.predictionstatus predictionstatus_200_referred_predictions_truncate
CREATE TRIGGER predictionstatus_200_referred_predictions_truncate AFTER TRUNCATE ON evaluation.predictionstatus FOR EACH STATEMENT EXECUTE FUNCTION evaluation.predictionstatus_200_referred_predictions() -- A

-- trigger evaluation.predictionstatus predictionstatus_300_delete
CREATE TRIGGER predictionstatus_300_delete AFTER DELETE ON evaluation.predictionstatus REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION evaluation.keep_tasks() -- A

-- trigger evaluation.predictionstatus predictionstatus_300_insert
CREATE TRIGGER predictionstatus_300_insert AFTER INSERT ON evaluation.predictionstatus REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION evaluation.keep_tasks() -- A

-- trigger evaluation.predictionstatus predictionstatus_300_job
CREATE TRIGGER predictionstatus_300_job AFTER UPDATE ON evaluation.predictionstatus REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION evaluation.keep_to_job() -- A

-- trigger evaluation.predictionstatus predictionstatus_500_tally
CREATE TRIGGER predictionstatus_500_tally AFTER UPDATE ON evaluation.predictionstatus REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() > 0)) EXECUTE FUNCTION evaluation.tally() -- A

-- trigger evaluation.predictionstatus predictionstatus_500_truncate
CREATE TRIGGER predictionstatus_500_truncate AFTER TRUNCATE ON evaluation.predictionstatus FOR EACH STATEMENT EXECUTE FUNCTION evaluation.reset_tasks() -- A

-- trigger evaluation.predictionstatus predictionstatus_900_outside_delete
CREATE TRIGGER predictionstatus_900_outside_delete AFTER DELETE ON evaluation.predictionstatus REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('row_id', 'model_id', 'prompt_id') -- A

-- trigger evaluation.predictionstatus predictionstatus_900_outside_insert
CREATE TRIGGER predictionstatus_900_outside_insert AFTER INSERT ON evaluation.predictionstatus REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('row_id', 'model_id', 'prompt_id') -- A

-- trigger evaluation.predictionstatus predictionstatus_900_outside_truncate
CREATE TRIGGER predictionstatus_900_outside_truncate AFTER TRUNCATE ON evaluation.predictionstatus FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.predictionstatus predictionstatus_900_outside_update
CREATE TRIGGER predictionstatus_900_outside_update AFTER UPDATE ON evaluation.predictionstatus REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('row_id', 'model_id', 'prompt_id') -- A

-- trigger evaluation.prompts prompts_100_immutable
CREATE TRIGGER prompts_100_immutable BEFORE UPDATE OF prompt_id, model_id, text, place_partition, place_offset ON evaluation.prompts FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger evaluation.prompts prompts_900_outside_delete
CREATE TRIGGER prompts_900_outside_delete AFTER DELETE ON evaluation.prompts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prompt_id') -- A

-- trigger evaluation.prompts prompts_900_outside_insert
CREATE TRIGGER prompts_900_outside_insert AFTER INSERT ON evaluation.prompts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prompt_id') -- A

-- trigger evaluation.prompts prompts_900_outside_truncate
CREATE TRIGGER prompts_900_outside_truncate AFTER TRUNCATE ON evaluation.prompts FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.prompts prompts_900_outside_update
CREATE TRIGGER prompts_900_outside_update AFTER UPDATE ON evaluation.prompts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('prompt_id') -- A

-- trigger evaluation.rows rows_100_immutable
CREATE TRIGGER rows_100_immutable BEFORE UPDATE OF row_id, dataset_id, content, version, place_partition, place_offset ON evaluation.rows FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger evaluation.rows rows_150_hold
CREATE TRIGGER rows_150_hold AFTER DELETE ON evaluation.rows REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.hold_rows() -- A

-- trigger evaluation.rows rows_200_referred_predictionstatus
CREATE TRIGGER rows_200_referred_predictionstatus AFTER DELETE ON evaluation.rows REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.rows_200_referred_predictionstatus() -- A

-- trigger evaluation.rows rows_200_referred_predictionstatus_key
CREATE TRIGGER rows_200_referred_predictionstatus_key AFTER UPDATE OF row_id, dataset_id ON evaluation.rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.rows_200_referred_predictionstatus() -- A

-- trigger evaluation.rows rows_200_referred_predictionstatus_truncate
CREATE TRIGGER rows_200_referred_predictionstatus_truncate AFTER TRUNCATE ON evaluation.rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.rows_200_referred_predictionstatus() -- A

-- trigger evaluation.rows rows_400_seed
CREATE TRIGGER rows_400_seed AFTER INSERT ON evaluation.rows REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.seed_rows() -- A

-- trigger evaluation.rows rows_500_edition
CREATE TRIGGER rows_500_edition AFTER UPDATE ON evaluation.rows REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.turn_edition() -- A

-- trigger evaluation.rows rows_900_outside_delete
CREATE TRIGGER rows_900_outside_delete AFTER DELETE ON evaluation.rows REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('row_id') -- A

-- trigger evaluation.rows rows_900_outside_insert
CREATE TRIGGER rows_900_outside_insert AFTER INSERT ON evaluation.rows REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('row_id') -- A

-- trigger evaluation.rows rows_900_outside_truncate
CREATE TRIGGER rows_900_outside_truncate AFTER TRUNCATE ON evaluation.rows FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.rows rows_900_outside_update
CREATE TRIGGER rows_900_outside_update AFTER UPDATE ON evaluation.rows REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('row_id') -- A

-- trigger evaluation.scores scores_100_immutable
CREATE TRIGGER scores_100_immutable BEFORE UPDATE OF row_id, model_id, prompt_id, dataset_id, attempt, prediction_digest, truth_version, gold, predicted, correct, scored_at, place_partition, place_offset ON evaluation.scores FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger evaluation.scores scores_200_reference_predictions
CREATE TRIGGER scores_200_reference_predictions AFTER INSERT ON evaluation.scores REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.scores_200_reference_predictions() -- A

-- trigger evaluation.scores scores_500_delete
CREATE TRIGGER scores_500_delete AFTER DELETE ON evaluation.scores REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.forget_scores() -- A

-- trigger evaluation.scores scores_500_tally
CREATE TRIGGER scores_500_tally AFTER INSERT ON evaluation.scores REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION evaluation.count_scores() -- A

-- trigger evaluation.scores scores_500_truncate
CREATE TRIGGER scores_500_truncate AFTER TRUNCATE ON evaluation.scores FOR EACH STATEMENT EXECUTE FUNCTION evaluation.forget_scores() -- A

-- trigger evaluation.scores scores_900_outside_delete
CREATE TRIGGER scores_900_outside_delete AFTER DELETE ON evaluation.scores REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt', 'truth_version', 'prediction_digest') -- A

-- trigger evaluation.scores scores_900_outside_insert
CREATE TRIGGER scores_900_outside_insert AFTER INSERT ON evaluation.scores REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt', 'truth_version', 'prediction_digest') -- A

-- trigger evaluation.scores scores_900_outside_truncate
CREATE TRIGGER scores_900_outside_truncate AFTER TRUNCATE ON evaluation.scores FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.scores scores_900_outside_update
CREATE TRIGGER scores_900_outside_update AFTER UPDATE ON evaluation.scores REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'row_id', 'attempt', 'truth_version', 'prediction_digest') -- A

-- trigger evaluation.status_update_log status_update_log_100_immutable
CREATE TRIGGER status_update_log_100_immutable BEFORE UPDATE OF id, model_id, prompt_id, dataset_id, status, updated_at, epoch ON evaluation.status_update_log FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger evaluation.status_update_log status_update_log_900_outside_delete
CREATE TRIGGER status_update_log_900_outside_delete AFTER DELETE ON evaluation.status_update_log REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'epoch', 'status') -- A

-- trigger evaluation.status_update_log status_update_log_900_outside_insert
CREATE TRIGGER status_update_log_900_outside_insert AFTER INSERT ON evaluation.status_update_log REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'epoch', 'status') -- A

-- trigger evaluation.status_update_log status_update_log_900_outside_truncate
CREATE TRIGGER status_update_log_900_outside_truncate AFTER TRUNCATE ON evaluation.status_update_log FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger evaluation.status_update_log status_update_log_900_outside_update
CREATE TRIGGER status_update_log_900_outside_update AFTER UPDATE ON evaluation.status_update_log REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('model_id', 'prompt_id', 'dataset_id', 'epoch', 'status') -- A

-- trigger ledger.id_range id_range_100_immutable
CREATE TRIGGER id_range_100_immutable BEFORE UPDATE OF kind, request, size, place_partition, place_offset ON ledger.id_range FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger ledger.operation operation_100_immutable
CREATE TRIGGER operation_100_immutable BEFORE UPDATE OF request, verb, topic, partition, "offset", by, why, asked_at, place_partition, place_offset ON ledger.operation FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger ledger.snapshot snapshot_100_immutable
CREATE TRIGGER snapshot_100_immutable BEFORE UPDATE OF board, snapshot, as_of, cut_at, cut, rule, digest, entries, parts, place_partition, place_offset ON ledger.snapshot FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger ledger.snapshot_part snapshot_part_100_immutable
CREATE TRIGGER snapshot_part_100_immutable BEFORE UPDATE OF board, snapshot, part, entries_count, entries, place_partition, place_offset ON ledger.snapshot_part FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger replays.confirmations confirmations_100_immutable
CREATE TRIGGER confirmations_100_immutable BEFORE UPDATE OF job_id, team_name, revision, players, confirmed_at, place_partition, place_offset ON replays.confirmations FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger replays.confirmations confirmations_300_players
CREATE TRIGGER confirmations_300_players AFTER INSERT ON replays.confirmations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.check_confirmations() -- A

-- trigger replays.confirmations confirmations_900_outside_delete
CREATE TRIGGER confirmations_900_outside_delete AFTER DELETE ON replays.confirmations REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name') -- A

-- trigger replays.confirmations confirmations_900_outside_insert
CREATE TRIGGER confirmations_900_outside_insert AFTER INSERT ON replays.confirmations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name') -- A

-- trigger replays.confirmations confirmations_900_outside_truncate
CREATE TRIGGER confirmations_900_outside_truncate AFTER TRUNCATE ON replays.confirmations FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.confirmations confirmations_900_outside_update
CREATE TRIGGER confirmations_900_outside_update AFTER UPDATE ON replays.confirmations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name') -- A

-- trigger replays.decks decks_100_immutable
CREATE TRIGGER decks_100_immutable BEFORE UPDATE OF url, parser_version, game, player, model_version, deck, confidence, cards, place_partition, place_offset ON replays.decks FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger replays.decks decks_200_reference_replays
CREATE TRIGGER decks_200_reference_replays AFTER INSERT ON replays.decks REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.decks_200_reference_replays() -- A

-- trigger replays.decks decks_900_outside_delete
CREATE TRIGGER decks_900_outside_delete AFTER DELETE ON replays.decks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game', 'player', 'model_version') -- A

-- trigger replays.decks decks_900_outside_insert
CREATE TRIGGER decks_900_outside_insert AFTER INSERT ON replays.decks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game', 'player', 'model_version') -- A

-- trigger replays.decks decks_900_outside_truncate
CREATE TRIGGER decks_900_outside_truncate AFTER TRUNCATE ON replays.decks FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.decks decks_900_outside_update
CREATE TRIGGER decks_900_outside_update AFTER UPDATE ON replays.decks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game', 'player', 'model_version') -- A

-- trigger replays.discoveries discoveries_100_immutable
CREATE TRIGGER discoveries_100_immutable BEFORE UPDATE OF job_id, team_name, revision, players, discovered_at, place_partition, place_offset ON replays.discoveries FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger replays.discoveries discoveries_500_show
CREATE TRIGGER discoveries_500_show AFTER INSERT ON replays.discoveries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.show_discoveries() -- A

-- trigger replays.discoveries discoveries_900_outside_delete
CREATE TRIGGER discoveries_900_outside_delete AFTER DELETE ON replays.discoveries REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name', 'revision') -- A

-- trigger replays.discoveries discoveries_900_outside_insert
CREATE TRIGGER discoveries_900_outside_insert AFTER INSERT ON replays.discoveries REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name', 'revision') -- A

-- trigger replays.discoveries discoveries_900_outside_truncate
CREATE TRIGGER discoveries_900_outside_truncate AFTER TRUNCATE ON replays.discoveries FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.discoveries discoveries_900_outside_update
CREATE TRIGGER discoveries_900_outside_update AFTER UPDATE ON replays.discoveries REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name', 'revision') -- A

-- trigger replays.games games_100_immutable
CREATE TRIGGER games_100_immutable BEFORE UPDATE OF url, parser_version, game, first, winner, unfinished, place_partition, place_offset ON replays.games FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger replays.games games_200_reference_replays
CREATE TRIGGER games_200_reference_replays AFTER INSERT ON replays.games REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.games_200_reference_replays() -- A

-- trigger replays.games games_900_outside_delete
CREATE TRIGGER games_900_outside_delete AFTER DELETE ON replays.games REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game') -- A

-- trigger replays.games games_900_outside_insert
CREATE TRIGGER games_900_outside_insert AFTER INSERT ON replays.games REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game') -- A

-- trigger replays.games games_900_outside_truncate
CREATE TRIGGER games_900_outside_truncate AFTER TRUNCATE ON replays.games FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.games games_900_outside_update
CREATE TRIGGER games_900_outside_update AFTER UPDATE ON replays.games REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url', 'parser_version', 'game') -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_050_show
CREATE TRIGGER gfwl_team_submissions_050_show BEFORE INSERT OR UPDATE ON replays.gfwl_team_submissions FOR EACH ROW EXECUTE FUNCTION replays.show_submission() -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_100_guard
CREATE TRIGGER gfwl_team_submissions_100_guard AFTER UPDATE ON replays.gfwl_team_submissions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION replays.gfwl_team_submissions_100_guard() -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_100_tallied
CREATE TRIGGER gfwl_team_submissions_100_tallied BEFORE UPDATE OF revision ON replays.gfwl_team_submissions FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_300_team
CREATE TRIGGER gfwl_team_submissions_300_team AFTER INSERT ON replays.gfwl_team_submissions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.keep_teams() -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_500_delete
CREATE TRIGGER gfwl_team_submissions_500_delete AFTER DELETE ON replays.gfwl_team_submissions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_teams() -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_500_insert
CREATE TRIGGER gfwl_team_submissions_500_insert AFTER INSERT ON replays.gfwl_team_submissions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_teams() -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_500_truncate
CREATE TRIGGER gfwl_team_submissions_500_truncate AFTER TRUNCATE ON replays.gfwl_team_submissions FOR EACH STATEMENT EXECUTE FUNCTION replays.forget_teams() -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_500_update
CREATE TRIGGER gfwl_team_submissions_500_update AFTER UPDATE ON replays.gfwl_team_submissions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_teams() -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_900_outside_delete
CREATE TRIGGER gfwl_team_submissions_900_outside_delete AFTER DELETE ON replays.gfwl_team_submissions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name') -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_900_outside_insert
CREATE TRIGGER gfwl_team_submissions_900_outside_insert AFTER INSERT ON replays.gfwl_team_submissions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name') -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_900_outside_truncate
CREATE TRIGGER gfwl_team_submissions_900_outside_truncate AFTER TRUNCATE ON replays.gfwl_team_submissions FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.gfwl_team_submissions gfwl_team_submissions_900_outside_update
CREATE TRIGGER gfwl_team_submissions_900_outside_update AFTER UPDATE ON replays.gfwl_team_submissions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'team_name') -- A

-- trigger replays.job_urls job_urls_100_derived
CREATE TRIGGER job_urls_100_derived BEFORE INSERT OR DELETE OR UPDATE ON replays.job_urls FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger replays.job_urls job_urls_500_delete
CREATE TRIGGER job_urls_500_delete AFTER DELETE ON replays.job_urls REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.forget_links() -- A

-- trigger replays.job_urls job_urls_500_insert
CREATE TRIGGER job_urls_500_insert AFTER INSERT ON replays.job_urls REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_links() -- A

-- trigger replays.job_urls job_urls_500_truncate
CREATE TRIGGER job_urls_500_truncate AFTER TRUNCATE ON replays.job_urls FOR EACH STATEMENT EXECUTE FUNCTION replays.reseed() -- A

-- trigger replays.job_urls job_urls_500_update
CREATE TRIGGER job_urls_500_update AFTER UPDATE ON replays.job_urls REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.tally_links() -- A

-- trigger replays.job_urls job_urls_900_outside_delete
CREATE TRIGGER job_urls_900_outside_delete AFTER DELETE ON replays.job_urls REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'url') -- A

-- trigger replays.job_urls job_urls_900_outside_insert
CREATE TRIGGER job_urls_900_outside_insert AFTER INSERT ON replays.job_urls REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'url') -- A

-- trigger replays.job_urls job_urls_900_outside_truncate
CREATE TRIGGER job_urls_900_outside_truncate AFTER TRUNCATE ON replays.job_urls FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.job_urls job_urls_900_outside_update
CREATE TRIGGER job_urls_900_outside_update AFTER UPDATE ON replays.job_urls REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'url') -- A

-- trigger replays.jobs jobs_050_show
CREATE TRIGGER jobs_050_show BEFORE INSERT OR UPDATE ON replays.jobs FOR EACH ROW EXECUTE FUNCTION replays.show_job() -- A

-- trigger replays.jobs jobs_100_guard
CREATE TRIGGER jobs_100_guard AFTER UPDATE ON replays.jobs REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION replays.jobs_100_guard() -- A

-- trigger replays.jobs jobs_100_immutable
CREATE TRIGGER jobs_100_immutable BEFORE UPDATE OF id, created_at, user_id, job_type, urls, team_data, shareable_id, place_partition, place_offset ON replays.jobs FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger replays.jobs jobs_100_tallied
CREATE TRIGGER jobs_100_tallied BEFORE UPDATE OF total_urls, processed_urls, failed_urls, cached_urls, total_teams, discovered_teams, confirmed_teams, started_at, completed_at, phase ON replays.jobs FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger replays.jobs jobs_400_seed
CREATE TRIGGER jobs_400_seed AFTER INSERT ON replays.jobs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.seed_job() -- A

-- trigger replays.jobs jobs_500_end
CREATE TRIGGER jobs_500_end AFTER UPDATE ON replays.jobs REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION replays.end_job() -- A

-- trigger replays.jobs jobs_900_outside_delete
CREATE TRIGGER jobs_900_outside_delete AFTER DELETE ON replays.jobs REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger replays.jobs jobs_900_outside_insert
CREATE TRIGGER jobs_900_outside_insert AFTER INSERT ON replays.jobs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger replays.jobs jobs_900_outside_truncate
CREATE TRIGGER jobs_900_outside_truncate AFTER TRUNCATE ON replays.jobs FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.jobs jobs_900_outside_update
CREATE TRIGGER jobs_900_outside_update AFTER UPDATE ON replays.jobs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger replays.replays replays_200_referred_decks
CREATE TRIGGER replays_200_referred_decks AFTER DELETE ON replays.replays REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_decks() -- A

-- trigger replays.replays replays_200_referred_decks_key
CREATE TRIGGER replays_200_referred_decks_key AFTER UPDATE OF url ON replays.replays FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_decks() -- A

-- trigger replays.replays replays_200_referred_decks_truncate
CREATE TRIGGER replays_200_referred_decks_truncate AFTER TRUNCATE ON replays.replays FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_decks() -- A

-- trigger replays.replays replays_200_referred_games
CREATE TRIGGER replays_200_referred_games AFTER DELETE ON replays.replays REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_games() -- A

-- trigger replays.replays replays_200_referred_games_key
CREATE TRIGGER replays_200_referred_games_key AFTER UPDATE OF url ON replays.replays FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_games() -- A

-- trigger replays.replays replays_200_referred_games_truncate
CREATE TRIGGER replays_200_referred_games_truncate AFTER TRUNCATE ON replays.replays FOR EACH STATEMENT EXECUTE FUNCTION replays.replays_200_referred_games() -- A

-- trigger replays.replays replays_900_outside_delete
CREATE TRIGGER replays_900_outside_delete AFTER DELETE ON replays.replays REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url') -- A

-- trigger replays.replays replays_900_outside_insert
CREATE TRIGGER replays_900_outside_insert AFTER INSERT ON replays.replays REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url') -- A

-- trigger replays.replays replays_900_outside_truncate
CREATE TRIGGER replays_900_outside_truncate AFTER TRUNCATE ON replays.replays FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.replays replays_900_outside_update
CREATE TRIGGER replays_900_outside_update AFTER UPDATE ON replays.replays REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url') -- A

-- trigger replays.scrape_failures scrape_failures_100_immutable
CREATE TRIGGER scrape_failures_100_immutable BEFORE UPDATE OF url, epoch, attempt, error_kind, error, failed_at, place_partition, place_offset ON replays.scrape_failures FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger replays.scrape_failures scrape_failures_500_delete
CREATE TRIGGER scrape_failures_500_delete AFTER DELETE ON replays.scrape_failures REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages() -- A

-- trigger replays.scrape_failures scrape_failures_500_insert
CREATE TRIGGER scrape_failures_500_insert AFTER INSERT ON replays.scrape_failures REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages() -- A

-- trigger replays.scrape_failures scrape_failures_500_truncate
CREATE TRIGGER scrape_failures_500_truncate AFTER TRUNCATE ON replays.scrape_failures FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages() -- A

-- trigger replays.scrape_failures scrape_failures_900_outside_delete
CREATE TRIGGER scrape_failures_900_outside_delete AFTER DELETE ON replays.scrape_failures REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url', 'epoch') -- A

-- trigger replays.scrape_failures scrape_failures_900_outside_insert
CREATE TRIGGER scrape_failures_900_outside_insert AFTER INSERT ON replays.scrape_failures REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url', 'epoch') -- A

-- trigger replays.scrape_failures scrape_failures_900_outside_truncate
CREATE TRIGGER scrape_failures_900_outside_truncate AFTER TRUNCATE ON replays.scrape_failures FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.scrape_failures scrape_failures_900_outside_update
CREATE TRIGGER scrape_failures_900_outside_update AFTER UPDATE ON replays.scrape_failures REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url', 'epoch') -- A

-- trigger replays.scraped_data scraped_data_100_immutable
CREATE TRIGGER scraped_data_100_immutable BEFORE UPDATE OF id, created_at, updated_at, url, s3_key, epoch, attempt, seconds, place_partition, place_offset ON replays.scraped_data FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger replays.scraped_data scraped_data_500_delete
CREATE TRIGGER scraped_data_500_delete AFTER DELETE ON replays.scraped_data REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages() -- A

-- trigger replays.scraped_data scraped_data_500_insert
CREATE TRIGGER scraped_data_500_insert AFTER INSERT ON replays.scraped_data REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages() -- A

-- trigger replays.scraped_data scraped_data_500_truncate
CREATE TRIGGER scraped_data_500_truncate AFTER TRUNCATE ON replays.scraped_data FOR EACH STATEMENT EXECUTE FUNCTION replays.settle_pages() -- A

-- trigger replays.scraped_data scraped_data_900_outside_delete
CREATE TRIGGER scraped_data_900_outside_delete AFTER DELETE ON replays.scraped_data REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url') -- A

-- trigger replays.scraped_data scraped_data_900_outside_insert
CREATE TRIGGER scraped_data_900_outside_insert AFTER INSERT ON replays.scraped_data REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url') -- A

-- trigger replays.scraped_data scraped_data_900_outside_truncate
CREATE TRIGGER scraped_data_900_outside_truncate AFTER TRUNCATE ON replays.scraped_data FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.scraped_data scraped_data_900_outside_update
CREATE TRIGGER scraped_data_900_outside_update AFTER UPDATE ON replays.scraped_data REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url') -- A

-- trigger replays.scrapes scrapes_050_show
CREATE TRIGGER scrapes_050_show BEFORE UPDATE ON replays.scrapes FOR EACH ROW EXECUTE FUNCTION replays.show_scrape() -- A

-- trigger replays.scrapes scrapes_100_guard
CREATE TRIGGER scrapes_100_guard AFTER UPDATE ON replays.scrapes REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION replays.scrapes_100_guard() -- A

-- trigger replays.scrapes scrapes_100_seeded
CREATE TRIGGER scrapes_100_seeded BEFORE INSERT OR DELETE ON replays.scrapes FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger replays.scrapes scrapes_100_tallied
CREATE TRIGGER scrapes_100_tallied BEFORE UPDATE OF status ON replays.scrapes FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger replays.scrapes scrapes_500_failed
CREATE TRIGGER scrapes_500_failed AFTER UPDATE ON replays.scrapes REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION replays.note_failures() -- A

-- trigger replays.scrapes scrapes_500_truncate
CREATE TRIGGER scrapes_500_truncate AFTER TRUNCATE ON replays.scrapes FOR EACH STATEMENT EXECUTE FUNCTION replays.reseed() -- A

-- trigger replays.scrapes scrapes_900_outside_delete
CREATE TRIGGER scrapes_900_outside_delete AFTER DELETE ON replays.scrapes REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url') -- A

-- trigger replays.scrapes scrapes_900_outside_insert
CREATE TRIGGER scrapes_900_outside_insert AFTER INSERT ON replays.scrapes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url') -- A

-- trigger replays.scrapes scrapes_900_outside_truncate
CREATE TRIGGER scrapes_900_outside_truncate AFTER TRUNCATE ON replays.scrapes FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.scrapes scrapes_900_outside_update
CREATE TRIGGER scrapes_900_outside_update AFTER UPDATE ON replays.scrapes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('url') -- A

-- trigger replays.users users_100_immutable
CREATE TRIGGER users_100_immutable BEFORE UPDATE OF id, created_at, updated_at, clerk_user_id, place_partition, place_offset ON replays.users FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger replays.users users_900_outside_delete
CREATE TRIGGER users_900_outside_delete AFTER DELETE ON replays.users REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('clerk_user_id') -- A

-- trigger replays.users users_900_outside_insert
CREATE TRIGGER users_900_outside_insert AFTER INSERT ON replays.users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('clerk_user_id') -- A

-- trigger replays.users users_900_outside_truncate
CREATE TRIGGER users_900_outside_truncate AFTER TRUNCATE ON replays.users FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger replays.users users_900_outside_update
CREATE TRIGGER users_900_outside_update AFTER UPDATE ON replays.users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('clerk_user_id') -- A

-- trigger seismic.datasets datasets_040_final
CREATE TRIGGER datasets_040_final BEFORE UPDATE ON seismic.datasets FOR EACH ROW WHEN ((((old.event_status)::text = 'ready'::text) AND (SESSION_USER = 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION seismic.datasets_040_final() -- A

-- trigger seismic.datasets datasets_050_say
CREATE TRIGGER datasets_050_say BEFORE INSERT OR UPDATE ON seismic.datasets FOR EACH ROW WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION seismic.say_dataset() -- A

-- trigger seismic.datasets datasets_100_guard
CREATE TRIGGER datasets_100_guard AFTER UPDATE ON seismic.datasets REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION seismic.datasets_100_guard() -- A

-- trigger seismic.datasets datasets_500_insert
CREATE TRIGGER datasets_500_insert AFTER INSERT ON seismic.datasets REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.show_written_datasets() -- A

-- trigger seismic.datasets datasets_500_update
CREATE TRIGGER datasets_500_update AFTER UPDATE ON seismic.datasets REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION seismic.show_written_datasets() -- A

-- trigger seismic.datasets datasets_600_tell
CREATE TRIGGER datasets_600_tell AFTER UPDATE ON seismic.datasets REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.tell_jobs() -- A

-- trigger seismic.datasets datasets_900_outside_delete
CREATE TRIGGER datasets_900_outside_delete AFTER DELETE ON seismic.datasets REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger seismic.datasets datasets_900_outside_insert
CREATE TRIGGER datasets_900_outside_insert AFTER INSERT ON seismic.datasets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger seismic.datasets datasets_900_outside_truncate
CREATE TRIGGER datasets_900_outside_truncate AFTER TRUNCATE ON seismic.datasets FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.datasets datasets_900_outside_update
CREATE TRIGGER datasets_900_outside_update AFTER UPDATE ON seismic.datasets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger seismic.definitions definitions_100_immutable
CREATE TRIGGER definitions_100_immutable BEFORE UPDATE OF metric, definition, unit, direction, formula, source, place_partition, place_offset ON seismic.definitions FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger seismic.definitions definitions_200_referred_measurements
CREATE TRIGGER definitions_200_referred_measurements AFTER DELETE ON seismic.definitions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.definitions_200_referred_measurements() -- A

-- trigger seismic.definitions definitions_200_referred_measurements_key
CREATE TRIGGER definitions_200_referred_measurements_key AFTER UPDATE OF metric, definition ON seismic.definitions FOR EACH STATEMENT EXECUTE FUNCTION seismic.definitions_200_referred_measurements() -- A

-- trigger seismic.definitions definitions_200_referred_measurements_truncate
CREATE TRIGGER definitions_200_referred_measurements_truncate AFTER TRUNCATE ON seismic.definitions FOR EACH STATEMENT EXECUTE FUNCTION seismic.definitions_200_referred_measurements() -- A

-- trigger seismic.definitions definitions_900_outside_delete
CREATE TRIGGER definitions_900_outside_delete AFTER DELETE ON seismic.definitions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('metric', 'definition') -- A

-- trigger seismic.definitions definitions_900_outside_insert
CREATE TRIGGER definitions_900_outside_insert AFTER INSERT ON seismic.definitions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('metric', 'definition') -- A

-- trigger seismic.definitions definitions_900_outside_truncate
CREATE TRIGGER definitions_900_outside_truncate AFTER TRUNCATE ON seismic.definitions FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.definitions definitions_900_outside_update
CREATE TRIGGER definitions_900_outside_update AFTER UPDATE ON seismic.definitions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('metric', 'definition') -- A

-- trigger seismic.denoised denoised_100_immutable
CREATE TRIGGER denoised_100_immutable BEFORE UPDATE OF job_id, attempt, trace, reference, seconds, denoised_at, place_partition, place_offset ON seismic.denoised FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger seismic.denoised denoised_200_reference_jobs
CREATE TRIGGER denoised_200_reference_jobs AFTER INSERT ON seismic.denoised REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.denoised_200_reference_jobs() -- A

-- trigger seismic.denoised denoised_500_delete
CREATE TRIGGER denoised_500_delete AFTER DELETE ON seismic.denoised REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_denoised() -- A

-- trigger seismic.denoised denoised_500_insert
CREATE TRIGGER denoised_500_insert AFTER INSERT ON seismic.denoised REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_denoised() -- A

-- trigger seismic.denoised denoised_500_truncate
CREATE TRIGGER denoised_500_truncate AFTER TRUNCATE ON seismic.denoised FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_denoised() -- A

-- trigger seismic.denoised denoised_900_outside_delete
CREATE TRIGGER denoised_900_outside_delete AFTER DELETE ON seismic.denoised REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'trace') -- A

-- trigger seismic.denoised denoised_900_outside_insert
CREATE TRIGGER denoised_900_outside_insert AFTER INSERT ON seismic.denoised REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'trace') -- A

-- trigger seismic.denoised denoised_900_outside_truncate
CREATE TRIGGER denoised_900_outside_truncate AFTER TRUNCATE ON seismic.denoised FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.denoised denoised_900_outside_update
CREATE TRIGGER denoised_900_outside_update AFTER UPDATE ON seismic.denoised REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'trace') -- A

-- trigger seismic.jobs jobs_040_final
CREATE TRIGGER jobs_040_final BEFORE UPDATE ON seismic.jobs FOR EACH ROW WHEN ((((old.event_status)::text = ANY ((ARRAY['completed'::character varying, 'failed'::character varying, 'cancelled'::character varying])::text[])) AND (SESSION_USER = 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION seismic.jobs_040_final() -- A

-- trigger seismic.jobs jobs_050_show
CREATE TRIGGER jobs_050_show BEFORE INSERT OR UPDATE ON seismic.jobs FOR EACH ROW EXECUTE FUNCTION seismic.show_job() -- A

-- trigger seismic.jobs jobs_100_guard
CREATE TRIGGER jobs_100_guard AFTER UPDATE ON seismic.jobs REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION seismic.jobs_100_guard() -- A

-- trigger seismic.jobs jobs_100_tallied
CREATE TRIGGER jobs_100_tallied BEFORE UPDATE OF input_ready, has_result ON seismic.jobs FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger seismic.jobs jobs_200_referred_denoised
CREATE TRIGGER jobs_200_referred_denoised AFTER DELETE ON seismic.jobs REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_denoised() -- A

-- trigger seismic.jobs jobs_200_referred_denoised_key
CREATE TRIGGER jobs_200_referred_denoised_key AFTER UPDATE OF id ON seismic.jobs FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_denoised() -- A

-- trigger seismic.jobs jobs_200_referred_denoised_truncate
CREATE TRIGGER jobs_200_referred_denoised_truncate AFTER TRUNCATE ON seismic.jobs FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_denoised() -- A

-- trigger seismic.jobs jobs_200_referred_measurements
CREATE TRIGGER jobs_200_referred_measurements AFTER DELETE ON seismic.jobs REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_measurements() -- A

-- trigger seismic.jobs jobs_200_referred_measurements_key
CREATE TRIGGER jobs_200_referred_measurements_key AFTER UPDATE OF id ON seismic.jobs FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_measurements() -- A

-- trigger seismic.jobs jobs_200_referred_measurements_truncate
CREATE TRIGGER jobs_200_referred_measurements_truncate AFTER TRUNCATE ON seismic.jobs FOR EACH STATEMENT EXECUTE FUNCTION seismic.jobs_200_referred_measurements() -- A

-- trigger seismic.jobs jobs_400_delete
CREATE TRIGGER jobs_400_delete AFTER DELETE ON seismic.jobs REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.close_outputs() -- A

-- trigger seismic.jobs jobs_400_open
CREATE TRIGGER jobs_400_open AFTER INSERT ON seismic.jobs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.open_outputs() -- A

-- trigger seismic.jobs jobs_400_truncate
CREATE TRIGGER jobs_400_truncate AFTER TRUNCATE ON seismic.jobs FOR EACH STATEMENT EXECUTE FUNCTION seismic.close_outputs() -- A

-- trigger seismic.jobs jobs_500_follow
CREATE TRIGGER jobs_500_follow AFTER UPDATE ON seismic.jobs REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.follow_jobs() -- A

-- trigger seismic.jobs jobs_900_outside_delete
CREATE TRIGGER jobs_900_outside_delete AFTER DELETE ON seismic.jobs REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger seismic.jobs jobs_900_outside_insert
CREATE TRIGGER jobs_900_outside_insert AFTER INSERT ON seismic.jobs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger seismic.jobs jobs_900_outside_truncate
CREATE TRIGGER jobs_900_outside_truncate AFTER TRUNCATE ON seismic.jobs FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.jobs jobs_900_outside_update
CREATE TRIGGER jobs_900_outside_update AFTER UPDATE ON seismic.jobs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('id') -- A

-- trigger seismic.measurements measurements_100_immutable
CREATE TRIGGER measurements_100_immutable BEFORE UPDATE OF job_id, attempt, trace, metric, definition, value, flag, n, measured_at, place_partition, place_offset ON seismic.measurements FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger seismic.measurements measurements_200_reference_definitions
CREATE TRIGGER measurements_200_reference_definitions AFTER INSERT ON seismic.measurements REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.measurements_200_reference_definitions() -- A

-- trigger seismic.measurements measurements_200_reference_jobs
CREATE TRIGGER measurements_200_reference_jobs AFTER INSERT ON seismic.measurements REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.measurements_200_reference_jobs() -- A

-- trigger seismic.measurements measurements_500_delete
CREATE TRIGGER measurements_500_delete AFTER DELETE ON seismic.measurements REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_measurements() -- A

-- trigger seismic.measurements measurements_500_insert
CREATE TRIGGER measurements_500_insert AFTER INSERT ON seismic.measurements REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_measurements() -- A

-- trigger seismic.measurements measurements_500_truncate
CREATE TRIGGER measurements_500_truncate AFTER TRUNCATE ON seismic.measurements FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_measurements() -- A

-- trigger seismic.measurements measurements_900_outside_delete
CREATE TRIGGER measurements_900_outside_delete AFTER DELETE ON seismic.measurements REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'trace') -- A

-- trigger seismic.measurements measurements_900_outside_insert
CREATE TRIGGER measurements_900_outside_insert AFTER INSERT ON seismic.measurements REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'trace') -- A

-- trigger seismic.measurements measurements_900_outside_truncate
CREATE TRIGGER measurements_900_outside_truncate AFTER TRUNCATE ON seismic.measurements FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.measurements measurements_900_outside_update
CREATE TRIGGER measurements_900_outside_update AFTER UPDATE ON seismic.measurements REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'trace') -- A

-- trigger seismic.models models_100_guard
CREATE TRIGGER models_100_guard AFTER UPDATE ON seismic.models REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION seismic.models_100_guard() -- A

-- trigger seismic.models models_100_immutable
CREATE TRIGGER models_100_immutable BEFORE UPDATE OF id, name, version, architecture, type, storage_path, config, created_at, place_partition, place_offset ON seismic.models FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger seismic.models models_100_tallied
CREATE TRIGGER models_100_tallied BEFORE UPDATE OF metrics ON seismic.models FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger seismic.models models_900_outside_delete
CREATE TRIGGER models_900_outside_delete AFTER DELETE ON seismic.models REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('name', 'version') -- A

-- trigger seismic.models models_900_outside_insert
CREATE TRIGGER models_900_outside_insert AFTER INSERT ON seismic.models REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('name', 'version') -- A

-- trigger seismic.models models_900_outside_truncate
CREATE TRIGGER models_900_outside_truncate AFTER TRUNCATE ON seismic.models FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.models models_900_outside_update
CREATE TRIGGER models_900_outside_update AFTER UPDATE ON seismic.models REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('name', 'version') -- A

-- trigger seismic.parts parts_100_immutable
CREATE TRIGGER parts_100_immutable BEFORE UPDATE OF dataset_id, attempt, part, bytes, sha256, stored_at, place_partition, place_offset ON seismic.parts FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger seismic.parts parts_500_delete
CREATE TRIGGER parts_500_delete AFTER DELETE ON seismic.parts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_parts() -- A

-- trigger seismic.parts parts_500_insert
CREATE TRIGGER parts_500_insert AFTER INSERT ON seismic.parts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_parts() -- A

-- trigger seismic.parts parts_500_truncate
CREATE TRIGGER parts_500_truncate AFTER TRUNCATE ON seismic.parts FOR EACH STATEMENT EXECUTE FUNCTION seismic.tally_parts() -- A

-- trigger seismic.parts parts_900_outside_delete
CREATE TRIGGER parts_900_outside_delete AFTER DELETE ON seismic.parts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt', 'part') -- A

-- trigger seismic.parts parts_900_outside_insert
CREATE TRIGGER parts_900_outside_insert AFTER INSERT ON seismic.parts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt', 'part') -- A

-- trigger seismic.parts parts_900_outside_truncate
CREATE TRIGGER parts_900_outside_truncate AFTER TRUNCATE ON seismic.parts FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.parts parts_900_outside_update
CREATE TRIGGER parts_900_outside_update AFTER UPDATE ON seismic.parts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt', 'part') -- A

-- trigger seismic.results results_100_immutable
CREATE TRIGGER results_100_immutable BEFORE UPDATE OF id, job_id, output_dataset_id, metrics, storage_path, created_at, attempt, traces, samples, sample_rate, size_bytes, place_partition, place_offset ON seismic.results FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger seismic.results results_500_delete
CREATE TRIGGER results_500_delete AFTER DELETE ON seismic.results REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.forget_results() -- A

-- trigger seismic.results results_500_insert
CREATE TRIGGER results_500_insert AFTER INSERT ON seismic.results REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION seismic.settle_results() -- A

-- trigger seismic.results results_500_truncate
CREATE TRIGGER results_500_truncate AFTER TRUNCATE ON seismic.results FOR EACH STATEMENT EXECUTE FUNCTION seismic.forget_results() -- A

-- trigger seismic.results results_900_outside_delete
CREATE TRIGGER results_900_outside_delete AFTER DELETE ON seismic.results REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt') -- A

-- trigger seismic.results results_900_outside_insert
CREATE TRIGGER results_900_outside_insert AFTER INSERT ON seismic.results REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt') -- A

-- trigger seismic.results results_900_outside_truncate
CREATE TRIGGER results_900_outside_truncate AFTER TRUNCATE ON seismic.results FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.results results_900_outside_update
CREATE TRIGGER results_900_outside_update AFTER UPDATE ON seismic.results REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt') -- A

-- trigger seismic.spread spread_100_derived
CREATE TRIGGER spread_100_derived BEFORE INSERT OR DELETE OR UPDATE ON seismic.spread FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger seismic.spread spread_900_outside_delete
CREATE TRIGGER spread_900_outside_delete AFTER DELETE ON seismic.spread REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'near') -- A

-- trigger seismic.spread spread_900_outside_insert
CREATE TRIGGER spread_900_outside_insert AFTER INSERT ON seismic.spread REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'near') -- A

-- trigger seismic.spread spread_900_outside_truncate
CREATE TRIGGER spread_900_outside_truncate AFTER TRUNCATE ON seismic.spread FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.spread spread_900_outside_update
CREATE TRIGGER spread_900_outside_update AFTER UPDATE ON seismic.spread REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition', 'near') -- A

-- trigger seismic.spread spread_900_truncate
CREATE TRIGGER spread_900_truncate AFTER TRUNCATE ON seismic.spread FOR EACH STATEMENT EXECUTE FUNCTION seismic.refuse_truncate() -- A

-- trigger seismic.summaries summaries_100_derived
CREATE TRIGGER summaries_100_derived BEFORE INSERT OR DELETE OR UPDATE ON seismic.summaries FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger seismic.summaries summaries_900_outside_delete
CREATE TRIGGER summaries_900_outside_delete AFTER DELETE ON seismic.summaries REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition') -- A

-- trigger seismic.summaries summaries_900_outside_insert
CREATE TRIGGER summaries_900_outside_insert AFTER INSERT ON seismic.summaries REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition') -- A

-- trigger seismic.summaries summaries_900_outside_truncate
CREATE TRIGGER summaries_900_outside_truncate AFTER TRUNCATE ON seismic.summaries FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.summaries summaries_900_outside_update
CREATE TRIGGER summaries_900_outside_update AFTER UPDATE ON seismic.summaries REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt', 'metric', 'definition') -- A

-- trigger seismic.summaries summaries_900_truncate
CREATE TRIGGER summaries_900_truncate AFTER TRUNCATE ON seismic.summaries FOR EACH STATEMENT EXECUTE FUNCTION seismic.refuse_truncate() -- A

-- trigger seismic.timings timings_100_derived
CREATE TRIGGER timings_100_derived BEFORE INSERT OR DELETE OR UPDATE ON seismic.timings FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger seismic.timings timings_900_outside_delete
CREATE TRIGGER timings_900_outside_delete AFTER DELETE ON seismic.timings REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt') -- A

-- trigger seismic.timings timings_900_outside_insert
CREATE TRIGGER timings_900_outside_insert AFTER INSERT ON seismic.timings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt') -- A

-- trigger seismic.timings timings_900_outside_truncate
CREATE TRIGGER timings_900_outside_truncate AFTER TRUNCATE ON seismic.timings FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.timings timings_900_outside_update
CREATE TRIGGER timings_900_outside_update AFTER UPDATE ON seismic.timings REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('job_id', 'attempt') -- A

-- trigger seismic.timings timings_900_truncate
CREATE TRIGGER timings_900_truncate AFTER TRUNCATE ON seismic.timings FOR EACH STATEMENT EXECUTE FUNCTION seismic.refuse_truncate() -- A

-- trigger seismic.uploads uploads_100_immutable
CREATE TRIGGER uploads_100_immutable BEFORE UPDATE OF dataset_id, attempt, size_bytes, part_bytes, sha256, started_at, place_partition, place_offset ON seismic.uploads FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger seismic.uploads uploads_100_tallied
CREATE TRIGGER uploads_100_tallied BEFORE UPDATE OF stored_parts, stored_bytes, odd_parts ON seismic.uploads FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION ledger.refuse_direct_write() -- A

-- trigger seismic.uploads uploads_500_delete
CREATE TRIGGER uploads_500_delete AFTER DELETE ON seismic.uploads REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION seismic.show_uploaded() -- A

-- trigger seismic.uploads uploads_500_insert
CREATE TRIGGER uploads_500_insert AFTER INSERT ON seismic.uploads REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION seismic.show_uploaded() -- A

-- trigger seismic.uploads uploads_500_truncate
CREATE TRIGGER uploads_500_truncate AFTER TRUNCATE ON seismic.uploads FOR EACH STATEMENT EXECUTE FUNCTION seismic.show_uploaded() -- A

-- trigger seismic.uploads uploads_900_outside_delete
CREATE TRIGGER uploads_900_outside_delete AFTER DELETE ON seismic.uploads REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt') -- A

-- trigger seismic.uploads uploads_900_outside_insert
CREATE TRIGGER uploads_900_outside_insert AFTER INSERT ON seismic.uploads REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt') -- A

-- trigger seismic.uploads uploads_900_outside_truncate
CREATE TRIGGER uploads_900_outside_truncate AFTER TRUNCATE ON seismic.uploads FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.uploads uploads_900_outside_update
CREATE TRIGGER uploads_900_outside_update AFTER UPDATE ON seismic.uploads REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('dataset_id', 'attempt') -- A

-- trigger seismic.users users_050_stamp
CREATE TRIGGER users_050_stamp BEFORE UPDATE OF email, role ON seismic.users FOR EACH ROW WHEN ((SESSION_USER <> 'podium_consumer'::name)) EXECUTE FUNCTION seismic.stamp_user() -- A

-- trigger seismic.users users_100_immutable
CREATE TRIGGER users_100_immutable BEFORE UPDATE OF id, email, created_at ON seismic.users FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_update() -- A

-- trigger seismic.users users_900_outside_delete
CREATE TRIGGER users_900_outside_delete AFTER DELETE ON seismic.users REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('email') -- A

-- trigger seismic.users users_900_outside_insert
CREATE TRIGGER users_900_outside_insert AFTER INSERT ON seismic.users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('email') -- A

-- trigger seismic.users users_900_outside_truncate
CREATE TRIGGER users_900_outside_truncate AFTER TRUNCATE ON seismic.users FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write() -- A

-- trigger seismic.users users_900_outside_update
CREATE TRIGGER users_900_outside_update AFTER UPDATE ON seismic.users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN (((SESSION_USER <> 'podium_consumer'::name) AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION ledger.record_outside_write('email') -- A

-- view chess.anomalies
SELECT 'token was not valid when it took a part'::text AS anomaly,
    jsonb_build_object('task_id', a.task_id, 'assignment_id', a.assignment_id) AS subject
   FROM (chess.task_assignments a
     JOIN chess.token_validity v ON ((v.id = a.assigned_token_id)))
  WHERE ((a.assigned_at < v.valid_from) OR (a.assigned_at >= v.valid_until))
UNION ALL
 SELECT 'part of a task that was decided'::text AS anomaly,
    jsonb_build_object('task_id', a.task_id, 'assignment_id', a.assignment_id) AS subject
   FROM (chess.task_assignments a
     JOIN chess.verdicts v ON (((v.task_id = a.task_id) AND (v.place_offset < a.place_offset))))
UNION ALL
 SELECT 'two active parts of one token and device'::text AS anomaly,
    jsonb_build_object('token_id', task_assignments.assigned_token_id, 'gpu_id', task_assignments.gpu_id) AS subject
   FROM chess.task_assignments
  WHERE ((task_assignments.status = 'ACTIVE'::text) AND (task_assignments.assigned_token_id IS NOT NULL))
  GROUP BY task_assignments.assigned_token_id, task_assignments.gpu_id
 HAVING (count(*) > 1)
UNION ALL
 SELECT 'both games of a pair with one colour'::text AS anomaly,
    jsonb_build_object('task_id', game_results.task_id, 'pair_key', game_results.pair_key) AS subject
   FROM chess.game_results
  GROUP BY game_results.task_id, game_results.pair_key
 HAVING ((count(*) = 2) AND (count(DISTINCT game_results.candidate_is_white) = 1))
UNION ALL
 SELECT 'game of a tuning without its parameter set'::text AS anomaly,
    jsonb_build_object('task_id', g.task_id, 'pair_key', g.pair_key) AS subject
   FROM (chess.game_results g
     JOIN chess.tune_tasks t ON ((t.task_id = g.task_id)))
  WHERE (g.param_set_id IS NULL)
UNION ALL
 SELECT 'verdict on other games than there are'::text AS anomaly,
    jsonb_build_object('task_id', v.task_id) AS subject
   FROM ((chess.verdicts v
     LEFT JOIN chess.match_tasks m ON ((m.task_id = v.task_id)))
     LEFT JOIN chess.sprt_tasks s ON ((s.task_id = v.task_id)))
  WHERE (((v.wins IS DISTINCT FROM COALESCE(s.wins, m.wins)) OR (v.losses IS DISTINCT FROM COALESCE(s.losses, m.losses))) OR (v.draws IS DISTINCT FROM COALESCE(s.draws, m.draws)))
UNION ALL
 SELECT 'match decided below its cap'::text AS anomaly,
    jsonb_build_object('task_id', match_tasks.task_id) AS subject
   FROM chess.match_tasks
  WHERE (match_tasks.done AND (((match_tasks.wins + match_tasks.losses) + match_tasks.draws) < match_tasks.game_cap))
UNION ALL
 SELECT 'weights under several networks'::text AS anomaly,
    jsonb_build_object('sha', networks.sha) AS subject
   FROM chess.networks
  WHERE (networks.sha IS NOT NULL)
  GROUP BY networks.sha
 HAVING (count(*) > 1)
UNION ALL
 SELECT 'network number given twice'::text AS anomaly,
    jsonb_build_object('training_run_id', networks.training_run_id, 'number', networks.network_number) AS subject
   FROM chess.networks
  GROUP BY networks.training_run_id, networks.network_number
 HAVING ((count(*) > 1) AND (count(networks.network_number) > 1))
UNION ALL
 SELECT 'network number left out'::text AS anomaly,
    jsonb_build_object('training_run_id', r.id, 'number', number.number) AS subject
   FROM chess.training_runs r,
    LATERAL generate_series((1)::bigint, r.last_network) number(number)
  WHERE (NOT (EXISTS ( SELECT
           FROM chess.networks n
          WHERE ((n.training_run_id = r.id) AND (n.network_number = number.number)))))
UNION ALL
 SELECT 'promotion was stale'::text AS anomaly,
    jsonb_build_object('training_run_id', promotions.training_run_id, 'match_task_id', promotions.match_task_id) AS subject
   FROM chess.promotions
  WHERE (promotions.version IS NULL)
UNION ALL
 SELECT 'candidate of another run'::text AS anomaly,
    jsonb_build_object('task_id', m.task_id) AS subject
   FROM ((chess.match_tasks m
     JOIN chess.training_tasks t ON ((t.id = COALESCE(m.training_task_id, m.regression_of))))
     JOIN chess.networks n ON ((n.id = m.candidate_network_id)))
  WHERE (n.training_run_id IS DISTINCT FROM t.training_run_id)
UNION ALL
 SELECT 'legacy match shows more games than it has'::text AS anomaly,
    jsonb_build_object('match_id', m.id) AS subject
   FROM chess.matches m
  WHERE ((((COALESCE(m.wins, 0) + COALESCE(m.losses, 0)) + COALESCE(m.draws, 0)) > ( SELECT count(*) AS count
           FROM chess.match_games g
          WHERE ((g.match_id = m.id) AND g.done))) AND (EXISTS ( SELECT
           FROM chess.match_games g
          WHERE (g.match_id = m.id))));

-- view chess.games
SELECT g.task_id,
    g.pair_key,
    g.seq,
    g.param_set_id,
    g.assignment_id,
    g.result,
    g.candidate_is_white,
    g.detailed_outcome,
    g.crash_type,
    g.played_at,
    g.place_partition,
    g.place_offset,
    chess.is_late(g.place_offset, d.place_offset) AS late
   FROM ((chess.game_results g
     LEFT JOIN chess.verdicts v ON ((v.task_id = g.task_id)))
     LEFT JOIN chess.game_results d ON (((d.task_id = v.task_id) AND (d.pair_key = v.pair_key) AND (d.seq = v.seq))));

-- view chess.special_networks
SELECT training_runs.best_network_id AS network_id,
    'BEST'::text AS kind,
    training_runs.id AS training_run_id,
    NULL::text AS set_by
   FROM chess.training_runs
  WHERE (training_runs.best_network_id IS NOT NULL)
UNION ALL
 SELECT networks.id AS network_id,
    'ANCHOR'::text AS kind,
    networks.training_run_id,
    NULL::text AS set_by
   FROM chess.networks
  WHERE networks.anchor
UNION ALL
 SELECT m.network_id,
    m.kind,
    n.training_run_id,
    m.set_by
   FROM (chess.network_marks m
     JOIN chess.networks n ON ((n.id = m.network_id)))
  WHERE m.marked;

-- view chess.token_validity
SELECT id,
    token,
    user_id,
    created_at AS valid_from,
    LEAST(expires_at, (revoked_at + make_interval(secs => (grace_seconds)::double precision))) AS valid_until
   FROM chess.auth_tokens;

-- view competition.late_predictions
SELECT p.id,
    p.model_id,
    p.prediction_config_id,
    p.scope_key,
    p.scope_jsonb,
    p.status,
    p.exec_time_ms,
    p.inference_input_jsonb,
    p.inference_output_jsonb,
    p.meta_jsonb,
    p.performed_at,
    p.resolvable_at,
    p.score_value,
    p.score_success,
    p.score_failed_reason,
    p.score_scored_at,
    p.score_status,
    p.absent,
    p.answered_at,
    p.digest,
    p.place_partition,
    p.place_offset
   FROM (competition.predictions p
     JOIN competition.closings c USING (prediction_config_id, performed_at))
  WHERE ((NOT p.absent) AND (NOT (c.answered ? (p.model_id)::text)));

-- view ledger.published_snapshot
SELECT board,
    snapshot,
    as_of,
    cut_at,
    cut,
    rule,
    digest,
        CASE
            WHEN (parts IS NULL) THEN entries
            ELSE ( SELECT (('['::text || string_agg(substr(p.entries, 2, (length(p.entries) - 2)), ','::text ORDER BY p.part)) || ']'::text)
               FROM ledger.snapshot_part p
              WHERE ((p.board = s.board) AND (p.snapshot = s.snapshot) AND (p.part <= s.parts)))
        END AS entries,
    parts,
    place_partition,
    place_offset
   FROM ledger.snapshot s
  WHERE ((parts IS NULL) OR (parts = ( SELECT count(*) AS count
           FROM ledger.snapshot_part p
          WHERE ((p.board = s.board) AND (p.snapshot = s.snapshot) AND (p.part <= s.parts)))));

-- view replays.job_types
SELECT DISTINCT job_type
   FROM replays.jobs;

-- view replays.jobs_over_rate
SELECT id,
    user_id,
    created_at
   FROM ( SELECT jobs.id,
            jobs.user_id,
            jobs.created_at,
            count(*) OVER (PARTITION BY jobs.user_id ORDER BY jobs.created_at RANGE '01:00:00'::interval PRECEDING) AS within_the_hour
           FROM replays.jobs) counted
  WHERE (within_the_hour > 5);

-- view replays.public_decks
SELECT g.url,
    g.played_at,
    g.game,
    side.player,
    side.name,
    d.deck,
    d.confidence,
    g.winner,
    g.unfinished,
    d.model_version,
    d.place_partition,
    d.place_offset
   FROM ((replays.public_games g
     CROSS JOIN LATERAL ( VALUES (1,g.player1), (2,g.player2)) side(player, name))
     CROSS JOIN LATERAL ( SELECT d_1.deck,
            d_1.confidence,
            d_1.model_version,
            d_1.place_partition,
            d_1.place_offset
           FROM replays.decks d_1
          WHERE (((d_1.url)::text = (g.url)::text) AND (d_1.parser_version = g.parser_version) AND (d_1.game = g.game) AND (d_1.player = side.player))
          ORDER BY d_1.model_version DESC
         LIMIT 1) d);

-- view replays.public_games
SELECT r.url,
    r.played_at,
    r.player1,
    r.player2,
    g.game,
    g.first,
    g.winner,
    g.unfinished,
    r.parser_version,
    g.place_partition,
    g.place_offset
   FROM (replays.replays r
     JOIN replays.games g ON ((((g.url)::text = (r.url)::text) AND (g.parser_version = r.parser_version) AND (g.game <= r.games))))
  WHERE (EXISTS ( SELECT
           FROM (replays.job_urls u
             JOIN replays.jobs j ON ((j.id = u.job_id)))
          WHERE (((u.url)::text = (r.url)::text) AND j.is_public AND ((u.status)::text = ANY ((ARRAY['scraped'::character varying, 'cached'::character varying])::text[])))));

-- view replays.public_jobs
SELECT shareable_id,
    job_type,
    status,
    total_urls,
    processed_urls,
    failed_urls,
    created_at,
    completed_at
   FROM replays.jobs
  WHERE is_public;

-- view replays.public_teams
SELECT j.shareable_id,
    s.team_name,
    s.confirmed_players,
    u.url
   FROM ((replays.jobs j
     JOIN replays.gfwl_team_submissions s ON ((s.job_id = j.id)))
     JOIN replays.job_urls u ON ((u.job_id = j.id)))
  WHERE (j.is_public AND ((u.status)::text = ANY ((ARRAY['scraped'::character varying, 'cached'::character varying])::text[])));

-- view seismic.final_results
SELECT r.id,
    r.job_id,
    r.attempt,
    r.output_dataset_id,
    r.metrics,
    r.storage_path,
    r.created_at,
    j.model_id,
    j.dataset_id
   FROM (seismic.results r
     JOIN seismic.jobs j ON (((j.id = r.job_id) AND (j.attempt = r.attempt) AND ((j.status)::text = 'completed'::text))));
