#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_metrics.py ROOT: compares cachefiles-metrics(7) with the table of the metrics: names, types, and the labels
that samples get in the code. Every metric and label that the page's examples, the dashboard and the alerts ask for
has to be there, and the dashboard and the alerts have to be what Grafana and Prometheus read."""
import json
import pathlib
import re
import sys

import mdoc
import yaml

EVERYWHERE = {"cache", "instance", "le"}  # of all samples, of the one who collects them, of histograms
SUFFIXES = ("_bucket", "_sum", "_count")


def read_table(root):
    text = (root / "daemon/metrics/metric_table.cpp").read_text(encoding="utf-8")
    rows = re.findall(r'^    \{"(\w+)",\s*(\w+),\s*"', text, re.M)
    assert len(rows) == text.count('"},'), "a row that this test does not understand"
    return dict(rows)


def read_labels(root):
    """metric -> its labels, and label -> its values, as far as they stand in the code."""
    labels, values = {}, {}
    for path in sorted((root / "daemon").rglob("*.cpp")):
        text = path.read_text(encoding="utf-8")
        for name, inside in re.findall(r'"(\w+)\{+(\w+=\\"[^}]*?\\")\}+"', text):
            for label, value in re.findall(r'(\w+)=\\"(.*?)\\"', inside):
                labels.setdefault(name, set()).add(label)
                values.setdefault(label, set()).add(value)
        for name, inside in re.findall(r'samples\.add\(\s*"(\w+)",[^;]*?\{(\{.*?\})\}\);', text, re.S):
            labels.setdefault(name, set()).update(re.findall(r'\{"(\w+)", ', inside))
    return labels, values


def check_sources(root, table):
    """Every metric comes from somewhere, and nothing that is counted is lost for want of a row."""
    written = set()
    for path in sorted((root / "daemon").rglob("*.cpp")):
        if path.name == "metric_table.cpp":
            continue
        text = path.read_text(encoding="utf-8")
        written |= set(re.findall(r'"(\w+)(?:"|\{)', text))
        counted = re.findall(r'\b(?:all|statistics)\["(\w+)', text)
        counted += re.findall(r'\b(?:add_histogram|samples\.add|add_limit)\([^";]*"(\w+)"', text)
        for name in sorted(set(counted) - set(table)):
            yield f"{path.name} counts {name}, which is not in the table"
    for name in sorted(set(table) - written):
        yield f"nothing counts {name}"


def uses(expression):
    """(metric, the label matchers behind it) of an expression."""
    for name, inside in re.findall(r"\bcachefiles_(\w+)(?:\{([^}]*)\})?", expression):
        yield name, re.findall(r'(\w+)\s*(?:=~|!=|!~|=)\s*"([^"]*)"', inside)


def check_expression(where, expression, table, labels):
    for name, matchers in uses(expression):
        family = next((name.removesuffix(suffix) for suffix in SUFFIXES
                       if name.endswith(suffix) and table.get(name.removesuffix(suffix)) == "histogram"), name)
        if family not in table:
            yield f"{where}: there is no metric {name}"
        elif (table[family] == "histogram") == (family == name):
            yield f"{where}: {name} has no samples of that name"
        for label, _ in matchers:
            if label not in labels.get(family, set()) | EVERYWHERE:
                yield f"{where}: {name} has no label {label}"
        if table.get(family) == "counter" and not re.search(rf"(rate|increase|changes)\(cachefiles_{name}\b", expression):
            yield f"{where}: {name} is a counter, and nobody takes its rate"
    if expression.count("(") != expression.count(")"):
        yield f"{where}: parentheses of {expression}"


def check_page(page, table, labels, values):
    documented = {}
    for text in page.subsections("METRICS").values():
        for item in mdoc.items(text):
            words = item.after("Ic")
            name = words[0].removeprefix("cachefiles_")
            documented[name] = words[-1]
            has = (item.fact("Labels") or "").split(", ")
            if set(filter(None, has)) != labels.get(name, set()):
                yield f"{name}: labels on the page are {has}, in the code {labels.get(name)}"
            body = "\n".join(item.body)
            for label in labels.get(name, ()):
                unsaid = [value for value in values.get(label, ()) if not re.search(rf"(?<!\w){value}(?!\w)", body)]
                if label != "quantile" and unsaid and label != "le":
                    yield f"{name}: the page does not explain {label}={unsaid}"
    yield from mdoc.compare("metrics", set(documented.items()), set(table.items()))


def check_dashboard(path, table, labels):
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    seen, taken = set(), set()
    for panel in dashboard["panels"]:
        if panel["id"] in seen:
            yield f"{path.name}: two panels {panel['id']}"
        seen.add(panel["id"])
        place = panel["gridPos"]
        cells = {(column, line) for column in range(place["x"], place["x"] + place["w"])
                 for line in range(place["y"], place["y"] + place["h"])}
        if taken & cells or place["x"] + place["w"] > 24:
            yield f"{path.name}: {panel['title']} lies on another panel, or beyond the edge"
        taken |= cells
        if panel["type"] != "row" and not panel["targets"]:
            yield f"{path.name}: {panel['title']} shows nothing"
        for target in panel.get("targets", []):
            yield from check_expression(f"{path.name}: {panel['title']}", target["expr"], table, labels)
            if not any(True for _ in uses(target["expr"])):
                yield f"{path.name}: {panel['title']}: no metric in {target['expr']}"
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield from check_expression(f"{path.name}: {variable['name']}", variable["query"], table, labels)


def check_alerts(path, table, labels):
    names = set()
    for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            where = f"{path.name}: {rule['alert']}"
            if rule["alert"] in names or set(rule) - {"alert", "expr", "for", "labels", "annotations"}:
                yield f"{where}: is there twice, or has an unknown key"
            names.add(rule["alert"])
            yield from check_expression(where, rule["expr"], table, labels)
            if "summary" not in rule["annotations"] or "severity" not in rule["labels"]:
                yield f"{where}: no summary, or no severity"
    if not names:
        yield f"{path.name}: no alerts"


def offences(root):
    table = read_table(root)
    labels, values = read_labels(root)
    for name in sorted(set(labels) - set(table)):
        if not (name.endswith("_bucket") or name == "{}_bucket"):
            yield f"labels of {name}, which is not in the table"
    yield from check_sources(root, table)
    page = mdoc.Page(root / "man/cachefiles-metrics.7")
    yield from check_page(page, table, labels, values)
    for example in mdoc.literal_blocks(page.section("EXAMPLES")):
        yield from check_expression("page", example, table, labels)
    yield from check_dashboard(root / "etc/grafana/cachefilesd.json", table, labels)
    yield from check_alerts(root / "etc/prometheus/cachefilesd.rules.yml", table, labels)


if __name__ == "__main__":
    mdoc.conclude(offences(pathlib.Path(sys.argv[1])))
