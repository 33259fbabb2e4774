"""Files of Kubernetes, Helm, Compose and .env: the fleet that they declare together with the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgtune.errors import InputError, SettingsError
from pgtune.model.pools.declared_pool import PoolKind
from pgtune.model.pools.declared_pooler import PoolMode
from pgtune.model.pools.demand import demand
from pgtune.model.pools.fleet import Fleet
from pgtune.sources.fleet_files import FleetFiles, read_fleet
from pgtune.sources.project_file import read_project_settings


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def read(folder: Path, *, settings: str = "", **texts: str) -> tuple[Fleet, tuple[str, ...]]:
    """Read the fleet of files whose kind is the key: ``manifests="kind: ..."``."""
    names = {"values": "chart/values.yaml", "env": ".env"}
    paths = {kind: (written(folder, names.get(kind, f"{kind}.yaml"), text),) for kind, text in texts.items()}
    explicit = written(folder, "pgtune.toml", settings) if settings else None
    start = folder if explicit else Path("/")
    fleet, remarks = read_fleet(start, explicit, FleetFiles(**paths))
    assert fleet is not None
    return fleet, remarks


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 4
  strategy:
    rollingUpdate: {maxSurge: 50%}
  template:
    spec:
      containers:
        - name: web
          image: registry/api:1
          command: ["sh", "-c", "exec gunicorn app:app --workers 3 --threads 2"]
          env:
            - name: DATABASE_URL
              valueFrom: {secretKeyRef: {name: db, key: url}}
            - name: SQLALCHEMY_POOL_SIZE
              value: "7"
            - {name: SQLALCHEMY_MAX_OVERFLOW, value: "2"}
          readinessProbe: {httpGet: {path: /readyz}}
"""
HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec:
  scaleTargetRef: {kind: Deployment, name: api}
  minReplicas: 2
  maxReplicas: 12
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 65}}}
    - {type: External, external: {metric: {name: queue_depth}}}
"""


def test_a_deployment_declares_its_pods_processes_and_pool(tmp_path: Path) -> None:
    fleet, remarks = read(tmp_path, manifests=DEPLOYMENT)
    (service,) = fleet.services
    (pool,) = service.pools
    assert (service.replicas, service.peak_pods, service.processes) == (4, 6, 3)
    assert (pool.kind, pool.max_size, pool.most, pool.place.line) == (PoolKind.SQLALCHEMY, 7, 9, 18)
    assert service.readiness is None  # /readyz does not tell
    assert service.assumed == {"terminating", "listeners"}
    assert demand(fleet).lines[0].connections == 6 * 3 * 9
    assert any("DATABASE_URL is not known here" in remark for remark in remarks)


def test_an_autoscaler_goes_before_the_replicas_of_its_target(tmp_path: Path) -> None:
    fleet, _ = read(tmp_path, manifests=DEPLOYMENT, hpa=HPA)
    (service,) = fleet.services
    assert service.replicas is None
    assert service.autoscaler is not None
    assert (service.autoscaler.min_replicas, service.autoscaler.max_replicas) == (2, 12)
    assert (service.autoscaler.cpu_target, service.autoscaler.other_metrics) == (0.65, ("queue_depth",))
    assert service.autoscaler.place.line == 7
    together, _ = read(tmp_path, manifests=f"{DEPLOYMENT}---\n{HPA}")
    assert together.services[0].peak_replicas == 12


def test_the_settings_complete_and_overrule_a_manifest_field_by_field(tmp_path: Path) -> None:
    settings = (
        '[fleet.services.api]\nlisteners = 1\nsurge = 0\n[fleet.services.api.pools.main]\ntimeout = "3s"\n'
    )
    fleet, _ = read(tmp_path, settings=settings, manifests=DEPLOYMENT, hpa=HPA)
    (service,) = fleet.services
    assert (service.peak_pods, service.processes, service.listeners) == (12, 3, 1)
    (pool,) = service.pools
    assert (pool.acquire_timeout_s, pool.most) == (3.0, 9)
    assert pool.place.name.endswith("manifests.yaml")  # where its size is
    fixed, _ = read(tmp_path, settings="[fleet.services.api]\nreplicas = 3\n", manifests=DEPLOYMENT, hpa=HPA)
    assert (fixed.services[0].replicas, fixed.services[0].autoscaler) == (3, None)


@pytest.mark.parametrize(
    ("head", "spec", "pods"),
    [
        ("Deployment", "replicas: 4", 5),  # a quarter on top is the default
        ("Deployment", "replicas: 4\n    strategy: {type: Recreate}", 4),
        ("Deployment", "replicas: 4\n    strategy: {rollingUpdate: {maxSurge: 2}}", 6),
        ("StatefulSet", "replicas: 4", 4),
        ("DaemonSet", "minReadySeconds: 1", 1),
        ("Job", "parallelism: 3", 3),
    ],
)
def test_each_kind_of_workload_has_its_pods(tmp_path: Path, head: str, spec: str, pods: int) -> None:
    text = f"""\
kind: List
items:
- kind: {head}
  metadata: {{name: api}}
  spec:
    {spec}
    template:
      spec: {{containers: [{{name: a, env: [{{name: PG_POOL_MAX, value: 5}}]}}]}}
"""
    fleet, remarks = read(tmp_path, manifests=text)
    assert fleet.services[0].peak_pods == pods
    assert any("each node" in remark for remark in remarks) == (head == "DaemonSet")


def test_a_sidecar_pooler_has_an_instance_in_each_pod(tmp_path: Path) -> None:
    text = (
        DEPLOYMENT.replace(
            "              valueFrom: {secretKeyRef: {name: db, key: url}}\n",
            "              value: postgres://u@localhost:6432/app\n",
        )
        + """\
        - name: pgbouncer
          image: edoburu/pgbouncer:v1.23.1-p0
          env: [{name: POOL_MODE, value: transaction}, {name: DEFAULT_POOL_SIZE, value: "3"}]
"""
    )
    fleet, _ = read(tmp_path, manifests=text)
    (pooler,) = fleet.poolers
    assert (pooler.mode, pooler.version, pooler.instances) == (PoolMode.TRANSACTION, "1.23.1", 6)
    assert pooler.server_connections == 18
    assert fleet.services[0].pools[0].pooler == pooler.name
    assert demand(fleet).connections == 18 + 1


@pytest.mark.parametrize(("path", "uses_pool"), [("/health/db", True), ("/dbus", None), ("/readyz", None)])
def test_a_probe_tells_by_its_path_alone_when_it_names_the_database(
    tmp_path: Path, path: str, uses_pool: bool | None
) -> None:
    fleet, _ = read(tmp_path, manifests=DEPLOYMENT.replace("/readyz", path))
    readiness = fleet.services[0].readiness
    assert (readiness.uses_pool if readiness else None) == uses_pool


def test_helm_values_of_the_chart_and_of_its_sections(tmp_path: Path) -> None:
    text = """\
replicaCount: 3
env:
  DB_POOL_SIZE: 5
worker:
  replicaCount: 2
  workers: 4
  autoscaling: {enabled: true, minReplicas: 1, maxReplicas: 6, targetCPUUtilizationPercentage: 80}
  strategy: {rollingUpdate: {maxSurge: 1}}
  extraEnv:
    - {name: DATABASE_URL, value: "postgresql://app:hush@db/app?connection_limit=8&pool_timeout=4"}
redis:
  replicaCount: 1
"""
    fleet, remarks = read(tmp_path, values=text)
    chart, worker = fleet.services
    assert (chart.name, chart.replicas, chart.pools[0].max_size) == ("chart", 3, 5)
    assert "surge" in chart.assumed  # the template decides
    assert (worker.name, worker.peak_pods, worker.processes) == ("worker", 7, 4)
    assert (worker.pools[0].kind, worker.pools[0].max_size) == (PoolKind.PRISMA, 8)
    assert worker.pools[0].acquire_timeout_s == 4.0
    assert any("redis declares no pool" in remark for remark in remarks)
    assert "hush" not in f"{fleet}{remarks}"


def test_later_values_go_before_earlier_ones(tmp_path: Path) -> None:
    first = written(tmp_path, "shop/values.yaml", "replicaCount: 1\nenv: {PG_POOL_MAX: 5, PG_POOL_MIN: 1}\n")
    second = written(tmp_path, "prod.yaml", "replicaCount: 9\nenv: {PG_POOL_MAX: 7}\n")
    fleet, _ = read_fleet(Path("/"), None, FleetFiles(values=(first, second)))
    assert fleet is not None
    (shop,) = fleet.services
    assert (shop.name, shop.replicas, shop.pools[0].max_size, shop.pools[0].min_size) == ("shop", 9, 7, 1)
    assert (shop.pools[0].place.name, shop.pools[0].place.line) == (second, 2)


def test_an_autoscaler_of_a_release_is_that_of_the_chart(tmp_path: Path) -> None:
    fleet, remarks = read(
        tmp_path,
        values="replicaCount: 1\nenv: {PG_POOL_MAX: 5}\n",
        hpa=HPA.replace("name: api", "name: live-chart"),
    )
    assert [service.peak_replicas for service in fleet.services] == [12]
    assert any('autoscaler of "live-chart" taken for that of chart' in remark for remark in remarks)


COMPOSE = """\
x-env: &env
  DATABASE_URL: postgres://app:hush@${HOST:-bouncer}/app?application_name=api
services:
  api:
    image: api
    command: uvicorn app:app --workers 2
    deploy: {replicas: 3, update_config: {order: start-first, parallelism: 2}}
    environment:
      <<: *env
      PG_POOL_SIZE: ${SIZE:-6}
  jobs:
    scale: 2
    environment:
      - DB_POOL=4
      - UNKNOWN=${NOWHERE}
  bouncer:
    image: bitnami/pgbouncer:1.21.0
    environment: {PGBOUNCER_POOL_MODE: session, PGBOUNCER_MAX_CLIENT_CONN: 500}
  db:
    image: postgres:17
    command: postgres -c max_connections=250 -c shared_buffers=1GB
    environment: {POSTGRES_PASSWORD: hush}
  exporter:
    image: quay.io/prometheuscommunity/postgres-exporter
  cache: {image: redis}
"""


def test_a_compose_file_has_services_pooler_server_and_exporter(tmp_path: Path) -> None:
    fleet, remarks = read(tmp_path, compose=COMPOSE)
    api, jobs = fleet.services
    assert (api.peak_pods, api.processes, api.pools[0].max_size) == (5, 2, 6)
    assert (api.pools[0].pooler, api.pools[0].application_name, api.pools[0].role) == (
        "bouncer",
        "api",
        "app",
    )
    assert (jobs.peak_pods, jobs.pools[0].max_size, jobs.pools[0].pooler) == (2, 4, None)
    assert fleet.server is not None
    assert fleet.server.slots is not None
    assert fleet.server.slots.max_connections == 250
    (pooler,) = fleet.poolers
    assert (pooler.name, pooler.instances, pooler.max_client_conn) == ("bouncer", 1, 500)
    assert [(client.name, client.connections) for client in fleet.clients] == [("exporter", 1)]
    assert [remark.split(": ")[1].split()[0] for remark in remarks] == ["cache"]
    assert "hush" not in f"{fleet}{remarks}"


def test_a_compose_file_takes_variables_from_env_files(tmp_path: Path) -> None:
    fleet, _ = read(tmp_path, compose=COMPOSE, env="export SIZE='9' # connections\nHOST=db\n")
    assert (fleet.services[0].pools[0].max_size, fleet.services[0].pools[0].pooler) == (9, None)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("manifests", "a: [1\nb: 2\n", "manifests.yaml:2: no YAML"),
        ("manifests", "a: {{ .Values.x }}: y\n", "helm template"),
        ("manifests", f"{DEPLOYMENT}---\n{DEPLOYMENT}", 'a second workload "api"'),
        ("manifests", "kind: ConfigMap\n", "no pool and no connection string"),
        ("hpa", "kind: ConfigMap\n", "no HorizontalPodAutoscaler"),
        ("hpa", HPA.replace("  maxReplicas: 12\n", ""), "without maxReplicas"),
        ("env", "FOO=1\n", "no pool and no connection string"),
        ("compose", "services: {cache: {image: redis}}\n", "no pool and no connection string"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path: Path, kind: str, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, **{kind: text})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_files_and_directories(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_fleet(Path("/"), None, FleetFiles(hpa=(str(tmp_path / "none.yaml"),)))
    with pytest.raises(InputError, match=r"no \.yaml"):
        read_fleet(Path("/"), None, FleetFiles(manifests=(str(tmp_path),)))
    with pytest.raises(SettingsError, match="no such file"):
        read_fleet(Path("/"), str(tmp_path / "none.toml"))
    written(tmp_path, "k8s/deep/api.yml", DEPLOYMENT)
    fleet, _ = read_fleet(Path("/"), None, FleetFiles(manifests=(str(tmp_path / "k8s"),)))
    assert fleet is not None
    assert fleet.services[0].name == "api"


def test_without_a_declaration_there_is_no_fleet(tmp_path: Path) -> None:
    assert read_fleet(Path("/"), None) == (None, ())
    explicit = written(tmp_path, "pgtune.toml", 'fail-on = "error"\n')
    assert read_fleet(tmp_path, explicit) == (None, ())


def test_an_alias_inside_of_itself_does_not_hang(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no pool"):
        read(tmp_path, manifests="a: &a [*a]\nkind: Pod\n")


def test_compose_files_of_one_project_are_merged_and_a_env_file_is_of_its_service(tmp_path: Path) -> None:
    first = written(
        tmp_path,
        "compose.yaml",
        "services:\n  api:\n    env_file: ./.env\n    environment: [DB_POOL_SIZE=5]\n"
        "    deploy: {replicas: 2, update_config: {order: start-first}}\n  cache: {image: redis}\n",
    )
    second = written(tmp_path, "compose.prod.yaml", "services: {api: {deploy: {replicas: 4}}}\n")
    env = written(tmp_path, ".env", "DATABASE_URL=postgres://u@db/app\n")
    fleet, _ = read_fleet(Path("/"), None, FleetFiles(compose=(first, second), env=(env,)))
    assert fleet is not None
    (api,) = fleet.services
    assert (api.peak_pods, api.pools[0].max_size, api.pools[0].database) == (5, 5, "app")


def test_the_nearest_settings_file_is_read_and_named_from_the_working_directory(tmp_path: Path) -> None:
    written(tmp_path, "pyproject.toml", "[tool.pgtune.fleet.services.api]\npool = {max_size = 5}\n")
    (tmp_path / "deep").mkdir()
    fleet, _ = read_fleet(tmp_path / "deep")
    assert fleet is not None
    assert (fleet.services[0].place.name, fleet.services[0].place.line) == ("../pyproject.toml", 1)


def test_the_other_settings_are_read_beside_a_fleet(tmp_path: Path) -> None:
    explicit = written(tmp_path, "pgtune.toml", 'baseline = "accepted.json"\n[fleet]\nreserve = 3\n')
    assert read_project_settings(tmp_path, explicit).baseline == "accepted.json"
    written(tmp_path, "pgtune.toml", "baseline = 3\n")
    with pytest.raises(SettingsError, match="baseline must be a path, not 3"):
        read_project_settings(tmp_path, explicit)
