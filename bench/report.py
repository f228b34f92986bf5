"""How verdicts read: on a terminal, and as the page of the docs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.verdict import Measure, Verdict, surroundings

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN = "<!-- figures: written by `python -m bench all` -->"
END = "<!-- end of figures -->"


def told(verdict: Verdict) -> str:
    """A verdict for people."""
    lines = [f"{verdict.name}: {verdict.question}"]
    for one in verdict.measures:
        spread = f"{_number(one, one.low)} to {_number(one, one.high)}"
        lines.append(f"  {one.what:<52} {_number(one, one.value):>10}  ({spread}){_aim(one)}")
    for name, values in verdict.figures.items():
        shown = ", ".join(f"{what.replace('_', ' ')} {value:,}" for what, value in values.items())
        lines.append(f"    {name}: {shown}")
    return "\n".join(lines) + "\n"


def _number(one: Measure, value: float) -> str:
    return f"{value:.2f}" if one.unit == "ratio" else f"{value:,.4g} {one.unit}"


def _aim(one: Measure) -> str:
    if one.target is None:
        return ""
    sign = "<=" if one.at_most else ">="
    return f"  {sign} {_number(one, one.target)}: {'met' if one.met else 'MISSED'}"


def write(verdicts: Sequence[Verdict]) -> None:
    """Put the figures of a whole run into the page, between its two marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{_figures(verdicts)}\n{END}{after}", encoding="utf-8")


def _figures(verdicts: Sequence[Verdict]) -> str:
    around = surroundings()
    machine = around["machine"]
    versions = ", ".join(f"{name} {value}" for name, value in around["versions"].items())
    parts = [
        f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gb']} GB, {machine['system']}; {versions}; "
        f"commit {around['commit']}; {around['at']}. Median (least to greatest) of the pairs.\n"
    ]
    for verdict in verdicts:
        parts.append(f"### {verdict.name}\n\n{verdict.question}\n\n{verdict.how}\n")
        parts.append("| what | value | target | |\n|---|---|---|---|")
        parts += [_row(one) for one in verdict.measures]
        parts.append("")
        if verdict.figures:
            parts.append("| side | " + " | ".join(_columns(verdict)) + " |")
            parts.append("|---|" + "---|" * len(_columns(verdict)))
            parts += [_side(verdict, name) for name in verdict.figures]
            parts.append("")
    return "\n".join(parts)


def _row(one: Measure) -> str:
    aim = "" if one.target is None else ("<= " if one.at_most else ">= ") + _number(one, one.target)
    verdict = {True: "met", False: "**missed**", None: ""}[one.met]
    spread = f"{_number(one, one.value)} ({_number(one, one.low)} to {_number(one, one.high)})"
    return f"| {one.what} | {spread} | {aim} | {verdict} |"


def _columns(verdict: Verdict) -> list[str]:
    return list(dict.fromkeys(what for values in verdict.figures.values() for what in values))


def _side(verdict: Verdict, name: str) -> str:
    values = verdict.figures[name]
    cells = [f"{values[what]:,}" if what in values else "" for what in _columns(verdict)]
    return f"| {name} | " + " | ".join(cells) + " |"
