"""Read role profiles and targets (shape P): a plan of hires, not a ladder; it makes no level.

A profile is a section with labelled lists of responsibilities and success metrics; a KPI group is
a section whose labelled bullets are mostly measurable. Everything else stays a note. Two targets
that contradict each other are reported, not resolved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from apps.ladders.rules.claims import Claims
from apps.ladders.rules.content import KpiGroup, Ladder, Metric, Note, RoleProfile, Target
from apps.ladders.rules.identity import Ids
from apps.ladders.rules.level_page import root_prose, statement
from apps.ladders.rules.metrics import contradictions, numeric, targets_of
from apps.ladders.rules.names import key_of, plain, split_icon
from apps.ladders.rules.outline import LABEL, Block, Section

_DUTIES = re.compile(
    r"\b(responsibilit|duties|duty|accountab|what you(?:'|’)?(?:ll| will) do|tasks)", re.I
)
_SUCCESS = re.compile(r"\b(success|metrics?|kpis?|targets?|outcomes?|goals?|measures?)\b", re.I)
_PERSON = re.compile(r"\b(profile|background|experience|requirements?|candidate)\b", re.I)
_HEAD = re.compile(
    r"^(?:(?:[A-Za-z]+\s+)?#?\s*(?P<order>\d{1,3})\s*[:.)–—-]\s*)?(?P<title>.+?)"
    r"(?:\s*[(\[](?P<window>[^()\[\]]*\bmonths?\b[^()\[\]]*)[)\]])?$",
    re.IGNORECASE,
)
_YEARS = re.compile(
    r"(\d{1,2})(?:\s?(?:-|–|—|to)\s?(\d{1,2})|\s?\+)?\s*\+?\s*(?:years?|yrs?)\b", re.IGNORECASE
)
_NAMED = re.compile(r"^(?:\*\*|__)(?P<name>[^*]+?):?(?:\*\*|__):?\s*(?:[-–—]\s+)?(?P<text>\S.*)$")
_STATED = re.compile(r"^(?P<name>[^:*_]{2,60}):\s*(?P<text>\S.*)$")


@dataclass
class _Labelled:
    label: str
    line: int
    rest: str
    items: list[Block] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)


def labelled_lists(section: Section) -> list[_Labelled]:
    """Labels of a section ("**Duties**:"), each with its text or with the bullets below it."""
    found: list[_Labelled] = []
    for block in section.blocks:
        if block.kind == "paragraph":
            for line, text in block.lines:
                if label := LABEL.match(text):
                    name = (label["a"] or label["b"]).strip()
                    found.append(_Labelled(name, line, label["rest"], lines={line}))
                elif found and found[-1].rest and block.line <= found[-1].line < line:
                    found[-1].rest += f" {text}"
                    found[-1].lines.add(line)
        elif block.kind == "item" and found:
            found[-1].items.append(block)
    for child in section.children:
        # The same labels may be written as headings.
        if not child.children:
            rest = " ".join(block.text for block in root_prose(child))
            name = plain(child.title).rstrip(":")
            held = set(range(child.line, child.end + 1))
            held |= {n for b in root_prose(child) for n in range(b.line, b.end + 1)}
            found += [_Labelled(name, child.line, rest, child.items, held)]
    return found


def is_profile(section: Section) -> bool:
    """A section with a list of duties and a list of success metrics describes a role to fill."""
    rows = [row for row in labelled_lists(section) if row.items]
    duties = [row for row in rows if _DUTIES.search(row.label)]
    return bool(duties) and any(_SUCCESS.search(r.label) for r in rows if r not in duties)


def is_kpi_group(section: Section) -> bool:
    """A section whose bullets are all labelled and mostly measurable."""
    rows = [_NAMED.match(block.text) for block in section.items]
    named = [row for row in rows if row]
    if not named or len(named) < len(rows):
        return False
    return sum(numeric(targets_of(row["text"])) for row in named) * 4 >= len(named) * 3


def read_role_profiles(
    root: Section, claims: Claims, *, title: str = ""
) -> tuple[Ladder, tuple[tuple[int, Target], ...]]:
    """The profiles and KPI groups of a document, and every target with its line."""
    ids = Ids()
    profiles: list[RoleProfile] = []
    groups: list[KpiGroup] = []
    inside: set[int] = set()
    for section in root.walk():
        if id(section) in inside:
            continue
        if is_profile(section):
            inside |= {id(child) for child in section.walk()}
            profiles.append(_profile(section, claims, ids, len(profiles) + 1))
        elif is_kpi_group(section):
            groups.append(_group(section, claims, ids))
    head = root.children[0]
    claims.section(head)
    for section in root.walk():
        if section.children and any(_holds(child, claims) for child in section.walk()):
            claims.section(section)
    ladder = Ladder(
        title=title or plain(head.title),
        line=head.line,
        profiles=tuple(profiles),
        kpi_groups=tuple(groups),
    )
    targets = [(m.line, t) for p in profiles for m in p.success_metrics for t in m.targets]
    targets += [(m.line, t) for group in groups for m in group.metrics for t in m.targets]
    return ladder, tuple(targets)


def _holds(section: Section, claims: Claims) -> bool:
    return section.line in claims.lines


def _profile(section: Section, claims: Claims, ids: Ids, number: int) -> RoleProfile:
    claims.section(section)
    _, text = split_icon(plain(section.title))
    head = _HEAD.match(text)
    title = head["title"].strip() if head else text
    key = key_of(title)
    person, duties, success = "", [], []
    for row in labelled_lists(section):
        if _DUTIES.search(row.label) and row.items:
            duties += [statement(block, ids, (key, "responsibility")) for block in row.items]
        elif _SUCCESS.search(row.label) and row.items:
            success += [
                _metric(block.line, block.text, ids, (key, "metric")) for block in row.items
            ]
        elif _PERSON.search(row.label) and not person:
            person = row.rest or "; ".join(block.text for block in row.items)
        else:
            continue
        claims.lines.update(row.lines)
        for block in row.items:
            claims.block(block)
    years = _YEARS.search(person)
    return RoleProfile(
        key=key,
        title=title,
        line=section.line,
        order=int(head["order"]) if head and head["order"] else number,
        window_months=_numbers(head["window"] or "") if head else (),
        years=tuple(int(n) for n in years.groups() if n) if years else (),
        profile=person,
        responsibilities=tuple(duties),
        success_metrics=tuple(success),
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d{1,3}", text))[:2]


def _metric(line: int, text: str, ids: Ids, place: tuple[str, ...], name: str = "") -> Metric:
    return Metric(ids.next(place, f"{name}: {text}"), line, text, name, targets_of(text))


def _group(section: Section, claims: Claims, ids: Ids) -> KpiGroup:
    claims.section(section)
    name = split_icon(plain(section.title))[1]
    metrics: list[Metric] = []
    for block in section.items:
        claims.block(block)
        if found := _NAMED.match(block.text):
            metrics.append(_metric(block.line, found["text"], ids, ("kpi", name), found["name"]))
    return KpiGroup(name, section.line, tuple(metrics))


def target_warnings(
    targets: tuple[tuple[int, Target], ...], notes: tuple[Note, ...]
) -> tuple[str, ...]:
    """Contradictions between all targets of the document, those in notes ("Name: >95%") included."""
    rows = list(targets)
    for note in notes:
        stated = _STATED.match(note.text) if note.kind == "item" else None
        found = targets_of(stated["text"]) if stated else ()
        if stated and len(found) == 1 and found[0].value is not None:
            rows.append((note.line, replace(found[0], subject=stated["name"].strip())))
    return contradictions(rows)
