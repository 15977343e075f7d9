"""Charts drawn on the server as SVG.

Decided here: geometry only. Colours are classes of static/css/components.css; every figure has a role and a title, and the caller renders the
table beside it. No style attribute ever. Built in Python, because a template loop over cells is a hundred times slower.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# which of the seven colours a scale of n points uses; ends and middle always match
RAMP_STEPS: Mapping[int, tuple[int, ...]] = {
    2: (1, 7),
    3: (1, 4, 7),
    4: (1, 2, 6, 7),
    5: (1, 2, 4, 6, 7),
    6: (1, 2, 3, 5, 6, 7),
    7: (1, 2, 3, 4, 5, 6, 7),
}


def ramp_class(value: int | None, points: int = 5) -> str:
    """The class that carries the colour of point `value` (1 is lowest) on a scale of `points`; empty for no rating."""
    steps = RAMP_STEPS.get(points, RAMP_STEPS[5])
    if value is None or not 1 <= value <= len(steps):
        return ""
    return f"ramp-{steps[value - 1]}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of a distribution. Counts of people; `low` and `high` are the guideline, `before` the count as first given.

    `label` is short ("4"), `name` the meaning in a second line that small screens leave to the table.
    """

    label: str
    count: int
    before: int | None = None
    low: float | None = None
    high: float | None = None
    ramp: str = ""
    name: str = ""


def distribution(bars: Sequence[Bar], title: str) -> SafeString:
    """Columns with the guideline as a band behind and the earlier state as an outline."""
    width, height, top, foot = 600, 250, 24, 46
    floor = height - foot
    tallest = max([1.0, *(float(max(b.count, b.before or 0, b.high or 0)) for b in bars)])
    slot = width / max(1, len(bars))
    column = min(96.0, slot * 0.56)

    def y(count: float) -> float:
        return round(floor - (floor - top) * count / tallest, 1)

    bands, columns, outlines, words = [], [], [], []
    for place, bar in enumerate(bars):
        centre = round(slot * (place + 0.5), 1)
        left = round(centre - column / 2, 1)
        if bar.low is not None and bar.high is not None:
            wide = round(min(slot - 8, column * 1.42), 1)
            start = round(centre - wide / 2, 1)
            upper, lower = y(bar.high), y(bar.low)
            bands.append(
                (
                    start,
                    upper,
                    wide,
                    round(max(2.0, lower - upper), 1),
                    start,
                    start + wide,
                    upper,
                    upper,
                    start,
                    start + wide,
                    lower,
                    lower,
                )
            )
        columns.append(
            (f"fill {bar.ramp}", left, y(bar.count), column, round(floor - y(bar.count), 1))
        )
        if bar.before is not None:
            outlines.append((left, y(bar.before), column, round(floor - y(bar.before), 1)))
        highest = max(bar.count, bar.before or 0)
        words.append(
            (
                centre,
                round(y(highest) - 8, 1),
                bar.count,
                centre,
                floor + 18,
                bar.label,
                centre,
                floor + 36,
                _shortened(bar.name, int(slot / 5.2)),
            )
        )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title>{}{}<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>{}{}</svg>',
        width, height, title,
        format_html_join(
            "",
            '<rect class="band" x="{}" y="{}" width="{}" height="{}"/><line class="band-edge" x1="{}" x2="{}" y1="{}" y2="{}"/><line class="band-edge" x1="{}" x2="{}" y1="{}" y2="{}"/>',
            bands,
        ),
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="3"/>', columns),
        width, floor, floor,
        format_html_join("", '<rect class="before" x="{}" y="{}" width="{}" height="{}" rx="3"/>', outlines),
        format_html_join("", '<text class="middle value" x="{}" y="{}">{}</text><text class="middle below" x="{}" y="{}">{}</text><text class="middle soft label-name" x="{}" y="{}">{}</text>', words),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of a completion chart."""

    label: str
    done: int
    total: int


def completion(lines: Sequence[Progress], title: str) -> SafeString:
    """Horizontal bars, one per department or manager, with "9 of 14" at the end of each."""
    width, step = 600, 46
    rows = []
    for place, line in enumerate(lines):
        top = place * step
        share = round(width * line.done / line.total, 1) if line.total else 0
        rows.append(
            (
                *(top + 17, line.label, width, top + 17, line.done, line.total),
                *(top + 25, width, top + 25, share),
            )
        )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title>{}</svg>',
        width, max(step, step * len(lines)), title,
        format_html_join(
            "",
            '<text x="0" y="{}">{}</text><text class="end-text soft" x="{}" y="{}">{}\u202f/\u202f{}</text>'
            '<rect class="track" x="0" y="{}" width="{}" height="9" rx="4.5"/><rect class="fill" x="0" y="{}" width="{}" height="9" rx="4.5"/>',
            rows,
        ),
    )  # fmt: skip


def sparkline(
    values: Sequence[float | None], title: str, *, lowest: float = 1, highest: float = 5
) -> SafeString:
    """A small line over earlier cycles; a gap stays a gap, the last value gets a point."""
    width, height, edge = 96, 28, 5
    spread = (highest - lowest) or 1
    across = (width - 2 * edge) / max(1, len(values) - 1)
    places = [
        (
            round(edge + across * i, 1),
            round(height - edge - (height - 2 * edge) * (v - lowest) / spread, 1),
        )
        if v is not None
        else None
        for i, v in enumerate(values)
    ]
    commands, pen_down = [], False
    for place in places:
        if place is not None:
            commands.append(f"{'L' if pen_down else 'M'}{place[0]} {place[1]}")
        pen_down = place is not None
    last = next((place for place in reversed(places) if place is not None), None)
    end = format_html('<circle class="fill" cx="{}" cy="{}" r="3.2"/>', *last) if last else ""
    return format_html(
        '<svg class="chart spark" viewBox="0 0 {} {}" role="img"><title>{}</title><path class="line-path" d="{}"/>{}</svg>',
        width,
        height,
        title,
        " ".join(commands),
        end,
    )


@dataclass(frozen=True, slots=True)
class Portion:
    """One piece of a whole of ten."""

    tenths: int
    ramp: str = ""


def portions(pieces: Sequence[Portion], title: str) -> SafeString:
    """A whole as one thin bar, cut into tenths; the caller says beside it what each piece is."""
    width, height, gap = 600, 16, 3
    start, drawn = 0.0, []
    for piece in pieces:
        wide = width * piece.tenths / 10
        drawn.append(
            (f"fill {piece.ramp}".strip(), round(start, 1), round(max(0, wide - gap), 1), height)
        )
        start += wide
    return format_html(
        '<svg class="chart portions" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"><title>{}</title>{}</svg>',
        width - gap, height, title,
        format_html_join("", '<rect class="{}" x="{}" y="0" width="{}" height="{}"/>', drawn),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a grid: what is written in it, and the colour. An empty text is a field that may not be shown."""

    text: str
    ramp: str = ""


def grid(
    columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell]]], title: str
) -> SafeString:
    """Two dimensions against each other, or competencies by level; hidden fields are drawn blank."""
    width, left, head, step = 760, 150, 30, 40
    wide = round((width - left) / max(1, len(columns)), 1)
    heads = [
        (round(left + wide * (i + 0.5), 1), 19, _shortened(name, 16))
        for i, name in enumerate(columns)
    ]
    names = [
        (left - 12, head + step * j + 25, _shortened(name)) for j, (name, _cells) in enumerate(rows)
    ]
    cells = [
        (
            f"cell {cell.ramp}" if cell.text else "cell blank",
            round(left + wide * i, 1),
            head + step * j,
            wide,
            step,
            round(left + wide * (i + 0.5), 1),
            head + step * j + 25,
            cell.text,
        )
        for j, (_name, line) in enumerate(rows)
        for i, cell in enumerate(line)
    ]
    return format_html(
        '<svg class="chart roomy" viewBox="0 0 {} {}" role="img"><title>{}</title>{}{}{}</svg>',
        width, head + step * len(rows) + 2, title,
        format_html_join("", '<text class="middle soft" x="{}" y="{}">{}</text>', heads),
        format_html_join("", '<text class="end-text" x="{}" y="{}">{}</text>', names),
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/><text class="middle" x="{}" y="{}">{}</text>', cells),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval on a common axis; `middle` None means that it cannot be estimated."""

    label: str
    low: float = 0
    middle: float | None = None
    high: float = 0
    note: str = ""


def intervals(
    lines: Sequence[Interval], title: str, *, lowest: float, highest: float, zero: float = 0
) -> SafeString:
    """Estimates with intervals around a reference line, in the order given: never sorted into a rank."""
    width, step, edge = 600, 46, 8
    spread = (highest - lowest) or 1

    def x(value: float) -> float:
        inside = min(max(value, lowest), highest)
        return round(edge + (width - 2 * edge) * (inside - lowest) / spread, 1)

    drawn = []
    for place, line in enumerate(lines):
        y = place * step + 32
        name = format_html(
            '<text x="0" y="{}">{}</text><line class="rail" x1="0" x2="{}" y1="{}" y2="{}"/>',
            y - 15, line.label, width, y, y,
        )  # fmt: skip
        if line.middle is None:
            mark = format_html(
                '<text class="soft end-text" x="{}" y="{}">{}</text>', width, y - 15, line.note
            )
        else:
            mark = format_html(
                '<line class="line-path" x1="{}" x2="{}" y1="{}" y2="{}"/><circle class="fill" cx="{}" cy="{}" r="5"/>',
                x(line.low), x(line.high), y, y, x(line.middle), y,
            )  # fmt: skip
        drawn.append((name, mark))
    height = max(step, step * len(lines))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title>{}<line class="axis dashed" x1="{}" x2="{}" y1="0" y2="{}"/></svg>',
        width, height, title, format_html_join("", "{}{}", drawn), x(zero), x(zero), height,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a calendar; only those with a label get a word below them."""

    day: date
    count: int
    label: str = ""


def calendar(points: Sequence[Point], title: str) -> SafeString:
    """Thin columns along the days between the first and the last; a day without a point is a gap."""
    width, height, top, foot = 600, 200, 24, 28
    floor = height - foot
    first = min((p.day for p in points), default=date.min)
    days = max(((p.day - first).days for p in points), default=0) + 1
    slot = width / days
    column = round(min(28.0, max(2.0, slot * 0.7)), 1)
    tallest = max((p.count for p in points), default=0) or 1
    columns, words = [], []
    for point in points:
        centre = round(slot * ((point.day - first).days + 0.5), 1)
        tall = round((floor - top) * point.count / tallest, 1)
        columns.append((round(centre - column / 2, 1), round(floor - tall, 1), column, tall))
        if point.label:
            words.append((min(max(centre, 24.0), width - 24.0), floor + 19, point.label))
    peak = max(points, key=lambda p: p.count, default=None)
    if peak:
        centre = slot * ((peak.day - first).days + 0.5)
        words.append((round(min(max(centre, 24.0), width - 24.0), 1), top - 8, str(peak.count)))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title>{}<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>',
        width, height, title,
        format_html_join("", '<rect class="fill" x="{}" y="{}" width="{}" height="{}" rx="2"/>', columns),
        width, floor, floor,
        format_html_join("", '<text class="middle soft" x="{}" y="{}">{}</text>', words),
    )  # fmt: skip


def _shortened(label: str, most: int = 26) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"
