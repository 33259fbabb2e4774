"""From a plan and what is known besides to findings with their remedies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pgtune.advice.hints.index_hints import advise
from pgtune.analysis.attribution import attribute
from pgtune.analysis.review import review
from pgtune.analysis.rule_book import plan_rule_book, rule_names
from pgtune.model.allow import Allow
from pgtune.model.catalog import Catalog
from pgtune.model.charge import ChargedPlan
from pgtune.model.evidence import Evidence
from pgtune.model.plan import Plan
from pgtune.model.policy import Policy
from pgtune.model.review import Review


def diagnose(
    plan: Plan, catalog: Catalog | None, policy: Policy, allows: Sequence[Allow] = ()
) -> tuple[ChargedPlan, Review]:
    """Charge each node with what it costs, run the rules, add index hints to what they found.

    An allow of a rule that is not about plans is for other commands: it is not unused here.
    """
    charged = attribute(plan)
    known = (charged,) if catalog is None else (charged, catalog)
    elsewhere = rule_names() - {rule.name for rule in plan_rule_book()} if allows else frozenset()
    own = [allow for allow in allows if allow.rule not in elsewhere]
    found = review(plan_rule_book(), Evidence(known), policy, own)
    return charged, replace(
        found,
        findings=advise(found.findings, charged, catalog),
        minor=advise(found.minor, charged, catalog),
    )
