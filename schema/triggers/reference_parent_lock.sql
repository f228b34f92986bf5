PERFORM FROM @{through} t
        WHERE EXISTS (SELECT FROM (SELECT DISTINCT @{columns} FROM old_rows) p WHERE @{match})
        ORDER BY @{order}
        FOR UPDATE;
