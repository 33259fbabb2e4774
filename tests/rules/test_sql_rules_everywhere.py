"""Every rule about SQL on statements of every kind: none is rewritten into something wrong, or for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest

from pgtune.analysis.rule_book import sql_rule_book
from pgtune.errors import StatementError, StatementRefused
from pgtune.model.catalog import Catalog
from pgtune.model.equivalence import Outcome, QueryPair, TestLimits
from pgtune.model.names import RelationName
from pgtune.model.rewrite import Change
from pgtune.parse.sql.statement import SqlStatement
from pgtune.parse.sql.tree import parse_tree
from pgtune.parse.sql_split import read_script
from pgtune.shadow.trial.open_trial import open_trial
from pgtune.shadow.trial.schema_script import SchemaScript
from pgtune.shadow.trial.trial import Trial
from tests.equivalence.corpus import CorpusPair, rule_pairs, written_pairs

TESTS = Path(__file__).parents[1]
SAMPLES = TESTS.parent / "sample_queries"
STATEMENTS = TESTS / "rules" / "statements"
VERSIONS = (140000, 150000, 160000, 170000, 180000)  # server_version_num; some rules end with a version
LIMITS = TestLimits(databases=60, time_limit_ms=4_000)
FEWEST_RULES = {"select": 8, "queries": 10, "values": 10, "changes": 5}  # of 35, by corpus; chosen
MOST_STEPS = 12  # a rewrite takes away what its rule looks for; the longest statement joins nine tables
_RELATION = re.compile(r'CREATE (?:UNLOGGED )?(?:TABLE|VIEW) (?:"([^"]+)"|(\w+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Statements about the tables of one schema."""

    name: str
    schema: str
    statements: tuple[str, ...]


def text_of(*paths: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def statements_of(*paths: Path) -> tuple[str, ...]:
    return tuple(each.text for path in paths for each in read_script(text_of(path)).statements)


def of_pairs(name: str, pairs: list[CorpusPair]) -> Corpus:
    texts = dict.fromkeys(text for pair in pairs for text in (pair.original, pair.rewritten))
    return Corpus(name, text_of(TESTS / "equivalence" / "schemas" / f"{name}.sql"), tuple(texts))


def corpora() -> Iterator[Corpus]:
    own = text_of(TESTS / "rules" / "sql" / "schema.sql", STATEMENTS / "schema.sql")
    for kind in ("select", "queries", "values", "changes", "commands"):
        yield Corpus(kind, own, statements_of(STATEMENTS / f"{kind}.sql"))
    tpch = TESTS / "tpch"
    queries = sorted((tpch / "queries").glob("*.sql"))
    yield Corpus("tpch", text_of(tpch / "schema.sql", tpch / "keys.sql"), statements_of(*queries))
    schema = text_of(*sorted((SAMPLES / "schema").glob("[0-2]_*.sql")))
    yield Corpus("samples", schema, statements_of(*sorted(SAMPLES.glob("*.sql"))))
    pairs = [*written_pairs(), *rule_pairs()]
    for name in sorted({pair.schema for pair in pairs}):
        yield of_pairs(name, [pair for pair in pairs if pair.schema == name])


def changes(text: str, catalog: Catalog) -> Iterator[tuple[str, Change]]:
    """Yield what each rule writes for any version, with the rule's name; nothing for what cannot be read."""
    try:
        statement = SqlStatement.read(text, catalog)
    except StatementError:
        return
    found: dict[tuple[str, str | None], Change] = {}
    for version_num in VERSIONS:
        asked = replace(statement, catalog=replace(catalog, version_num=version_num))
        for rule in sql_rule_book():
            for each in rule.check(asked):
                if isinstance(each, Change):
                    found.setdefault((rule.name, each.sql), each)
    for (name, _), change in found.items():
        yield name, change


CORPORA = tuple(corpora())


@dataclass(frozen=True)
class Opened:
    """A corpus with a server that has its tables."""

    corpus: Corpus
    trial: Trial
    catalog: Catalog

    @cached_property
    def planned(self) -> frozenset[str]:
        """The statements that the server plans."""
        return frozenset(text for text in self.corpus.statements if is_planned(text, self.trial))

    @cached_property
    def written(self) -> dict[str, list[tuple[str, Change]]]:
        """What the rules write instead of each statement."""
        return {text: list(changes(text, self.catalog)) for text in self.corpus.statements}


@pytest.fixture(scope="module", params=CORPORA, ids=lambda corpus: corpus.name)
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    corpus: Corpus = request.param
    names = [quoted or plain.lower() for quoted, plain in _RELATION.findall(corpus.schema)]
    with open_trial(SchemaScript("schema.sql", corpus.schema), None, lambda *_: None) as trial:
        yield Opened(corpus, trial, trial.catalog([RelationName("public", name) for name in names]))


def is_planned(statement: str, trial: Trial) -> bool:
    try:
        trial.check(statement)
    except (StatementError, StatementRefused):
        return False
    return True


def test_the_server_plans_every_statement_but_commands(opened: Opened) -> None:
    if opened.corpus.name == "commands":
        assert not opened.planned
    else:
        refused = set(opened.corpus.statements) - opened.planned
        assert {text for text in refused if not text.startswith("CREATE TEMPORARY TABLE")} == set()


def test_rules_fire_in_every_corpus(opened: Opened) -> None:
    fired = {rule for written in opened.written.values() for rule, _ in written}
    assert len(fired) >= FEWEST_RULES.get(opened.corpus.name, 1)


def test_what_a_rule_writes_means_the_same(opened: Opened) -> None:
    for text, written in opened.written.items():
        for rule, change in written:
            if change.sql is None:
                continue
            parse_tree(change.sql)
            if text in opened.planned:
                assert_same(opened.trial, text, change, rule)


def assert_same(trial: Trial, text: str, change: Change, rule: str) -> None:
    assert change.sql is not None
    assert is_planned(change.sql, trial), (rule, text, change.sql)
    if not change.changes_contract:
        report = trial.test(QueryPair((text,), (change.sql,)), LIMITS)
        assert report.outcome is not Outcome.DIFFERENT, (rule, text, change.sql, report.counterexample)


def test_rewriting_comes_to_an_end(opened: Opened) -> None:
    for text, written in opened.written.items():
        seen = [text]
        following = next_text(written)
        while following is not None:
            seen.append(following)
            assert following not in seen[:-1], seen
            assert len(seen) <= MOST_STEPS, seen
            following = next_text(changes(following, opened.catalog))
        if text in opened.planned:
            assert is_planned(seen[-1], opened.trial), seen


def next_text(written: Iterable[tuple[str, Change]]) -> str | None:
    """The first text that keeps to the contract."""
    return next((each.sql for _, each in written if each.sql and not each.changes_contract), None)
