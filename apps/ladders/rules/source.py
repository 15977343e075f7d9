"""Turn the bytes of an upload into text, or refuse them with a sentence that helps.

Decided here: size, encoding, and which kinds of file are no ladder text at all. Not decided here:
what the text means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from apps.ladders.rules.content import Refused, Repair
from apps.ladders.rules.repair import repaired

MAX_BYTES = 10 * 1024 * 1024
_SIGNATURES = (
    (b"%PDF", "this is a PDF. Export the ladder as Markdown or text and upload that"),
    (b"\x89PNG", "this is an image. Upload the ladder as text"),
    (b"\xff\xd8\xff", "this is an image. Upload the ladder as text"),
    (b"GIF8", "this is an image. Upload the ladder as text"),
    (b"RIFF", "this is an image or a sound. Upload the ladder as text"),
    (b"PK\x03\x04", "this is a zip, office or spreadsheet file. Export the ladder as text"),
    (b"\xd0\xcf\x11\xe0", "this is an office file. Export the ladder as Markdown or text"),
    (b"\x1f\x8b", "this is a compressed file. Unpack it and upload the text inside"),
)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_XML = re.compile(r"\s*<(\?xml|!DOCTYPE\s+(?!html)|svg\b|!\[CDATA)", re.IGNORECASE)
_CODE = re.compile(
    r"^(#!\s*/|\s*(import\s+[\w.{*\"'].*;?$|from\s+[\w.]+\s+import\b|def\s+\w+\(|class\s+\w+.*[:{]$"
    r"|(const|let|var)\s+\w+\s*=|function\s+\w*\(|package\s+\w+;?$|#include\s*<|using\s+[\w.]+;"
    r"|(export|public|private)\s+(default|class|const|function|static|interface)\b"
    r"|module\.exports\b|return\b.*;$|\}[;,)]*$|\]\s*[;,]$))"
)


@dataclass(frozen=True, slots=True)
class Source:
    """One document: its bytes' fingerprint, the text as it came, the text repaired, the log."""

    name: str
    sha256: str
    original: str
    text: str
    repairs: tuple[Repair, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The repaired text line by line; line 1 is `lines[0]`."""
        return tuple(self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def source_of(data: bytes, *, name: str = "document") -> Source:
    """Decode and repair. Raises Refused for what is too large, not UTF-8, binary, XML or code."""
    text = decoded(data, name=name)
    refuse_code(text, name=name)
    fixed, log = repaired(text)
    return Source(name, sha256(data).hexdigest(), text, fixed, log)


def decoded(data: bytes, *, name: str = "document") -> str:
    """UTF-8 text of the bytes; a UTF-8 byte order mark is dropped. Raises Refused otherwise."""
    if len(data) > MAX_BYTES:
        raise Refused(
            f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read", name=name
        )
    for signature, reason in _SIGNATURES:
        if data.startswith(signature):
            raise Refused(f"{reason}.", name=name)
    if data.startswith(_WIDE) or data[:4] == b"\x00\x00\xfe\xff" or _looks_wide(data):
        raise Refused("the text is UTF-16 or UTF-32. Save it as UTF-8 and try again.", name=name)
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in data:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        raise Refused("this is binary data, not text.", name=name, line=line)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"byte 0x{data[error.start]:02x} is not UTF-8. Save the file as UTF-8 and try again.",
            name=name,
            line=line,
        ) from error


def _looks_wide(data: bytes) -> bool:
    head = data[:200]
    return len(head) >= 4 and (
        head[1::2].count(0) > len(head) / 4 or head[::2].count(0) > len(head) / 4
    )


def refuse_code(text: str, *, name: str = "document") -> None:
    """Raise Refused for XML and for program text, naming the first line that shows it."""
    if _XML.match(text):
        raise Refused("this is XML. Export the ladder as Markdown or text.", name=name, line=1)
    lines = [(n, line) for n, line in _unfenced(text) if line.strip()]
    code = [n for n, line in lines if _CODE.match(line)]
    headings = any(re.match(r"#{1,6}\s|={3,}\s*$|-{3,}\s*$", line) for _, line in lines)
    share = 2 if headings else 5  # a comment of a program looks like a heading
    if lines and (lines[0][1].startswith("#!") or len(code) * share >= max(len(lines), share)):
        raise Refused(
            "this is program code. Export what it shows as Markdown or text.",
            name=name,
            line=code[0] if code else 1,
        )


def _unfenced(text: str) -> list[tuple[int, str]]:
    """The lines outside code fences: a document may quote a program."""
    kept: list[tuple[int, str]] = []
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced:
            kept.append((number, line))
    return kept
