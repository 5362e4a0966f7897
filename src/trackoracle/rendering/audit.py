"""The audit as a terminal table and as a page of HTML."""

from __future__ import annotations

import math

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.rendering.pages import render_page
from trackoracle.rendering.words import METRIC_NAMES, interval, number
from trackoracle.schema import SEVERITIES, AuditReport, Gap

_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
_BAR = 24
_NOTHING = {"r2": 0.0, "roc_auc": 0.5}
"""What a metric is where nothing was learned: bars begin there."""


def audit_table(report: AuditReport) -> RenderableType:
    """Show the findings, worst first, and the same model under each protocol."""
    parts: list[RenderableType] = [
        Text(_title(report), style="bold"),
        Text(_counts(report), style="red" if report.count("error") else "green"),
    ]
    if report.synthetic:
        parts.append(Text("Synthetic: the findings say nothing of real music.", style="yellow"))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in report.findings:
        style = _STYLES[finding.severity]
        examples = f"; {', '.join(finding.examples)}" if finding.examples else ""
        table.add_row()
        table.add_row(
            f"[{style}]{finding.severity}[/]",
            f"[bold]{finding.code}[/]  {escape(finding.what)}",
        )
        table.add_row("", f"[cyan]{escape(finding.evidence)}[/][dim]{escape(examples)}[/]")
        if finding.severity != "note":
            table.add_row("", f"[dim]Fix: {escape(finding.fix)}[/]")
    parts.append(table)
    if report.gap:
        parts += [Text(), _gap_table(report.gap)]
    if report.unchecked:
        parts += [Text(), Text("Not checked", style="bold")]
        parts += [Text(f"  {sentence}", style="dim") for sentence in report.unchecked]
    return Group(*parts)


def _title(report: AuditReport) -> str:
    target = f", target {report.target}" if report.target else ""
    return f"Audit of {report.name}: {report.n_rows:,} rows{target}"


def _counts(report: AuditReport) -> str:
    counted = [
        f"{n} {severity}{'' if n == 1 else 's'}"
        for severity in SEVERITIES
        if (n := report.count(severity))
    ]
    nothing = "Nothing found in what could be checked" if report.unchecked else "Nothing found"
    return f"{', '.join(counted) or nothing} in {report.seconds:.0f} s"


def _gap_table(gap: Gap) -> RenderableType:
    metric = METRIC_NAMES[gap.metric]
    table = Table(
        title=f"One quick model ({gap.model}) under each protocol: {metric}",
        box=box.SIMPLE_HEAD,
        title_style="bold",
        title_justify="left",
        pad_edge=False,
    )
    table.add_column("protocol", no_wrap=True)
    table.add_column("", no_wrap=True)
    for head in (metric, "95 % interval", "baseline"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("stands for", overflow="fold", style="dim")
    low, high = _NOTHING[gap.metric], _axis(gap)[1]
    for result in gap.protocols:
        found = result.scores[gap.metric]
        filled = round(_BAR * min(1.0, max(0.0, (found.value - low) / (high - low))))
        table.add_row(
            result.protocol,
            f"[blue]{'█' * filled}[/][dim]{'·' * (_BAR - filled)}[/]",
            f"[bold]{number(found.value, gap.metric)}[/]",
            interval(found, gap.metric),
            number(result.baseline[gap.metric].value, gap.metric),
            escape(result.stands_for),
        )
    rows = f"{gap.n_tracks:,} rows"
    if gap.n_tracks < gap.n_all:
        rows += f" of {gap.n_all:,}, thinned to whole artists"
    return Group(table, Text(rows, style="dim"))


def _axis(gap: Gap) -> tuple[float, float]:
    """Return the ends of the axis: nothing learned or worse, and a round number above the best."""
    nothing = _NOTHING[gap.metric]
    found = [result.scores[gap.metric] for result in gap.protocols]
    worst, best = min(e.value for e in found), max(e.high for e in found)
    low = max(nothing - 0.3, min(nothing, math.floor(worst * 10) / 10))
    return low, min(1.0, max(nothing + 0.1, math.ceil(best * 10) / 10))


def audit_report(report: AuditReport) -> str:
    """Write the audit as one HTML file."""
    return render_page(
        "audit_report.html",
        report=report,
        title=_title(report),
        counts=_counts(report),
        chart=_chart(report.gap) if report.gap else None,
    )


def _chart(gap: Gap) -> dict[str, object]:
    low, high = _axis(gap)

    def place(value: float) -> str:
        return f"{100 * min(1.0, max(0.0, (value - low) / (high - low))):.2f}"

    zero = float(place(_NOTHING[gap.metric]))
    rows = []
    for result in gap.protocols:
        found, naive = result.scores[gap.metric], result.baseline[gap.metric].value
        start, end = float(place(found.low)), float(place(found.high))
        rows.append(
            {
                "name": result.protocol,
                "stands_for": result.stands_for,
                "value": number(found.value, gap.metric),
                "interval": interval(found, gap.metric),
                "baseline": number(naive, gap.metric),
                "at": place(found.value),
                "bar_from": f"{min(float(place(found.value)), zero):.2f}",
                "bar": f"{abs(float(place(found.value)) - zero):.2f}",
                "from": f"{start:.2f}",
                "width": f"{end - start:.2f}",
                "naive_at": place(naive),
                "n_tracks": f"{result.n_tracks:,}",
            }
        )
    step = 0.1 if high - low <= 0.6 else 0.2
    ticks = [low + step * i for i in range(round((high - low) / step) + 1)]
    return {
        "metric": METRIC_NAMES[gap.metric],
        "rows": rows,
        "ticks": [{"label": f"{tick:.1f}", "at": place(tick)} for tick in ticks],
    }
