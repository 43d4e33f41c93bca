"""What Alembic runs for each command. The connection comes from `helpline.records.migrate`, in a transaction."""

from alembic import context

from helpline.records.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
