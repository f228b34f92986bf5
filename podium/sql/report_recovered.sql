-- What failed in these loops and does not any more: of this process at once, of a process that is gone as soon as the
-- loop works here.
DELETE FROM ledger.failure AS f
USING jsonb_to_recordset(%(loops)s) AS l (name text, ready boolean)
WHERE
    f.loop = l.name
    AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset(%(failures)s) AS own (loop text, subject text)
        WHERE own.loop = f.loop AND own.subject = f.subject
    )
    AND (
        f.process = %(process)s
        OR (
            l.ready AND NOT EXISTS (
                SELECT FROM ledger.loop AS other
                WHERE
                    other.name = f.loop AND other.process = f.process
                    AND other.reported_at > clock_timestamp() - make_interval(secs => %(gone)s)
            )
        )
    )
