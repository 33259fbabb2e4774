"""A schema in, a throw-away database with its tables, empty and writable, out; nothing of it is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pgtune.embedded.account import server_account
from pgtune.embedded.cluster import THROW_AWAY_SETTINGS
from pgtune.embedded.directories import cache_directory, cache_errors
from pgtune.embedded.home import make_home
from pgtune.embedded.loading import OnProgress
from pgtune.model.snapshot import Snapshot
from pgtune.shadow.programs import choose_programs
from pgtune.shadow.run import claimed_cluster
from pgtune.shadow.trial.restore_trial import restored_trial
from pgtune.shadow.trial.schema_script import SchemaScript
from pgtune.shadow.trial.trial import Trial

_HOME = "shadow"  # the shadow's: its template of an empty cluster serves here too
_SETTINGS: Mapping[str, str] = {**THROW_AWAY_SETTINGS, "shared_buffers": "16MB", "jit": "off"}
_WHEELS_VERSION_NUM = 0  # no major: choose_programs falls back to the wheel's


@contextmanager
def open_trial(
    schema: Snapshot | SchemaScript, programs: Path | None, on_progress: OnProgress
) -> Iterator[Trial]:
    """Yield a trial on a server of its own, which ends with the block. Measured: 0.5 s until it is ready.

    *programs* is the PostgreSQL to use; None: one of the snapshot's major where it is installed, else the
    embedded one.

    Raises:
        InputError: *programs* holds no PostgreSQL that can be used; the script is no SQL or is refused.
        EmbeddedError: the server cannot be made or started.
    """
    account = server_account()
    cache = cache_directory(account)
    home = cache / _HOME
    wanted = schema.version_num if isinstance(schema, Snapshot) else _WHEELS_VERSION_NUM
    with cache_errors(home):
        make_home(home, account)
        chosen = choose_programs(wanted, programs, account, cache)
    with claimed_cluster(home, chosen, account, on_progress) as cluster:
        cluster.start(_SETTINGS)
        with restored_trial(cluster, schema, on_progress) as trial:
            yield trial
