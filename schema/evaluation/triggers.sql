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
