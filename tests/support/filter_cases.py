"""Runs with odd names and values, and the filters and order-by clauses to try on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.tracking import MlflowClient

START_MS = 1_700_000_000_000
NAN, INFINITY = float("nan"), float("inf")


@dataclass(frozen=True)
class OddRun:
    """What one run logs. `start_s` counts from `START_MS`; `dataset` is name, digest and context."""

    name: str
    start_s: int
    status: str = "FINISHED"
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    dataset: tuple[str, str, str | None] | None = None


RUNS = (
    OddRun("plain", 0, params={"lr": "0.1", "solver": "auto"}, metrics={"loss": 0.5, "mse": 3000.0}),
    OddRun("Plain", 1, params={"lr": "0.10", "solver": "AUTO"}, metrics={"loss": 0.25, "mse": 2999.5}),
    OddRun("nan", 2, params={"lr": "1e-1"}, metrics={"loss": NAN, "mse": -1.0}),
    OddRun("zero", 2, params={"lr": ""}, metrics={"loss": 0.0}),
    OddRun("infinite", 3, "FAILED", params={"lr": "0.2"}, metrics={"loss": INFINITY, "mse": -INFINITY}),
    OddRun("minus", 4, metrics={"loss": -0.5, "system/cpu": 12.5}, tags={"kind": "child"}),
    OddRun("nothing", 5, "RUNNING"),
    OddRun("größe 日本 🚀", 6, params={"größe": "Ä", "日本": "値"}, tags={"kind": "ÄRGER", "emoji": "🚀"}),
    OddRun("it's", 7, params={"quote": "it's", "double": 'say "hi"', "back": "a\\b"}, tags={"kind": "ch'ild"}),
    OddRun("percent", 8, params={"pattern": "100%", "star": "a*b?c[d]e"}, tags={"kind": "Child"}),
    OddRun("under_score", 9, params={"pattern": "100x", "star": "aXbYcd"}, tags={"kind": "child_1"}),
    OddRun("lines", 10, params={"text": "first\nsecond", "a b": "spaced", "a/b": "slashed", "a.b": "dotted"}),
    OddRun("user", 11, "KILLED", tags={"mlflow.user": "ada", "mlflow.source.name": "train.py"}, params={"lr": "0.1"}),
    OddRun("data", 12, dataset=("diabetes", "d1", "training"), metrics={"loss": 0.5}),
    OddRun("more data", 13, dataset=("Diabetes", "d2", "eval"), metrics={"loss": 0.5, "a.b": 1.0, "a b": 2.0}),
    OddRun("bare data", 14, dataset=("iris", "d3", None), tags={"kind": "", "mlflow.note.content": "a\nb"}),
)

FILTERS = (
    "", "params.lr = '0.1'", "params.lr != '0.1'", 'param.lr = "0.1"', "parameter.lr LIKE '0.%'",
    "parameters.lr like '0.1_'", "params.lr = ''", "params.lr LIKE '%'", "params.lr IS NULL", "params.lr is not null",
    "params.missing IS NULL", "params.missing != 'x'", "params.solver = 'auto'", "params.solver LIKE 'auto'",
    "params.solver LIKE 'AU%'", "params.solver ILIKE 'AuTo'", "params.solver ilike '%U%'", "params.größe = 'Ä'",
    "params.`größe` LIKE '_'", "params.日本 = '値'", "tags.emoji = '🚀'", "tags.emoji LIKE '_'",
    "params.quote = \"it's\"", "params.double = 'say \"hi\"'", "params.pattern LIKE '100%'",
    "params.pattern LIKE '%0_'", "params.star LIKE 'a*b?c[d]e'", "params.star LIKE '%[%'", "params.star LIKE '%*%?%'",
    "params.star LIKE '%]_'", "params.text LIKE 'first%'", "params.text LIKE '%second'",
    "params.text LIKE 'first_second'",
    "params.`a b` = 'spaced'", "params.\"a/b\" = 'slashed'", "params.a.b = 'dotted'", "params.`a.b` != 'x'",
    "params.'a b' LIKE '%'", "tags.kind LIKE 'child%'", "tags.kind LIKE 'c%d'", "tags.kind ILIKE 'CHILD%'",
    "tags.kind != 'child'", "tags.kind = ''", "tags.kind LIKE ''", "tag.kind IS NULL", "tags.kind IS NOT NULL",
    "tags.kind = \"ch'ild\"", "tags.mlflow.source.name = 'train.py'", "tags.`mlflow.user` LIKE 'a%'",
    "tags.mlflow.note.content LIKE 'a%b'", "metrics.loss < 0.5", "metrics.loss <= .5", "metrics.loss = 0",
    "metrics.loss = 0.5", "metrics.loss != 0", "metrics.loss != 0.5", "metrics.loss > -1", "metrics.loss >= 5e-1",
    "metric.loss > 1e300", "metrics.loss < 1E-5 and metrics.mse < 0", "metrics.mse > 2999.25", "metrics.mse < -1e300",
    "metrics.`system/cpu` > 12", 'metrics."a b" = 2.', "metrics.a.b = 1", "metrics.missing > 0",
    "metrics.missing != 0", "status = 'FINISHED'", "attribute.status != 'FINISHED'", "attributes.status = 'finished'",
    "status ILIKE 'f%'", "attr.status LIKE '%I%' AND metrics.loss > 0", "run_name = 'plain'", "run.run_name LIKE 'pl%'",
    "attributes.`run name` ILIKE 'PLAIN'", "\"Run Name\" != 'plain'", "run_name LIKE '%日本%'", "user_id = 'ada'",
    "user_id != 'ada'", "attributes.user_id ILIKE 'UN%'", "start_time > 1700000005000",
    "attributes.start_time <= 1700000002000", "created >= 1700000012000.5", "Created = 1700000002000", "end_time > 0",
    "end_time <= 1700000100003", "end_time != 1700000100000", "start_time < 9e99",
    "run_id IN ('none')", "run_id NOT IN ('none', \"nothing\",)", "run_id LIKE '%'", "run_id != ''",
    "params.lr = '0.1'AND metrics.loss>=0.5 aNd tags.kind IS NULL",
    "params.lr LIKE '0%' AND params.lr LIKE '%1%' AND params.lr != '0.10'",
)  # fmt: skip
"""Filters that every store can tell, in MLflow's words."""

STORE_ONLY_FILTERS = (
    "dataset.name = 'diabetes'", "datasets.name != 'diabetes'", "dataset.name LIKE 'dia%'", "dataset.name ILIKE 'DIA%'",
    "dataset.digest IN ('d1', 'd3')", "dataset.name NOT IN ('iris')", "dataset.context = 'training'",
    "dataset.context != 'training'", "dataset.context LIKE '%a%'", "dataset.name = 'iris' AND dataset.digest = 'd3'",
    "dataset.name = 'iris' AND dataset.context IN ('eval')", "artifact_uri LIKE '%artifacts'", "artifact_uri = 'x'",
)  # fmt: skip
"""Filters by what a `Run` does not hold, so that they need the store's help."""

ORDERS: tuple[tuple[str, ...], ...] = (
    (), ("metrics.loss",), ("metrics.loss DESC",), ("metric.mse asc", "metrics.loss desc"), ("params.lr",),
    ("params.lr DESC", "start_time ASC"), ("tags.kind desc",), ("tags.mlflow.user", "metrics.`system/cpu` DESC"),
    ("attributes.start_time asc",), ("created DESC",), ("status", "run_name DESC"), ("run_id desc",), ("user_id",),
    ("end_time DESC", "params.`a b`"), ("metrics.missing DESC",), ('params."a/b"', "metrics.a.b  Asc"),
)  # fmt: skip

REFUSED_FILTERS = (
    "params.lr", "params.lr =", "params.lr = 0.1", "params.lr = auto", "params.lr = `0.1`", "params.lr = '0.1",
    "params.lr = '0.1\"", "params.lr > '0.1'", "params.lr == '0.1'", "params.lr <> '0.1'", "params.lr IN ('0.1')",
    "params.lr NOT LIKE '0.1'", "params.lr RLIKE '0.1'", "params.lr BETWEEN '0' AND '1'", "params.lr = NULL",
    "params.lr IS '0.1'", "params.a-b = 'x'", "params.a/b = 'x'", "params.a b = 'x'", "params.a.1 = 'x'",
    "params.$x = 'x'", "params.lr@1 = 'x'", "params . lr = 'x'", "Params.lr = 'x'", "foo.lr = 'x'",
    "`params.lr` = 'x'",
    "\"params\".lr = 'x'", "params.in = 'x'", "= 'x'", "'x'", "hello", "two words", "metrics.loss > '1'",
    "metrics.loss > nan", "metrics.loss > inf", "metrics.loss > +1", "metrics.loss > - 1", "metrics.loss > 1e+5",
    "metrics.loss > 1_000", "metrics.loss > 0x1F", "metrics.loss > = 1", "metrics.loss LIKE '1'",
    "metrics.loss IS NULL", "metrics.loss IN (1)", "1 < metrics.loss", "status IN ('FINISHED')", "status > 'FINISHED'",
    "status IS NULL", "status = FINISHED", "Status = 'FINISHED'", "name = 'plain'", "run_uuid = 'x'",
    "start_time = '2024-01-01'", "start_time LIKE '1%'", "run_id IN ()", "run_id IN (1)", "run_id IN 'x'",
    "run_id = ('x')",
    "run_id IN ('x'", "dataset.foo = 'x'", "dataset.name = 1", "dataset.name IS NULL",
    "params.lr = 'x' OR params.lr = 'y'", "NOT params.lr = 'x'", "(params.lr = 'x')", "params.lr = 'x';",
    "params.lr = 'x'; params.lr = 'y'", "params.lr = 'x' -- why", "params.lr = 'x', params.lr = 'y'",
    "params.lr = 'x' 'y'", "params.lr = N'x'", "params.lr = “x”",
)  # fmt: skip

REFUSED_ORDERS = (
    "", "desc", "foo", "foo.loss", "experiment_id", "`run name` desc", "run name desc", "metrics.a/b desc",
    "metrics.in desc", "params.lr descending", "params.lr desc nulls last", "params.lr, params.solver",
    "params.lr desc, params.solver asc", "metrics.loss;", "metrics.loss -- why", "params.$x", "dataset.name",
    "metrics.loss ASC DESC",
)  # fmt: skip


def write_odd_runs(client: MlflowClient, experiment: str, artifacts: str) -> str:
    """Writes `RUNS` into a new experiment, and beside them a deleted run and one of another; returns the id."""
    experiment_id = client.create_experiment(experiment, artifact_location=artifacts)
    for number, odd in enumerate(RUNS):
        _write(client, experiment_id, odd, number)
    deleted = _write(client, experiment_id, RUNS[0], 0)
    client.delete_run(deleted)
    _write(client, client.create_experiment(f"not {experiment}", artifact_location=artifacts), RUNS[0], 0)
    return experiment_id


def _write(client: MlflowClient, experiment_id: str, odd: OddRun, number: int) -> str:
    start_ms = START_MS + 1000 * odd.start_s
    run_id = client.create_run(experiment_id, start_time=start_ms, tags=dict(odd.tags), run_name=odd.name).info.run_id
    client.log_batch(
        run_id,
        metrics=[Metric(key, value, start_ms, 0) for key, value in odd.metrics.items()],
        params=[Param(key, value) for key, value in odd.params.items()],
        tags=[RunTag("number", str(number))],
    )
    if odd.dataset is not None:
        name, digest, context = odd.dataset
        tags = [] if context is None else [InputTag("mlflow.data.context", context)]
        client.log_inputs(run_id, [DatasetInput(Dataset(name, digest, "local", "{}"), tags)])
    if odd.status != "RUNNING":
        client.set_terminated(run_id, odd.status, end_time=START_MS + 100_000 + number)
    return run_id
