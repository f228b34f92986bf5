-- A range of a table was compared; without a cursor the table was gone through to its end.
INSERT INTO public.patrol AS p (relation, cursor, compared, total, rounds, wrong, whole_at)
VALUES (%(relation)s, %(cursor)s, %(rows)s, %(total)s, (%(cursor)s::jsonb IS NULL)::int, %(wrong)s,
        CASE WHEN %(cursor)s::jsonb IS NULL THEN clock_timestamp() END)
ON CONFLICT (relation) DO UPDATE
   SET cursor = excluded.cursor, rounds = p.rounds + excluded.rounds,
       compared = excluded.compared + CASE WHEN p.cursor IS NULL THEN 0 ELSE p.compared END,
       total = excluded.total,
       wrong = excluded.wrong + CASE WHEN p.cursor IS NULL THEN 0 ELSE p.wrong END,
       whole_at = coalesce(excluded.whole_at, p.whole_at), at = clock_timestamp()
