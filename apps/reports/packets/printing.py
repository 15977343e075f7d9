"""Setting a packet as PDF: tagged, with its own fonts, the same bytes for the same content.

Content reaches the template as JSON and is set as text; nothing that somebody typed is ever run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import fontpkg_noto_sans
import typst
from django.conf import settings
from django.http import Http404

from apps.core.access import Viewer
from apps.reports.packets.content import file_name, packet_content
from apps.reviews.models import Participant
from apps.reviews.packets import packet_as_read

TEMPLATE = "packet.typ"
STANDARD: Final = "ua-1"  # PDF/UA-1: readable by a screen reader, checked while it is set
_one_at_a_time = Lock()


@dataclass(frozen=True)
class PacketFile:
    name: str
    content: bytes


@cache
def _compiler(*, fonts_of_the_machine: bool = False) -> typst.Compiler:
    """One for each process and kind: reading the fonts is what costs."""
    return typst.Compiler(
        root=str(_folder()),
        font_paths=[str(fontpkg_noto_sans.ROOT / "files")],
        ignore_system_fonts=not fonts_of_the_machine,
    )


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "templates" / "reports"


def pdf(content: dict[str, Any], *, at: datetime) -> bytes:
    """The document. `at` is the only instant in its metadata; it names no author and no machine.

    A script that Noto Sans lacks (Chinese, Arabic, an emoji) breaks PDF/UA, which wants every letter
    to have a shape. Then the fonts of this machine help out, and the file is tagged but not UA.
    """
    given = {"packet": json.dumps(content)}
    instant = int(at.astimezone(UTC).timestamp())
    # The compiler keeps state between two calls, so threads take turns.
    with _one_at_a_time:
        try:
            made = _compiler().compile(
                input=str(_folder() / TEMPLATE),
                format="pdf",
                sys_inputs=given,
                pdf_standards=[STANDARD],
                timestamp=instant,
            )
        except typst.TypstError:
            made = _compiler(fonts_of_the_machine=True).compile(
                input=str(_folder() / TEMPLATE),
                format="pdf",
                sys_inputs=given,
                timestamp=instant,
            )
    if not isinstance(made, bytes):  # one document, not one file for each page
        raise TypeError("a packet is one file")
    return made


def packet_file(viewer: Viewer, participant: Participant, *, now: datetime) -> PacketFile:
    """One packet as the person reads it. At most 8 queries. Errors: Http404."""
    packet = packet_as_read(viewer, participant, now=now)
    released_at = packet.participant.released_at
    if released_at is None:
        raise Http404("only released packets reach paper")
    return PacketFile(file_name(packet), pdf(packet_content(packet), at=released_at))


def packet_files(
    viewer: Viewer, participants: Iterable[Participant], *, now: datetime
) -> Iterator[PacketFile]:
    """One after the other, each under a name of its own."""
    taken: dict[str, int] = {}
    for participant in participants:
        made = packet_file(viewer, participant, now=now)
        times = taken[made.name] = taken.get(made.name, 0) + 1
        name = made.name if times == 1 else made.name.replace(".pdf", f"-{times}.pdf")
        yield PacketFile(name, made.content)
