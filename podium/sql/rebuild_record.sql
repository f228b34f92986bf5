-- The record of a run; a later go of the same run replaces it, but for the base that it began from.
INSERT INTO ledger.rebuild AS r (run, started_at, by, why, domains, base, upto, records, seconds, equal, digests, code)
SELECT %(run)s, %(started)s, %(by)s, %(why)s, %(domains)s, %(base)s, %(upto)s, %(records)s, %(seconds)s, %(equal)s,
       %(digests)s, version_num
  FROM public.alembic_version
ON CONFLICT (run) DO UPDATE
   SET finished_at = clock_timestamp(), domains = excluded.domains, upto = excluded.upto, records = excluded.records,
       seconds = excluded.seconds, equal = excluded.equal, digests = excluded.digests, code = excluded.code
RETURNING r.base
