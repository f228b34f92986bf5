-- What this process has confined; a row that is as it was is left alone.
INSERT INTO ledger.failure AS known (loop, subject, error, topic, partition, "offset", since, tries, process)
SELECT f.loop, f.subject, f.error, f.topic, f.partition, f."offset", f.since, f.tries, %(process)s
FROM jsonb_to_recordset(%(failures)s) AS f (
    loop text, subject text, error text, topic text, partition integer, "offset" bigint, since timestamptz, tries integer
)
ORDER BY f.loop, f.subject
ON CONFLICT (loop, subject) DO UPDATE SET
    error = excluded.error, topic = excluded.topic, partition = excluded.partition, "offset" = excluded."offset",
    since = excluded.since, tries = excluded.tries, process = excluded.process
WHERE (known.error, known.since, known.tries, known.process)
    IS DISTINCT FROM (excluded.error, excluded.since, excluded.tries, excluded.process)
