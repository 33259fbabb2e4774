"""Block and I/O counters of a plan node, and their arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, fields

BLOCK_BYTES = 8192  # PostgreSQL's default block size; EXPLAIN does not print another one


@dataclass(frozen=True, slots=True)
class Buffers:
    """Blocks and I/O time of a node, children included; totals over all loops and processes.

    Blocks are accesses, not distinct pages; a shared read may come from the operating system's cache.
    """

    shared_hit_blocks: int = 0
    shared_read_blocks: int = 0
    shared_dirtied_blocks: int = 0
    shared_written_blocks: int = 0
    local_hit_blocks: int = 0
    local_read_blocks: int = 0
    local_dirtied_blocks: int = 0
    local_written_blocks: int = 0
    temp_read_blocks: int = 0
    temp_written_blocks: int = 0
    shared_read_ms: float = (
        0.0  # "I/O Read Time" up to 16, "Shared I/O Read Time" from 17; needs track_io_timing
    )
    shared_write_ms: float = 0.0
    local_read_ms: float = 0.0  # from 17
    local_write_ms: float = 0.0
    temp_read_ms: float = 0.0  # from 15
    temp_write_ms: float = 0.0

    @property
    def accessed_blocks(self) -> int:
        """Blocks asked of shared and local buffers, found there or not."""
        return (
            self.shared_hit_blocks + self.shared_read_blocks + self.local_hit_blocks + self.local_read_blocks
        )

    @property
    def temp_blocks(self) -> int:
        """Blocks of temporary files read and written: what spilled."""
        return self.temp_read_blocks + self.temp_written_blocks

    @property
    def io_ms(self) -> float:
        """Time spent waiting for blocks, over all processes; 0 without track_io_timing."""
        return (
            self.shared_read_ms
            + self.shared_write_ms
            + self.local_read_ms
            + self.local_write_ms
            + self.temp_read_ms
            + self.temp_write_ms
        )


COUNTERS: tuple[str, ...] = tuple(field.name for field in fields(Buffers))
NO_BUFFERS = Buffers()
