-- Runs once, after the roles were made and when the cluster is new: one password for all roles, and the database's owner.
\getenv password POSTGRES_PASSWORD
ALTER ROLE podium_owner PASSWORD :'password';
ALTER ROLE podium_consumer PASSWORD :'password';
ALTER ROLE podium_stream PASSWORD :'password';
ALTER ROLE podium_reader PASSWORD :'password';
ALTER DATABASE podium OWNER TO podium_owner;
