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
