"""The file: an overview to read, data for machines, packets on paper.

PRIVACY: no entry has a time of its own, nothing in it names a machine, and the one instant that is in
it is that of making.
"""

from __future__ import annotations

import base64
import json
import zipfile
from datetime import UTC
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone

from apps.reports.bundles.contents import Bundle, ReadRoom
from apps.reports.bundles.table import LEFT_OUT

FIXED: Final = (2000, 1, 1, 0, 0, 0)
OVERVIEW: Final = "overview.html"


def write_bundle(target: Any, bundle: Bundle) -> None:
    """Fills a binary file. The same content makes the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in entries(bundle):
            entry = zipfile.ZipInfo(name, date_time=FIXED)
            entry.external_attr = 0o644 << 16
            book.writestr(entry, content, zipfile.ZIP_DEFLATED)


def entries(bundle: Bundle) -> list[tuple[str, bytes]]:
    """(name, content) of everything in the file, the overview first."""
    return [
        (OVERVIEW, overview(bundle).encode()),
        ("data/about.json", _json(_about(bundle))),
        *((f"data/{read.room.name}.json", _json(_room(read))) for read in bundle.rooms),
        *((f"packets/{p.paper.name}", p.paper.content) for r in bundle.rooms for p in r.packets),
    ]


def overview(bundle: Bundle) -> str:
    """The page to read, whole in itself: it asks nothing of any server and runs nothing."""
    with timezone.override(ZoneInfo(bundle.person.time_zone)):
        return render_to_string("reports/bundle.html", {"bundle": bundle, "policy": _policy()})


def _policy() -> str:
    """Lets the page's own style sheet through, and nothing else."""
    sheet = render_to_string("reports/bundle.css")
    digest = base64.b64encode(sha256(sheet.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'"


def _about(bundle: Bundle) -> dict[str, Any]:
    return {
        "person": bundle.person.name,
        "made_at": bundle.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "files": {f"data/{r.room.name}.json": str(r.room.lead) for r in bundle.rooms},
        "left_out": [{"what": str(left.title), "why": str(left.why)} for left in LEFT_OUT],
    }


def _room(read: ReadRoom) -> dict[str, Any]:
    found: dict[str, Any] = {
        part.share.name: {
            "title": str(part.share.title),
            "what": str(part.share.what),
            "who_reads_it": str(part.share.readers),
            "rows": part.rows,
        }
        for part in read.parts
    }
    if read.room.name == "reviews":
        found["packets"] = [handed.data for handed in read.packets]
    if read.room.name == "feedback":
        found["received"] = read.received
    return found


def _json(content: Any) -> bytes:
    text = json.dumps(content, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
    return f"{text}\n".encode()
