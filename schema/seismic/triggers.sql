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
