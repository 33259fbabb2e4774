"""The pauses between the turns of a run in; whether the client waited for answers out."""

from __future__ import annotations

from dataclasses import dataclass

# Mean pause on one machine: 0.05 ms and more where the client waits for the answer, 0.02 ms and less where it
# sends on (measured with psycopg and asyncpg).
PIPELINE_PAUSE_MS = 0.03
STALL_MS = 2.0  # a pause that says nothing about the client, unless most are so long; chosen
WINDOW = 100  # pauses of one mean: a log's millisecond is then 0.01 ms of it; chosen
MIN_PAUSES = 34  # in fewer the log's milliseconds do not tell: 1 ms / 0.03 ms


@dataclass(slots=True)
class Pace:
    """The shortest mean pause of WINDOW turns: other load on the machine makes pauses only longer."""

    _pauses: int = 0
    _short: int = 0
    _best_ms: float = float("inf")
    _window: int = 0
    _window_ms: float = 0.0

    def add(self, pause_ms: float) -> None:
        """Take the next pause."""
        self._pauses += 1
        if pause_ms > STALL_MS:
            return
        self._short += 1
        self._window += 1
        self._window_ms += pause_ms
        if self._window == WINDOW:
            self._best_ms = min(self._best_ms, self._window_ms / WINDOW)
            self._window, self._window_ms = 0, 0.0

    @property
    def is_of_pipeline(self) -> bool:
        """True where the client sends on without an answer; False where there are too few turns to tell."""
        if self._short < max(MIN_PAUSES, self._pauses / 2):
            return False
        best_ms = self._best_ms if self._short >= WINDOW else self._window_ms / self._window
        return best_ms < PIPELINE_PAUSE_MS
