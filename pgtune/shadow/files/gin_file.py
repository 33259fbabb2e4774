"""Counts of pages and entries in, the metapage of a GIN index that says so out.

The planner reads nothing else of a GIN index. Layout: GinMetaPageData in src/include/access/ginblock.h.
"""

from __future__ import annotations

import struct
from pathlib import Path

from pgtune.embedded.account import ServerAccount
from pgtune.model.index_shape import BLOCK_BYTES, IndexSize
from pgtune.shadow.files.hollow_files import extend

_VERSION = 2  # GIN_CURRENT_VERSION
_PAGE_HEADER_BYTES = 24
# Pending list: head, tail, free bytes, pages, rows. Then total, entry and data pages, entries, version.
_META = struct.Struct("<IIIIqIII4xqi")


def write_meta(file: Path, size: IndexSize, account: ServerAccount | None) -> None:
    """Put the page counts of *size* into the metapage of *file*, and make it that long; nothing is pending.

    The server must not have the metapage in its buffers.

    Raises:
        ValueError: *file* is no GIN index of version 2.
    """
    with file.open("r+b") as stream:
        page = bytearray(stream.read(BLOCK_BYTES))
        fields = _META.unpack_from(page, _PAGE_HEADER_BYTES)
        if fields[-1] != _VERSION:
            raise ValueError(f"{file}: no GIN index of version {_VERSION}")
        pending = (*fields[:3], 0, 0)
        counts = (size.blocks, size.entry_blocks, size.data_blocks, round(size.items), _VERSION)
        _META.pack_into(page, _PAGE_HEADER_BYTES, *pending, *counts)
        stream.seek(0)
        stream.write(page)
    extend(file, size.blocks, account)
