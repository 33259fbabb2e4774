"""What is declared alone: the budget of a fleet, files of a deployment, and what cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.pool_checked import pool_check
from tests.cli.program import pgtune

EXAMPLE = """
[fleet.services.api]
autoscaler = {min = 2, max = 10, target_cpu = "70%"}
pool = {max_size = 20, min_size = 5, idle_timeout = "30s", connect_timeout = "5s"}
"""
VALUES = """
replicaCount: 2
resources: {}
env:
  DATABASE_URL: postgresql+asyncpg://api@db:5432/shop
  DB_POOL_SIZE: "20"
"""
HPA = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: api
          image: api:1
          env:
            - {name: DATABASE_URL, value: "postgresql://api@db/shop?connection_limit=20"}
"""
COMPOSE = """
services:
  api:
    image: api:1
    deploy: {replicas: 2}
    environment: {DATABASE_URL: "postgresql://api@db/shop?connection_limit=20"}
"""


def test_the_fleet_that_does_not_fit(tmp_path: Path) -> None:
    checked = pool_check(tmp_path, EXAMPLE)
    assert checked.code == 1
    assert checked.complaints == {"fleet-over-budget:fleet": "error"}
    finding = checked.finding("fleet-over-budget")
    assert finding["place"] == {"file": "pgtune.toml", "line": 4}
    assert finding["detail"].startswith("api.main: 13 pods × 1 process × 20 = 260")
    assert finding["hint"].startswith("Largest max_size that passes: 6.")
    assert checked.findings["autoscaler-on-cpu:api"] == "info"
    assert checked.report["largest_pool"] == 6
    assert checked.report["server"] is None


def test_the_largest_size_that_passes_does(tmp_path: Path) -> None:
    six = pool_check(tmp_path, EXAMPLE.replace("max_size = 20", "max_size = 6"))
    assert six.code == 0
    assert "error" not in six.findings.values()
    seven = pool_check(tmp_path, EXAMPLE.replace("max_size = 20", "max_size = 7"))
    assert seven.code == 1


def test_the_verdict_in_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "pgtune.toml").write_text(EXAMPLE)
    done = pgtune("pool-check", cwd=tmp_path)  # the embedded server is asked
    assert done.code == 1
    assert "PostgreSQL 18.6 (embedded)" in done.out
    assert "13 pods × 1 process × 20" in done.out
    assert "100 max_connections - 3 reserved" in done.out
    assert done.out.splitlines()[-1].startswith("Failed: 1 error")
    assert "largest max_size that passes: 6" in done.out.splitlines()[-1]


def test_autoscaler_that_multiplies_past_the_limit(tmp_path: Path) -> None:
    small = EXAMPLE.replace("max_size = 20", "max_size = 10")
    assert pool_check(tmp_path, small).code == 1
    fixed = small.replace('autoscaler = {min = 2, max = 10, target_cpu = "70%"}', "replicas = 2")
    mended = pool_check(tmp_path, fixed)
    assert (mended.code, mended.complaints) == (0, {})


def test_no_server_is_made_or_asked(tmp_path: Path) -> None:
    (tmp_path / "pgtune.toml").write_text(EXAMPLE)
    cache, nothing = tmp_path / "cache", tmp_path / "bin"
    cache.mkdir()
    nothing.mkdir()
    done = pgtune(
        "pool-check",
        "--no-database",
        cwd=tmp_path,
        env={
            "PGTUNE_CACHE_DIR": str(cache),
            "PATH": str(nothing),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        },
    )
    assert (done.code, done.err) == (1, "")
    assert list(cache.iterdir()) == []


def test_files_of_kubernetes_declare_the_fleet(tmp_path: Path) -> None:
    (tmp_path / "hpa.yaml").write_text(HPA)
    (tmp_path / "deployment.yaml").write_text(DEPLOYMENT)
    checked = pool_check(tmp_path, "", "--manifests", "deployment.yaml", "--hpa", "hpa.yaml")
    assert checked.code == 1
    (line,) = checked.report["demand"]["lines"]
    assert (line["connections"], line["reckoned"]) == (260, "13 pods × 1 process × 20")
    assert line["place"]["file"] == "deployment.yaml"
    (tmp_path / "both").mkdir()
    (tmp_path / "both" / "all.yml").write_text(f"{DEPLOYMENT}---{HPA}")
    directory = pool_check(tmp_path, "", "--manifests", "both")
    assert directory.report["demand"]["connections"] == checked.report["demand"]["connections"]


def test_values_of_a_chart_declare_the_fleet(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(VALUES)
    (tmp_path / "hpa.yaml").write_text(HPA)
    checked = pool_check(tmp_path, "", "--values", "values.yaml", "--hpa", "hpa.yaml")
    assert checked.report["demand"]["lines"], checked.report["remarks"]
    assert checked.report["demand"]["lines"][0]["place"]["file"] == "values.yaml"


def test_a_compose_file_declares_the_fleet(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    checked = pool_check(tmp_path, "", "--compose", "compose.yaml")
    assert checked.code == 0
    assert checked.report["demand"]["lines"][0]["per_process"] == 20


@pytest.mark.parametrize(
    ("settings", "options", "words"),
    [
        (EXAMPLE, ["--values", "none.yaml"], "none.yaml"),
        (EXAMPLE, ["--manifests", "bad.yaml"], "bad.yaml"),
        (EXAMPLE, ["--pool-stats", "none.json"], "none.json"),
        (EXAMPLE, ["--config", "none.toml"], "none.toml"),
        ("", [], "no fleet is declared"),
        (EXAMPLE, ["--exercise", "5s"], "--exercise needs a server"),
        (EXAMPLE, ["--watch", "5s"], "--watch needs a server"),
        (EXAMPLE, ["--history", "h.jsonl"], "--history needs a server"),
        (EXAMPLE, ["--pgbouncer", "no dsn"], "connection string"),
        (EXAMPLE, ["--report", "yellow"], "yellow"),
        (EXAMPLE.replace("max_size", "maxsize"), [], "max_size"),
        (EXAMPLE.replace("autoscaler", "autoscalar"), [], "autoscaler"),
        (EXAMPLE.replace("services", "service"), [], "services"),
        (EXAMPLE.replace('"30s"', '"30 parsecs"'), [], "30 parsecs"),
        (EXAMPLE.replace("max_size = 20", "max_size = -1"), [], "max_size"),
        (f"{EXAMPLE}\n[rules.idle-in-transaktion]\nwarn_s = 1", [], "idle-in-transaktion"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else None,
)
def test_wrong_use_is_one_line(tmp_path: Path, settings: str, options: list[str], words: str) -> None:
    (tmp_path / "pgtune.toml").write_text(settings)
    (tmp_path / "bad.yaml").write_text("kind: Deployment\nspec: [1, 2\n")
    done = pgtune("pool-check", "--no-database", *options, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert line.startswith("pgtune: error: ")
    assert words in line


@pytest.mark.parametrize(
    "options", [["--exercise", "11s"], ["--watch", "0s"], ["--watch", "2h"], ["--exercise", "soon"]], ids=str
)
def test_times_out_of_range(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "pgtune.toml").write_text(EXAMPLE)
    done = pgtune("pool-check", *options, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert options[1] in line


def test_a_server_that_cannot_be_reached(tmp_path: Path) -> None:
    (tmp_path / "pgtune.toml").write_text(EXAMPLE)
    dsn = "postgresql://api:s3cret@127.0.0.1:1/shop"
    done = pgtune("pool-check", "--dsn", dsn, "--report", "json=out.json", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    (line,) = done.err.splitlines()
    assert "127.0.0.1" in line
    assert "s3cret" not in done.err
    assert not (tmp_path / "out.json").exists()


def test_several_reports_tell_the_same(tmp_path: Path) -> None:
    (tmp_path / "pgtune.toml").write_text(EXAMPLE)
    reports = ["--report", "json=a.json", "--report", "sarif=b.sarif", "--report", "junit=c.xml"]
    done = pgtune("pool-check", "--no-database", *reports, cwd=tmp_path)
    assert done.code == 1
    assert json.loads((tmp_path / "a.json").read_text())["fails"] is True
    results = json.loads((tmp_path / "b.sarif").read_text())["runs"][0]["results"]
    assert "fleet-over-budget" in {result["ruleId"] for result in results}
    assert "fleet-over-budget" in (tmp_path / "c.xml").read_text()
