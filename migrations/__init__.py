"""How a database came to be what the declarations say: frozen steps, run by alembic."""
