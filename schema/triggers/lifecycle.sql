-- The life cycle @{name}: ranks and moves of its states, as declared.
CREATE FUNCTION @{schema}.@{lifecycle}_rank(state text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE state @{ranks} END;

CREATE FUNCTION @{schema}.@{lifecycle}_moves(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin @{moves} ELSE false END;

CREATE FUNCTION @{schema}.@{lifecycle}_reaches(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE origin @{reaches} ELSE false END;

CREATE FUNCTION @{schema}.@{lifecycle}_reopens(origin text, target text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN @{reopens};
