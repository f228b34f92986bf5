-- The record of a run; a later go of the same run replaces it.
INSERT INTO ledger.rebuild (run, started_at, by, why, domains, upto, records, seconds, equal, digests, code)
VALUES (%(run)s, %(started)s, %(by)s, %(why)s, %(domains)s, %(upto)s, %(records)s, %(seconds)s, %(equal)s, %(digests)s,
        %(code)s)
ON CONFLICT (run) DO UPDATE
   SET finished_at = clock_timestamp(), upto = excluded.upto, records = excluded.records, seconds = excluded.seconds,
       equal = excluded.equal, digests = excluded.digests, code = excluded.code
