"""A relation's file in, the same file with another number of blocks out; no disk is used for the blocks.

The planner takes the size of a relation from the size of its file, at every plan, so the server may be
running. Pages of zeros are new pages to the server, as long as the cluster has no data checksums.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pgtune.embedded.account import ServerAccount, hand_over
from pgtune.model.index_shape import BLOCK_BYTES

SEGMENT_BLOCKS = 131_072  # RELSEG_SIZE of every packaged PostgreSQL: 1 GB


def extend(file: Path, blocks: int, account: ServerAccount | None) -> None:
    """Make *file*, the first segment of a relation's main fork, and those behind it *blocks* long.

    What the blocks held stays as it was, as far as the file reaches.
    """
    segment = 0
    for segment, segment_blocks in enumerate(_segments(blocks)):
        _resize(_segment_file(file, segment), segment_blocks, account)
    for path in _existing_segments(file, segment + 1):
        os.truncate(path, 0)


def empty(file: Path) -> None:
    """Make all segments of *file* 0 blocks long.

    They are not deleted: a server process that has one open would go on with the deleted file. Such a process
    also counts on the segments before being full, so only a new session finds the relation empty.
    """
    for path in (file, *_existing_segments(file, 1)):
        os.truncate(path, 0)


def _segments(blocks: int) -> Iterator[int]:
    """Blocks of each segment; a relation that fills its last one has an empty one behind it (md.c)."""
    yield from [SEGMENT_BLOCKS] * (blocks // SEGMENT_BLOCKS)
    yield blocks % SEGMENT_BLOCKS


def _segment_file(file: Path, number: int) -> Path:
    return file.with_name(f"{file.name}.{number}") if number else file


def _existing_segments(file: Path, number: int) -> Iterator[Path]:
    while (path := _segment_file(file, number)).exists():
        yield path
        number += 1


def _resize(path: Path, blocks: int, account: ServerAccount | None) -> None:
    if not path.exists():
        path.touch(mode=0o600)
        hand_over(path, account)
    os.truncate(path, blocks * BLOCK_BYTES)
