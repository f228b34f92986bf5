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
