-- Runs once, after the roles were made and when the cluster is new: each role has the password of its own file, and the database its owner.
\set owner `cat /run/secrets/owner_password`
\set consumer `cat /run/secrets/consumer_password`
\set stream `cat /run/secrets/stream_password`
\set reader `cat /run/secrets/reader_password`
ALTER ROLE podium_owner PASSWORD :'owner';
ALTER ROLE podium_consumer PASSWORD :'consumer';
ALTER ROLE podium_stream PASSWORD :'stream';
ALTER ROLE podium_reader PASSWORD :'reader';
ALTER DATABASE podium OWNER TO podium_owner;
