"""A number of blocks and a height in, the file of a valid B-tree without entries out.

The planner charges a descent by the height in the metapage, and looks up the ends of the index when it
estimates a range, so the pages must be ones that the server can read. Layout: nbtree.h, itup.h,
itemid.h and bufpage.h of src/include; the same since version 4 of the format (PostgreSQL 12).
"""

from __future__ import annotations

import struct
from pathlib import Path

from pgtune.embedded.account import ServerAccount
from pgtune.model.index_shape import BLOCK_BYTES
from pgtune.shadow.files.hollow_files import extend

MAGIC = 0x053162
_VERSION = 4
_NO_BLOCK = 0  # P_NONE
_PAGE_HEADER = struct.Struct("<IIHHHHHHI")  # LSN, checksum, flags, lower, upper, special, size, prune XID
_LAYOUT_VERSION = 4  # PG_PAGE_LAYOUT_VERSION, added to the page's size
_META_HEAD = struct.Struct("<IIIIII")  # magic, version, root, level, fast root, fast level
_OPAQUE = struct.Struct("<IIIHH")  # previous, next, level, flags, cycle id
_SPECIAL = BLOCK_BYTES - _OPAQUE.size
_LEAF, _ROOT = 1, 2  # BTP_LEAF, BTP_ROOT
_TUPLE = struct.Struct("<HHHH")  # block number high and low, attributes, size and flags
_IS_PIVOT = 0x2000  # INDEX_ALT_TID_MASK: with 0 attributes it is minus infinity
_LINE_NORMAL = 1 << 15  # LP_NORMAL
_LINE_LENGTH_SHIFT = 17


def write_tree(file: Path, blocks: int, height: int, account: ServerAccount | None) -> None:
    """Turn *file*, as CREATE INDEX left it, into an empty tree with *height* levels above its leaf.

    The server must not have its metapage in its buffers: write before the server starts, or before the first
    plan after a CREATE INDEX under ``wal_skip_threshold = 0`` (where ``wal_level = minimal``, another value
    has it log the page, through the buffers).

    Raises:
        ValueError: *file* is no B-tree of version 4.
    """
    leaf, root = 1, 1 + height
    pages = [_leaf(is_root=height == 0)]
    pages += [_internal(level, is_root=level == height) for level in range(1, height + 1)]
    with file.open("r+b") as stream:
        metapage = bytearray(stream.read(BLOCK_BYTES))
        magic, version, *_ = _META_HEAD.unpack_from(metapage, _PAGE_HEADER.size)
        if (magic, version) != (MAGIC, _VERSION):
            raise ValueError(f"{file}: no B-tree of version {_VERSION}")
        _META_HEAD.pack_into(metapage, _PAGE_HEADER.size, MAGIC, _VERSION, root, height, root, height)
        stream.seek(0)
        stream.write(bytes(metapage) + b"".join(pages))
    extend(file, max(blocks, leaf + len(pages)), account)


def _leaf(*, is_root: bool) -> bytes:
    return _page(level=0, flags=_LEAF | (_ROOT if is_root else 0), item=b"")


def _internal(level: int, *, is_root: bool) -> bytes:
    """A page with one downlink, below everything, to the page one level down: block *level*."""
    item = _TUPLE.pack(level >> 16, level & 0xFFFF, 0, _TUPLE.size | _IS_PIVOT)
    return _page(level=level, flags=_ROOT if is_root else 0, item=item)


def _page(level: int, flags: int, item: bytes) -> bytes:
    upper = _SPECIAL - len(item)
    line = struct.pack("<I", upper | _LINE_NORMAL | len(item) << _LINE_LENGTH_SHIFT) if item else b""
    lower = _PAGE_HEADER.size + len(line)
    header = _PAGE_HEADER.pack(0, 0, 0, 0, lower, upper, _SPECIAL, BLOCK_BYTES | _LAYOUT_VERSION, 0)
    opaque = _OPAQUE.pack(_NO_BLOCK, _NO_BLOCK, level, flags, 0)
    return (header + line).ljust(upper, b"\0") + item + opaque
