SELECT pg_get_userbyid(datdba), datconnlimit FROM pg_database WHERE datname = %s
