"""Draws every component on one page, for looking at: `python -m tests.look.build` writes var/look/*.html.

Decided here: sample values only. Never a URL of the product. A style guide that is built from the real templates cannot drift from them.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "catalogue",
    "home",
    "review",
    "calibration",
    "ladder",
    "level",
    "report",
    "entrance",
    "people",
    "error",
)
NOW = datetime(2026, 11, 20, 14, 7, tzinfo=UTC)


def nav(current: str) -> list[dict[str, Any]]:
    items = [
        ("Home", "home", 5),
        ("Reviews", "document-text", 0),
        ("Feedback", "chat-bubble-left-right", 2),
        ("Calibration", "scale", 0),
        ("Ladders", "bars-3", 0),
        ("People", "users", 0),
    ]
    return [
        {"label": name, "url": f"#{name}", "icon": icon, "current": name == current, "count": count}
        for name, icon, count in items
    ]


class Reader:
    """Stands for a signed-in person, without a database."""

    is_authenticated = True

    def get_full_name(self) -> str:
        return "Mira Jensen"


def context(name: str) -> dict[str, Any]:
    from django.core.paginator import Paginator

    from apps.core import charts
    from tests.look import samples

    current = {
        "review": "Reviews",
        "calibration": "Calibration",
        "ladder": "Ladders",
        "level": "Ladders",
        "people": "People",
    }.get(name, "Home")
    bars = [
        charts.Bar(str(n), count, before, low, high, charts.ramp_class(n), label)
        for n, label, count, before, low, high in [
            (1, "Well below", 1, 1, 0, 2),
            (2, "Growing into it", 4, 3, 2, 5),
            (3, "Solid", 13, 11, 10, 16),
            (4, "Beyond in places", 9, 11, 6, 10),
            (5, "Already the next level", 3, 4, 1, 3),
        ]
    ]
    return {
        "now": NOW,
        "nav": nav(current),
        "user": Reader() if name != "entrance" else None,
        "me": {
            "name": "Mira Jensen",
            "title": "Engineering Manager",
            "url": "#me",
            "settings_url": "#settings",
        },
        "ribbon": {
            "text": "You are looking as Mira Jensen. The company is made up.",
            "url": "#other",
            "label": "Be somebody else",
            "post": False,
        }
        if name in ("home", "catalogue")
        else None,
        "csrf_token": "a-token-for-looking",
        "phases": [
            {"label": "Peers chosen", "state": "done", "when": "until 6 Nov"},
            {"label": "Self reviews", "state": "done", "when": "until 18 Nov"},
            {"label": "Manager reviews", "state": "now", "when": "until Fri 4 Dec"},
            {"label": "Calibration", "state": "later", "when": "8 to 15 Dec"},
            {"label": "Talks", "state": "later", "when": "from 18 Dec"},
        ],
        "scale": [
            {
                "value": 1,
                "label": "Well below",
                "anchor": "Most of what the level asks is still to come.",
            },
            {
                "value": 2,
                "label": "Growing into it",
                "anchor": "Shown with help, or not yet every time.",
            },
            {"value": 3, "label": "Solid", "anchor": "Does what the level asks, dependably."},
            {
                "value": 4,
                "label": "Beyond in places",
                "anchor": "Some of the next level, more than once.",
            },
            {
                "value": 5,
                "label": "Already the next level",
                "anchor": "The next level, over the whole half year.",
            },
        ],
        "distribution": charts.distribution(
            bars, "Overall ratings: 1 has 1, 2 has 4, 3 has 13, 4 has 9, 5 has 3 people"
        ),
        "completion": charts.completion(
            [
                charts.Progress("Platform", 9, 14),
                charts.Progress("Data", 6, 6),
                charts.Progress("Customer care, north and east", 2, 21),
            ],
            "Reviews handed in, by department",
        ),
        "spark": charts.sparkline([3, 3, None, 4, 4], "Ratings in five cycles: 3, 3, none, 4, 4"),
        "grid": charts.grid(
            ["Engineer II", "Engineer III", "Staff"],
            [
                (
                    "Ownership",
                    [
                        charts.Cell("3.1", charts.ramp_class(3)),
                        charts.Cell("3.4", charts.ramp_class(3)),
                        charts.Cell("4.0", charts.ramp_class(4)),
                    ],
                ),
                (
                    "Mentoring",
                    [
                        charts.Cell("2.2", charts.ramp_class(2)),
                        charts.Cell("3.0", charts.ramp_class(3)),
                        charts.Cell(""),
                    ],
                ),
            ],
            "Mean rating of two competencies on three levels; one field has too few people",
        ),
        "intervals": charts.intervals(
            [
                charts.Interval("Mira Jensen", note="cannot be told apart from her team"),
                charts.Interval("Ben Kato", -0.4, -0.1, 0.2),
                charts.Interval("Lena Novak", 0.1, 0.5, 0.9),
            ],
            "How strictly managers rate, with intervals",
            lowest=-1.5,
            highest=1.5,
        ),
        "page_obj": Paginator(range(240), 20).page(4),
        "form": samples.bound_form(),
        "plain_form": samples.SampleForm(),
        "due_late": datetime(2026, 11, 18, 23, 59, tzinfo=UTC),
        "due_today": datetime(2026, 11, 20, 23, 59, tzinfo=UTC),
        "due_soon": datetime(2026, 11, 25, 23, 59, tzinfo=UTC),
        "due_later": datetime(2026, 12, 4, 23, 59, tzinfo=UTC),
        "saved_at": datetime(2026, 11, 19, 17, 40, tzinfo=UTC),
        "refusal": {
            "status": 403,
            "title": "Not open to you",
            "reason": "You work on this committee, so your own record is closed to you until release.",
            "request_id": "7f3a",
        },
    }


def render(name: str) -> str:
    from django.template import Context, Engine, engines
    from django.test import override_settings

    engine = engines["django"].engine
    looking = Engine(
        dirs=[ROOT / "tests/look/templates", *engine.dirs],
        app_dirs=True,
        libraries=engine.libraries,
        builtins=engine.builtins,
    )
    with override_settings(ROOT_URLCONF="tests.look.urls"):
        return looking.get_template(f"{name}.html").render(Context(context(name)))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
    import django

    django.setup()
    target = ROOT / "var" / "look"
    target.mkdir(parents=True, exist_ok=True)
    for name in PAGES:
        (target / f"{name}.html").write_text(render(name), encoding="utf-8")


if __name__ == "__main__":
    main()
