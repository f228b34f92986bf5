-- Reports of processes that are long gone.
DELETE FROM ledger.loop
WHERE reported_at < clock_timestamp() - make_interval(secs => %(kept)s)
