"""Find under what terms a ladder may be used, and by what name those terms go."""

from __future__ import annotations

import re

from apps.ladders.rules.claims import Claims
from apps.ladders.rules.content import Licence
from apps.ladders.rules.level_page import root_prose
from apps.ladders.rules.links import LINK
from apps.ladders.rules.names import plain
from apps.ladders.rules.outline import Section

_LICENCE = re.compile(r"^licen[cs]e\b|^licensing\b|^copyright\b", re.IGNORECASE)
_CC = re.compile(r"creativecommons\.org/(?:licenses|publicdomain)/(?P<kind>[\w-]+)/(?P<v>[\d.]+)")


def licence_of(root: Section, claims: Claims) -> Licence | None:
    """The licence section, claimed: its sentence, the name it goes by, its address."""
    for section in root.walk():
        if _LICENCE.match(plain(section.title)):
            claims.section(section)
            prose = root_prose(section)
            for block in prose:
                claims.block(block)
            text = " ".join(b.text for b in prose if not re.fullmatch(r"!\[.*?\]\(.*?\)", b.text))
            link = LINK.search(text)
            url = link["target"] if link else ""
            cc = _CC.search(text)
            name = (link["text"] if link else "") or text[:80]
            if cc:
                name = "CC0 1.0" if cc["kind"] == "zero" else f"CC {cc['kind'].upper()} {cc['v']}"
            return Licence(name=name, text=text, line=section.line, url=url)
    return None
