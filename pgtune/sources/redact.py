"""Text that may hold a password in, the same text without it out."""

from __future__ import annotations

import os
import re
from urllib.parse import quote, quote_plus, unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

_MASK = "***"
_URL_PASSWORD = re.compile(r"(\w+://[^\s:/@]*):[^\s]*@")
_KEYWORD_PASSWORD = re.compile(r"\b((?:ssl)?password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)", re.IGNORECASE)


def redact(text: str, conninfo: str) -> str:
    """Return *text* with every spelling of the passwords in *conninfo* and PGPASSWORD replaced by ``***``."""
    text = _URL_PASSWORD.sub(rf"\1:{_MASK}@", text)
    text = _KEYWORD_PASSWORD.sub(rf"\1{_MASK}", text)
    for secret in sorted(_secrets(conninfo), key=len, reverse=True):
        # Only as a word: a password "a" must not turn every a of a message into stars.
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", _MASK, text)
    return text


def _secrets(conninfo: str) -> set[str]:
    secrets = {os.environ.get("PGPASSWORD", "")} | _written_passwords(conninfo)
    try:
        parameters = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        parameters = {}
    secrets |= {str(parameters.get(key) or "") for key in ("password", "sslpassword")}
    secrets |= {unquote(secret) for secret in secrets}
    secrets |= {quote(secret, safe="") for secret in secrets} | {quote_plus(secret) for secret in secrets}
    return secrets - {""}


def _written_passwords(conninfo: str) -> set[str]:
    """Return the password of a URL as written: whole, and cut at each unescaped ``@`` as libpq cuts it."""
    _, scheme, rest = conninfo.partition("://")
    userinfo = rest.rpartition("@")[0]
    password = userinfo.partition(":")[2]
    return {password, *password.split("@")} if scheme else set()
