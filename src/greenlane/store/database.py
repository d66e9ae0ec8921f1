"""Open the database, bring its schema up to date, and hand out connections."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, text

from greenlane.model.errors import GreenlaneError

#: The newest migration. A test checks it against the scripts.
HEAD: Final = "0002"
MIGRATIONS: Final = Path(__file__).parent / "migrations"


class StoreError(GreenlaneError):
    """The database cannot be used."""

    code = "store_failed"
    exit_code = 69
    http_status = 503


def open_database(url: str) -> Engine:
    """Give an engine on a database whose schema is current.

    Raises:
        StoreError: the database is newer than this program, or cannot be opened.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    _migrate(engine)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """WAL, so that readers never wait; FULL, so that an accepted job outlives a power cut.

    A checkpoint takes some 20 ms of the one commit that it falls to: every 16 MB, few submits meet
    one.
    """
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "cache_size=-8000",
        "wal_autocheckpoint=4000",
        "journal_size_limit=16000000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        found = _version(connection)
    if found == HEAD:
        return
    known = {path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    if found is not None and found not in known:
        raise StoreError(
            f"the database {engine.url} is at version {found}, newer than this program's {HEAD}",
            hint="upgrade greenlane, or give it another state folder",
        )
    upgrade(engine)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, each in its own transaction."""
    # Alembic is imported only here: a server whose schema is current never pays for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")


def insert_unless_there(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert a row; one with the same key or unique value stays as it is."""
    # Each dialect costs the server start a few hundred milliseconds: only the one in use.
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415

        connection.execute(insert(table).on_conflict_do_nothing(), values)
    else:
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite  # noqa: PLC0415

        connection.execute(insert_sqlite(table).on_conflict_do_nothing(), values)
