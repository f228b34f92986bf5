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
