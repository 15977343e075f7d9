"""Undo one kind of damage: UTF-8 bytes that were once read as Mac Roman or Windows-1252.

Decided here: which character sequences are damage. Sequence by sequence, each decoded alone:
punctuation, symbols and emoji are accepted at once; letters only after such a proof, in the same
charset, in the same document. Clean text of any language comes back unchanged, and a repaired
text comes back unchanged: the pass is repeated until nothing moves, so doubly damaged text heals
as well. Not decided here: whether a person agrees with the repair; every one is logged.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from apps.ladders.rules.content import Repair

MAC_ROMAN, WINDOWS_1252 = "mac-roman", "windows-1252"
_EMOJI = range(0x1F000, 0x20000)
_JOINERS = "\u200d\ufe0f\ufe0e\ufeff"
# Leads that are letters of ordinary words, so that one of them proves nothing by itself.
_LATIN_RESULTS = range(0xA0, 0x180)
_SCRIPT_RUN = 3


@dataclass(frozen=True)
class _Charset:
    name: str
    to_byte: dict[str, int]
    pattern: re.Pattern[str]


def _charset(name: str) -> _Charset:
    codec = "mac_roman" if name == MAC_ROMAN else "cp1252"
    to_char: dict[int, list[str]] = {}
    for byte in range(0x80, 0x100):
        try:
            to_char[byte] = [bytes([byte]).decode(codec)]
        except UnicodeDecodeError:
            to_char[byte] = []
        if name == WINDOWS_1252 and byte < 0xA0:
            to_char[byte].append(chr(byte))  # undefined bytes pass through as C1 controls

    def group(low: int, high: int) -> str:
        chars = "".join(c for byte in range(low, high + 1) for c in to_char[byte])
        return f"[{re.escape(chars)}]"

    tail = group(0x80, 0xBF)
    pattern = "|".join(
        (group(0xF0, 0xF4) + tail * 3, group(0xE0, 0xEF) + tail * 2, group(0xC2, 0xDF) + tail)
    )
    reverse = {char: byte for byte, chars in to_char.items() for char in chars}
    return _Charset(name, reverse, re.compile(pattern))


_CHARSETS = (_charset(MAC_ROMAN), _charset(WINDOWS_1252))


@dataclass(frozen=True)
class _Sequence:
    start: int
    end: int
    charset: str
    before: str
    after: str


def repaired(text: str) -> tuple[str, tuple[Repair, ...]]:
    """Return the text without the damage, and the log: line (from 1), charset, before, after."""
    log: list[Repair] = []
    while True:
        accepted = _accepted(text)
        if not accepted:
            return text, tuple(sorted(log, key=lambda each: each.line))
        parts: list[str] = []
        at, line = 0, 1
        for each in accepted:
            line += text.count("\n", at, each.start)
            parts += text[at : each.start], each.after
            log.append(Repair(line, each.charset, each.before, each.after))
            at = each.end
        text = "".join(parts) + text[at:]


def _accepted(text: str) -> list[_Sequence]:
    chosen: list[_Sequence] = []
    taken: set[int] = set()
    for charset in _CHARSETS:
        found = _found(text, charset)
        proofs = [each for each in found if _proves(each)]
        if not proofs:
            continue
        for number, each in enumerate(found):
            free = taken.isdisjoint(range(each.start, each.end))
            if free and (_proves(each) or _follows(text, found, number)):
                taken.update(range(each.start, each.end))
                chosen.append(each)
    return sorted(chosen, key=lambda each: each.start)


def _found(text: str, charset: _Charset) -> list[_Sequence]:
    found: list[_Sequence] = []
    at = 0
    while match := charset.pattern.search(text, at):
        at = match.start() + 1
        try:
            after = bytes(charset.to_byte[char] for char in match[0]).decode("utf-8")
        except UnicodeDecodeError:
            continue  # overlong, surrogate or out of range: not UTF-8, so not this damage
        found.append(_Sequence(match.start(), match.end(), charset.name, match[0], after))
        at = match.end()
    return found


def _proves(sequence: _Sequence) -> bool:
    """Punctuation, symbol or emoji: what no clean text spells with these characters."""
    char = sequence.after
    category = unicodedata.category(char)
    if len(sequence.before) == 2:
        # Only what `Â` and `¬` lead to; two capitals like `ÀÉ` are a word. And a guillemet after a
        # letter is ordinary French: `«Â»` names the letter.
        return ord(char) < 0xC0 and category[0] in "PS" and category not in ("Pi", "Pf")
    if len(sequence.before) == 3 and sequence.before.isalpha():
        return False
    return ord(char) in _EMOJI or char in _JOINERS or category[0] in "PS" or category == "Zs"


def _follows(text: str, found: list[_Sequence], number: int) -> bool:
    """A letter, once the document has proved that this charset damaged it."""
    each = found[number]
    if unicodedata.category(each.after) in ("Cc", "Co", "Cn"):
        return False
    if len(each.before) > 2:
        return not each.before.isalpha() or _run_length(found, number) > 1
    lead = each.before[0]
    if ord(each.after) in _LATIN_RESULTS:
        if each.charset == MAC_ROMAN or lead in "ÂÃ":
            return True
        # `Ä` and `Å` begin real words: a small letter or more damage beside them says otherwise.
        beside = text[each.start - 1 : each.start] + text[each.end : each.end + 1]
        before = number > 0 and found[number - 1].end == each.start
        after = number + 1 < len(found) and found[number + 1].start == each.end
        return before or after or any(map(str.islower, beside))
    return _run_length(found, number) >= _SCRIPT_RUN


def _run_length(found: list[_Sequence], number: int) -> int:
    """How many sequences of the same script touch each other around this one."""

    def script(sequence: _Sequence) -> str:
        return unicodedata.name(sequence.after, "?").split()[0]

    first = last = number
    while first and found[first - 1].end == found[first].start:
        if script(found[first - 1]) != script(found[number]):
            break
        first -= 1
    while last + 1 < len(found) and found[last].end == found[last + 1].start:
        if script(found[last + 1]) != script(found[number]):
            break
        last += 1
    return last - first + 1
