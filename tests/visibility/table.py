"""The table that people read: item x phase x viewer.

    y   reads it on a page          Y   reads it on a page and through the API
    .   never sees it anywhere      -   there is no such thing in this phase

`python -m pytest tests/visibility --write-answers` writes what the pages show now; read each changed
line as a promise before it is committed. Notes that no review rests on belong to no phase. What
colleagues and the team said has phases of its own; a `name` is that of who said it, beside the text.
"""

from __future__ import annotations

from pathlib import Path

from tests.visibility.company import PHASES, VIEWERS
from tests.visibility.feedback import ITEMS as HEARD
from tests.visibility.feedback import PHASES as HEARD_PHASES
from tests.visibility.items import ITEMS, NOTES

FILE = Path(__file__).with_name("visibility.txt")
NO_PHASE = "any"
Key = tuple[str, str]  # item, phase
Table = dict[Key, str]
HEADS = {
    "subject": "subj", "ex_manager": "exma", "future_manager": "futu", "skip_level": "skip",
    "member_elsewhere": "mem2", "facilitator": "faci", "process_admin": "proc",
    "content_admin": "cont", "content_below": "belo", "superuser": "supe",
}  # fmt: skip


def keys() -> list[Key]:
    return [
        *((item, phase) for item in ITEMS for phase in PHASES),
        *((note, NO_PHASE) for note in NOTES),
        *((heard, phase) for heard in HEARD for phase in HEARD_PHASES),
    ]


def read() -> Table:
    table = {}
    for text in FILE.read_text().splitlines() if FILE.exists() else ():
        if text and not text.startswith("#"):
            item, phase, *cells = text.split()
            assert len(cells) == len(VIEWERS), text
            table[item, phase] = "".join(cells)
    return table


def write(found: Table) -> None:
    """Replaces the lines that were looked at; the others stay."""
    table = {**read(), **found}
    heads = "".join(f"{HEADS.get(v, v)[:4]:>5}" for v in VIEWERS)
    lines = [f"{'# item':22}{'phase':22}{heads}"]
    for item in (*ITEMS, *NOTES, *HEARD):
        lines.append("#")
        for key in keys():
            if key[0] == item and key in table:
                cells = "".join(f"{cell:>5}" for cell in table[key])
                lines.append(f"{key[0]:22}{key[1]:22}{cells}")
    FILE.write_text("\n".join(lines) + "\n")
