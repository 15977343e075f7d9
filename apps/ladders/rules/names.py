"""Read the name of a level: icon, code, title, band. The words that ladders use for seniority.

Decided here: whether a heading names a level at all. Nothing here knows any particular company.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256

_CODE = r"(?:IC|TL|EM|[A-Z])-?\d{1,2}(?:\.\d)?[a-z+]?"
_GRADE = r"(?:Band|Grade|Level|Tier|Rank|Step)\s+(?P<band>\d{1,2}|[IVX]{1,4})"
_SEPARATOR = r"\s*(?::|–|—|\||\.\s|\s-\s)\s*"
_CODE_FIRST = re.compile(rf"^\[?(?P<code>{_CODE})\]?(?:{_SEPARATOR}|\s+)(?P<title>\S.*)$")
_CODE_LAST = re.compile(
    rf"^(?P<title>.+?)\s*(?:\((?P<a>{_CODE})\)|\[(?P<b>{_CODE})\]|(?:,|–|—|\||\s-)\s*(?P<c>{_CODE}))$"
)
_GRADE_FIRST = re.compile(rf"^{_GRADE}(?:{_SEPARATOR})(?P<title>\S.*)$", re.IGNORECASE)
_GRADE_LAST = re.compile(
    rf"^(?P<title>.+?)\s*(?:\({_GRADE}\)|(?:,|–|—|\||\s-)\s*{_GRADE.replace('band', 'b2')})$", re.I
)
_ALONE = re.compile(rf"^(?:(?P<code>{_CODE})|{_GRADE})$")
_KEY_LENGTH = 80
_NUMBER_LAST = re.compile(r"(?:\s\d{1,2}|\b(?:I{1,3}|IV|VI{0,3}|IX|X))$")
_ROMAN = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
}
SENIORITY = frozenset(
    (
        "intern",
        "trainee",
        "apprentice",
        "graduate",
        "entry",
        "junior",
        "jr",
        "associate",
        "mid",
        "midlevel",
        "intermediate",
        "senior",
        "sr",
        "lead",
        "staff",
        "principal",
        "distinguished",
        "fellow",
        "manager",
        "director",
        "head",
        "vp",
        "chief",
        "president",
        "executive",
        "supervisor",
        "coordinator",
        "beginner",
        "novice",
        "competent",
        "proficient",
        "advanced",
        "expert",
        "master",
        "foundation",
        "emerging",
    )
)
ROLES = frozenset(
    (
        "engineer",
        "developer",
        "designer",
        "analyst",
        "scientist",
        "architect",
        "programmer",
        "administrator",
        "writer",
        "researcher",
        "consultant",
        "specialist",
        "technician",
        "tester",
        "recruiter",
        "marketer",
        "accountant",
        "strategist",
        "editor",
        "planner",
        "advisor",
        "officer",
        "representative",
        "operator",
    )
)
_EXAMPLES = re.compile(
    r"^(?:some |for )?(?:examples?|e\.?g\.?|in practice|what this looks like)\b", re.I
)
_RANGE = re.compile(r"(?<![\w.])(\d{1,6})\s?(?:-|–|—|to)\s?(\d{1,6})(?![\w.])")


@dataclass(frozen=True, slots=True)
class HeadName:
    """The parts of a heading that may name a level."""

    icon: str
    title: str
    code: str = ""
    band: int | None = None


def split_icon(text: str) -> tuple[str, str]:
    """(icon, name): symbols and emoji before the first word are an icon, not a name."""
    at = 0
    while at < len(text) and (
        text[at].isspace()
        or text[at] in "\u200d\ufe0f\ufe0e"
        or unicodedata.category(text[at]) in ("So", "Sk", "Cn", "Co")
    ):
        at += 1
    return text[:at].strip(), text[at:].strip()


def plain(text: str) -> str:
    """The text without the emphasis that wraps all of it."""
    text = text.strip()
    while len(text) > 2:
        for mark in ("**", "__", "*", "_"):
            inner = text[len(mark) : -len(mark)]
            wrapped = text.startswith(mark) and text.endswith(mark) and len(inner) > 0
            if wrapped and mark[0] != inner[0] and mark not in inner:
                text = inner.strip()
                break
        else:
            return text
    return text


def head_name(heading: str) -> HeadName:
    """Code, title and band of a heading: "L3: Title", "Title (Band 2)", "Grade 5 - Title"."""
    icon, text = split_icon(plain(heading))
    if found := _ALONE.match(text):
        return HeadName(icon, text, found["code"] or "", _number(found["band"]))
    if found := _GRADE_FIRST.match(text):
        return HeadName(icon, found["title"], "", _number(found["band"]))
    if found := _GRADE_LAST.match(text):
        return HeadName(icon, found["title"], "", _number(found["band"] or found["b2"]))
    if found := _CODE_FIRST.match(text):
        return HeadName(icon, found["title"], found["code"])
    if found := _CODE_LAST.match(text):
        return HeadName(icon, found["title"], found["a"] or found["b"] or found["c"])
    return HeadName(icon, text)


def names_level(heading: str) -> bool:
    """Does the heading carry a code, a band, a last number or a word of seniority?"""
    name = head_name(heading)
    words = set(re.findall(r"[a-z]+", name.title.lower().replace("mid-level", "midlevel")))
    return bool(
        name.code or name.band is not None or _NUMBER_LAST.search(name.title) or words & SENIORITY
    )


def names_role(heading: str) -> bool:
    """Does the heading name an occupation?"""
    return bool(set(re.findall(r"[a-z]+", heading.lower())) & ROLES)


def names_examples(heading: str) -> bool:
    """Is this the heading of examples rather than of a competency?"""
    return bool(_EXAMPLES.match(plain(heading).rstrip(":")))


def number_range(text: str) -> tuple[int | None, int | None]:
    """(low, high) of the first range in the text: "Peers (2-5)" gives (2, 5)."""
    found = _RANGE.search(text)
    return (int(found[1]), int(found[2])) if found else (None, None)


def matching_form(text: str) -> str:
    """The text as it is compared: compatibility forms, case, spaces and zero-width folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = "".join(
        c for c in folded if unicodedata.category(c) not in ("Cf", "Cc") or c in "\t\n"
    )
    return " ".join(folded.split())


def slug(text: str) -> str:
    """The address that a heading gets on the usual code hosts."""
    kept = re.sub(r"[^\w\- ]", "", text.strip().lower())
    return kept.replace(" ", "-")


def key_of(text: str) -> str:
    """A stable key for a title: Latin letters and digits, at most 80 characters.

    A title in another script, or a very long one, gets the beginning of its fingerprint.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", matching_form(text)) if c.isascii())
    key = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    if any(c.isalpha() for c in key) and len(key) <= _KEY_LENGTH:
        return key
    mark = sha256(matching_form(text).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{key[: _KEY_LENGTH - 9]}-{mark}".strip("-") if key else f"k{mark}"


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if text.isdigit() else _ROMAN.get(text.upper())
