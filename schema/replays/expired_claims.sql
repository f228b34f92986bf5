-- Claims whose lease has run out: the page waits for the next attempt, or has failed if that was the last.
SELECT CASE WHEN s.attempt < 3 THEN 'replays.url.released.v1' ELSE 'replays.url.failed.v1' END AS type,
       jsonb_build_object(
           'url', s.url, 'epoch', s.epoch,
           'attempt', CASE WHEN s.attempt < 3 THEN s.attempt + 1 ELSE s.attempt END,
           'error_kind', 'lease expired', 'error', coalesce(s.worker, ''))                     AS data
FROM replays.scrapes AS s
WHERE s.status = 'scraping'
  AND s.lease_until < %(now)s::timestamptz
ORDER BY s.url
LIMIT %(limit)s
