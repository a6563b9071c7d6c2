"""The page and the dashboard name what there is, and all of it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.gateway import get_gateway
from app.operations.metrics.families import COUNTED, PREFIX
from app.operations.metrics_snapshot import fetch_metrics_snapshot
from tests.support.client import Client
from tests.support.server import wait_until

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
OF_HISTOGRAMS = ("_bucket", "_count", "_sum")


def find_names(text):
    return set(re.findall(rf"{PREFIX}\w+", text))


def read_facts(app):
    return {metric.name: metric for metric in fetch_metrics_snapshot(get_gateway(app))}


@pytest.fixture(scope="module")
def described(module_app):
    """Give name and description of every metric, as a scrape writes them."""
    Client(module_app).data("/api/market/quote", symbol="AAPL")
    wait_until(lambda: f"{PREFIX}budget_calls_left" in read_facts(module_app), 10)
    metrics = [(each.name, each.kind, each.doc) for each in COUNTED]
    metrics += [(each.name, each.type, each.documentation) for each in read_facts(module_app).values()]
    return {name + ("_total" if kind == "counter" else ""): (kind, doc) for name, kind, doc in metrics}


@pytest.fixture(scope="module")
def page():
    return (DOCS / "monitoring.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def dashboard():
    return (DOCS / "grafana.json").read_text(encoding="utf-8")


def test_the_page_describes_every_metric_and_no_other(described, page):
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| [^|]*\| (.*) \|$", page, re.MULTILINE)

    assert {name: (kind, doc) for name, kind, doc in rows} == described
    assert find_names(page) <= described.keys()


def test_the_dashboard_asks_for_every_metric_and_no_other(described, dashboard):
    histograms = {name for name, (kind, _) in described.items() if kind == "histogram"}
    parts = {name + part: name for name in histograms for part in OF_HISTOGRAMS}

    assert {parts.get(name, name) for name in find_names(dashboard)} == described.keys()


def test_each_panel_has_a_place_of_its_own(dashboard):
    panels = json.loads(dashboard)["panels"]
    covered = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len(set(covered)) == len(covered)
    assert max(x for x, _ in covered) < 24


def find_block(page: str, start: str) -> str:
    found = re.search(rf"```yaml\n({start}.*?)```", page, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_can_read_the_rules_and_each_expression_of_the_dashboard(page, dashboard, tmp_path):
    expressions = [
        target["expr"].replace("$__rate_interval", "5m").replace("$job", "tiger-rest")
        for panel in json.loads(dashboard)["panels"]
        for target in panel.get("targets", [])
    ]
    rules = [{"record": f"dashboard:{number}", "expr": each} for number, each in enumerate(expressions)]
    (tmp_path / "dashboard.json").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    (tmp_path / "page.yaml").write_text(find_block(page, "groups:"))
    (tmp_path / "prometheus.yaml").write_text(find_block(page, "scrape_configs:"))

    for kind, files in (("rules", ["dashboard.json", "page.yaml"]), ("config", ["prometheus.yaml"])):
        command = ["promtool", "check", kind, *(str(tmp_path / file) for file in files)]
        checked = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
