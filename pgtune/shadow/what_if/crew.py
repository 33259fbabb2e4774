"""Workers in, one task done by all of them at once; an interrupt cancels what they ask the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, wait
from functools import partial
from typing import TypeVar

from pgtune.shadow.what_if.worker import Worker

Result = TypeVar("Result")


class Crew:
    """One thread of the executor for each worker."""

    def __init__(self, workers: Sequence[Worker], executor: Executor) -> None:
        self.workers = workers
        self._executor = executor
        self.is_stopping = False  # tasks look at it between two questions

    def each(self, task: Callable[[Worker], Result]) -> Sequence[Result]:
        """Run *task* for every worker and return what it gave, in their order.

        Whatever it raises, or interrupts the wait, is raised when all have stopped.
        """
        return self._run([partial(task, worker) for worker in self.workers])

    def first(self, task: Callable[[Worker], Result]) -> Result:
        """Run *task* for the first worker alone, else as `each`."""
        (result,) = self._run([partial(task, self.workers[0])])
        return result

    def _run(self, tasks: Sequence[Callable[[], Result]]) -> Sequence[Result]:
        self.is_stopping = False
        futures = [self._executor.submit(task) for task in tasks]
        try:
            return [future.result() for future in futures]
        except BaseException:  # also an interrupt: no worker goes on planning
            self.is_stopping = True
            for worker in self.workers:
                worker.session.cancel()
            wait(futures)
            raise
