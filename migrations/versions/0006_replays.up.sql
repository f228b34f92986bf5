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
    CONSTRAINT ck_scrapes_status CHECK (status IN ('queued', 'scraping', 'scraped', 'failed'))
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

-- Submissions beyond five an hour and user: whoever takes them in refuses these; here they show.
CREATE VIEW replays.jobs_over_rate AS
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
