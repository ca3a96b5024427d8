import shutil
import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from results_db import database, engines
from results_db.database import (
    DatabaseError,
    DatabaseMissing,
    check_database,
    open_for_reading,
    open_for_writing,
    write_session,
)
from results_db.models import Base


def test_the_migrations_make_the_models(tmp_path):
    engine = open_for_writing(str(tmp_path / "x.db"))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": database.VERSION_TABLE}
        )
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == database.revisions()[-1]


def test_the_known_schemas_are_the_migrations_in_their_order():
    scripts = ScriptDirectory(str(database.MIGRATIONS))
    newest_first = [script.revision for script in scripts.walk_revisions()]
    assert database.revisions() == newest_first[::-1]


def test_sqlite_is_set_up_for_one_writer_and_many_readers(tmp_path):
    engine = open_for_writing(str(tmp_path / "x.db"))
    with engine.connect() as connection:
        pragma = lambda name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()  # noqa: E731
        assert pragma("journal_mode") == "wal"
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") == 60_000


def test_there_is_no_write_ahead_log_on_a_network_file_system(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "_on_network", lambda file: True)
    engine = open_for_writing(str(tmp_path / "x.db"))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"


def test_a_missing_database_says_how_to_make_one(tmp_path):
    with pytest.raises(DatabaseMissing, match="podium submit"):
        open_for_reading(str(tmp_path / "x.db"))
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize("opened", [open_for_reading, open_for_writing])
def test_a_foreign_database_is_refused_and_left_alone(tmp_path, opened):
    file = tmp_path / "x.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE invoices (id INTEGER)")
    before = file.read_bytes()
    with pytest.raises(DatabaseError, match="another program's database .*invoices"):
        opened(str(file))
    assert file.read_bytes() == before


@pytest.mark.parametrize("opened", [open_for_reading, open_for_writing])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, opened):
    file = tmp_path / "x.db"
    file.write_bytes(b"nonsense" * 1000)
    with pytest.raises(DatabaseError, match="no SQLite database"):
        opened(str(file))
    assert file.read_bytes() == b"nonsense" * 1000


@pytest.mark.parametrize("opened", [open_for_reading, open_for_writing, check_database])
@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ("'9999'", "newer than .*upgrade Podium"),
        ("'0000'", "'0000', which no Podium wrote .known: 0001"),
        ("''", "'', which no Podium wrote"),
    ],
)
def test_an_unknown_schema_is_refused_and_left_alone(
    tmp_path, opened, schema, complaint
):
    file = tmp_path / "x.db"
    open_for_writing(str(file)).dispose()
    with sqlite3.connect(file) as connection:
        connection.execute(f"UPDATE {database.VERSION_TABLE} SET version_num={schema}")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(DatabaseError, match=complaint):
        opened(str(file))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["x.db"]
    assert file.read_bytes() == before


def test_tables_without_their_schema_are_refused(tmp_path):
    file = tmp_path / "x.db"
    engine = open_for_writing(str(file))
    with write_session(engine) as session:
        session.execute(text(f"DELETE FROM {database.VERSION_TABLE}"))
    with pytest.raises(DatabaseError, match="no Podium wrote"):
        open_for_writing(str(file))


def test_an_older_schema_is_upgraded_after_a_backup(tmp_path, monkeypatch):
    file = tmp_path / "x.db"
    open_for_writing(str(file)).dispose()
    scripts = tmp_path / "migrations"
    shutil.copytree(database.MIGRATIONS, scripts)
    newest = database.revisions()[-1]
    (scripts / "versions" / "0099_notes.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = '0099', '{newest}'\n"
        "branch_labels = depends_on = None\n"
        "def upgrade():\n"
        "    op.create_table('notes', sa.Column('id', sa.Integer, primary_key=True))\n"
    )
    monkeypatch.setattr(database, "MIGRATIONS", scripts)
    with pytest.raises(DatabaseError, match=f"older schema {newest}: `podium ingest`"):
        open_for_reading(str(file))
    engine = open_for_writing(str(file))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM notes")).scalar() == 0
    backup = tmp_path / f"x.db.schema-{newest}.backup"
    with sqlite3.connect(backup) as connection:
        version = connection.execute(f"SELECT * FROM {database.VERSION_TABLE}")
        assert version.fetchone() == (newest,)


def test_a_failed_write_leaves_nothing(tmp_path):
    engine = open_for_writing(str(tmp_path / "x.db"))
    from results_db.models import MethodRow

    row = {
        "digest": "d",
        "name": "n",
        "agent": "a",
        "code_digest": "c",
        "config_digest": "c",
        "overrides": {},
        "tuning": "none",
    }
    with pytest.raises(RuntimeError, match="stop"), write_session(engine) as session:
        session.add(MethodRow(**row))
        session.flush()
        raise RuntimeError("stop")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM methods")).scalar() == 0


def test_passwords_are_never_shown():
    with pytest.raises(DatabaseError) as error:
        open_for_reading("postgresql+psycopg://me:secret@127.0.0.1:1/none")
    assert "secret" not in str(error.value)
