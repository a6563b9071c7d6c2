"""The host's database, with its own Alembic version table."""

from pathlib import Path

from sqlalchemy import Engine, create_engine, text


def open_database(file: Path) -> Engine:
    """Return the database with what the host's migrations have left."""
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('hostrevision')"))
    return engine
