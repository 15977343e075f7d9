"""A PDF as its reader sees it. The file holds numbers of glyphs, so a search of its bytes, packed or
unpacked, finds no word of the paper."""

from __future__ import annotations

import io

from pypdf import PdfReader


def text_of(pdf: bytes) -> str:
    """The text of all pages, in lines; a long word may be cut at the end of a line."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
