"""What statements are planned by: the server that was configured, or the shadow of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pgtune.cli.explain_request import ExplainRequest
from pgtune.cli.target import OnNotice, OnProgress, format_version, open_target
from pgtune.model.catalog import Catalog
from pgtune.model.names import RelationName

if TYPE_CHECKING:
    from pgtune.model.snapshot import Snapshot
    from pgtune.shadow.database import Shadow
    from pgtune.sources.explain_options import ExplainOptions, ExplainOutput
    from pgtune.sources.postgres import Server

_NAMED_OBJECTS = 5  # of those that the shadow lacks; chosen
_SETTING = "setting "  # how LeftOut.object begins for one


class Explainer(Protocol):
    """Plans statements and knows their tables; implemented by `pgtune.sources.postgres.Server`."""

    version_num: int  # 180006 = 18.6

    def explain(
        self, statement: str, values: Sequence[str | None] = (), options: ExplainOptions | None = None
    ) -> ExplainOutput:
        """Explain one SQL statement, with *values* as text for its ``$1``, ``$2``, ...; None is NULL."""

    def catalog(self, relations: Collection[RelationName]) -> Catalog:
        """What is known of *relations*."""


@dataclass(frozen=True, slots=True)
class OpenShadow:
    """A shadow that answers what-if questions, and the version of the server that it stands for."""

    shadow: Shadow
    version_num: int


@dataclass(frozen=True, slots=True)
class ExplainTarget:
    """Who plans, and how to try indexes there."""

    explainer: Explainer
    label: str  # "PostgreSQL 18.6 (embedded)"
    open_shadow: Callable[[OnProgress], AbstractContextManager[OpenShadow]]
    remarks: tuple[str, ...] = ()


@contextmanager
def open_explain_target(
    request: ExplainRequest, on_notice: OnNotice, on_progress: OnProgress
) -> Iterator[ExplainTarget]:
    """Yield who plans the statements of *request*.

    Raises:
        InputError: the snapshot, or the directory of PostgreSQL's programs, cannot be used.
        ServerError: the server cannot be reached, or the shadow not be made.
    """
    if request.snapshot is not None:
        with _open_snapshot(request.snapshot, request.postgres_bin, on_progress) as target:
            yield target
        return
    with open_target(request.target, request.pool, on_notice, on_progress) as (server, label):
        yield ExplainTarget(server, label, partial(_shadow_of, server, request.postgres_bin))


@contextmanager
def _shadow_of(server: Server, programs: Path | None, on_progress: OnProgress) -> Iterator[OpenShadow]:
    """Copy schema and statistics of *server* and yield a shadow of it."""
    from pgtune.embedded.binaries import wheel_programs
    from pgtune.shadow.server import open_shadow

    on_progress("reading schema and statistics", 0.0)
    snapshot = server.snapshot(programs or wheel_programs())
    with open_shadow(snapshot, programs, 1, on_progress) as shadow:
        yield OpenShadow(shadow, snapshot.version_num)


@contextmanager
def _open_snapshot(path: Path, programs: Path | None, on_progress: OnProgress) -> Iterator[ExplainTarget]:
    from pgtune.shadow.server import open_shadow
    from pgtune.sources.postgres import open_server
    from pgtune.sources.snapshot_file import read_snapshot

    snapshot = read_snapshot(path)
    with ExitStack() as stack:
        shadow = stack.enter_context(open_shadow(snapshot, programs, 1, on_progress))
        server = stack.enter_context(open_server(shadow.databases[0].planner_conninfo))
        yield ExplainTarget(
            explainer=_StandIn(server, shadow, snapshot),
            label=f"shadow of {path} (PostgreSQL {format_version(shadow.version_num)})",
            open_shadow=lambda _: nullcontext(OpenShadow(shadow, snapshot.version_num)),
            remarks=tuple(_differences(path, snapshot, shadow)),
        )


class _StandIn:
    """A shadow asked like the server that it stands for."""

    def __init__(self, server: Server, shadow: Shadow, snapshot: Snapshot) -> None:
        from pgtune.shadow.shadow_catalog import shadow_catalog

        self.version_num = server.version_num
        self._server = server
        # Read before any index is tried: those have to do with one question alone.
        self._catalog = shadow_catalog(shadow, snapshot)

    def explain(
        self, statement: str, values: Sequence[str | None] = (), options: ExplainOptions | None = None
    ) -> ExplainOutput:
        """Plan one SQL statement; raises as `Server.explain` does."""
        return self._server.explain(statement, values, options)

    def catalog(self, relations: Collection[RelationName]) -> Catalog:
        """What the snapshot knows, of all relations."""
        del relations
        return self._catalog


def _differences(path: Path, snapshot: Snapshot, shadow: Shadow) -> Iterator[str]:
    """How the shadow differs from the server, one remark each."""
    if not shadow.same_major:
        yield f"{path}: {other_major(snapshot.version_num, shadow.version_num)}"
    lacking = [
        f"{each.object} ({each.reason})"
        for each in shadow.left_out
        if shadow.same_major or not each.object.startswith(_SETTING)  # majors differ in these
    ]
    if lacking:
        yield f"{path}: the shadow lacks {_listed(lacking)}"
    if snapshot.unseen:
        unseen = [f"{each.object} ({each.reason})" for each in snapshot.unseen]
        yield f"{path}: not seen when it was taken: {_listed(unseen)}"


def other_major(version_num: int, shadow_version_num: int) -> str:
    """A remark on plans of a shadow that is not of the server's major."""
    return (
        f"the server is PostgreSQL {format_version(version_num)}, and its shadow "
        f"{format_version(shadow_version_num)} may plan otherwise; "
        f"--postgres-bin names programs of {version_num // 10000}"
    )


def _listed(objects: Sequence[str]) -> str:
    more = len(objects) - _NAMED_OBJECTS
    return "; ".join(objects[:_NAMED_OBJECTS]) + (f"; and {more} more" if more > 0 else "")
