"""How verdicts read: on a terminal, and as the page of the docs."""

from __future__ import annotations

from pathlib import Path

from bench.verdict import Measure, Verdict, surroundings

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN = "<!-- figures: written by `python -m bench NAME --write` -->"
LARGE = 1_000
END = "<!-- end of figures -->"


def text_of(verdict: Verdict) -> str:
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
    if one.unit == "ratio":
        return f"{value:.2f}"
    return f"{value:,.0f} {one.unit}" if value >= LARGE else f"{value:.4g} {one.unit}"


def _aim(one: Measure) -> str:
    if one.target is None:
        return ""
    sign = "<=" if one.at_most else ">="
    return f"  {sign} {_number(one, one.target)}: {'met' if one.met else 'MISSED'}"


def write(verdict: Verdict, command: str) -> None:
    """Put the figures that a command came to into the page, in place of those that it had of the same benchmark."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    inside, _, after = rest.partition(END)
    sections = {part.partition("\n")[0]: part for part in inside.strip().split("### ") if part}
    sections[verdict.name] = f"{verdict.name}\n\n{_section(verdict, command)}"
    text_of = "\n\n".join(f"### {sections[name].strip()}" for name in sorted(sections))
    PAGE.write_text(f"{before}{BEGIN}\n{text_of}\n{END}{after}", encoding="utf-8")


def _section(verdict: Verdict, command: str) -> str:
    around = surroundings()
    machine = around["machine"]
    versions = ", ".join(f"{name} {value}" for name, value in around["versions"].items())
    parts = [
        f"{verdict.question}\n\n{verdict.how}\n",
        f"`{command}`: {machine['cores']} cores of {machine['cpu']}, {machine['memory_gb']} GB, {machine['system']}; "
        f"{versions}; commit {around['commit']}; {around['at']}. Median (least to greatest) of the pairs.\n",
        "| what | value | target | |\n|---|---|---|---|",
        *map(_row, verdict.measures),
    ]
    if verdict.figures:
        parts.append("\n| side | " + " | ".join(_columns(verdict)) + " |")
        parts.append("|---|" + "---|" * len(_columns(verdict)))
        parts += [_side(verdict, name) for name in verdict.figures]
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
