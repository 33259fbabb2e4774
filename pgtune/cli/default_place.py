"""The inputs and the settings file of a run in, the place of findings that no file declares out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pgtune.model.place import Place
from pgtune.report.outcome_phrases import UNPLACED
from pgtune.sources.project_file import find_settings_file


def default_place(inputs: Sequence[str], config: str | None) -> Place:
    """Return the first input that is a file, else the settings file, else where one would be."""
    for name in inputs:
        if os.path.isfile(name):  # noqa: PTH113 - False where we may not look; Path.is_file raises there
            return Place(name)
    return Place(str(find_settings_file(Path(), config) or UNPLACED))
