"""Text that people wrote, made safe to show: Markdown without HTML, identifiers without tricks."""

from __future__ import annotations

import re
import unicodedata

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

# PRIVACY: no images. A picture from elsewhere tells its server who read a text, and when.
TAGS = {
    "p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li",
    "h3", "h4", "h5", "h6", "a", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}
ABSOLUTE = re.compile(r"(https?|mailto):", re.IGNORECASE)
# Zero width, soft hyphen, bidi marks and overrides, byte order mark, tags: seen by no reader.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20})
    .enable(["table", "strikethrough"])
    .disable(["image"])
)


def _without_relative(tag: str, attribute: str, value: str) -> str | None:
    """A path beside a file elsewhere leads nowhere here; the words of the link stay."""
    return None if attribute == "href" and not ABSOLUTE.match(value) else value


def render_markdown(source: str) -> SafeString:
    """Markdown as safe HTML.

    Arguments: `source` as someone typed it, any length. Result: HTML of the allowed tags only;
    headings begin at h3, since h1 and h2 belong to the page; links carry rel and go to http, https
    or mailto; raw HTML appears as the characters that were typed.
    """
    html = _markdown.render(source)
    html = re.sub(r"<(/?)h([1-6])>", lambda m: f"<{m[1]}h{min(int(m[2]) + 2, 6)}>", html)
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"ol": {"start"}, "a": {"href", "title"}},
        attribute_filter=_without_relative,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer ugc",
    )
    return SafeString(clean)  # nh3 let only the allow-list through


def clean_identifier(value: str) -> str:
    """A name, code or address as it is compared: NFKC, nothing invisible, single spaces, no ends."""
    visible = INVISIBLE.sub("", unicodedata.normalize("NFKC", value))
    printable = "".join(" " if unicodedata.category(c) == "Cc" else c for c in visible)
    return " ".join(printable.split())


def isolate(value: str) -> SafeString:
    """A name inside a sentence: its direction stays its own, and the rest keeps its order."""
    return format_html("<bdi>{}</bdi>", value)


def isolate_plain(value: str) -> str:
    """The same for plain text (mail, CSV header): first-strong isolate around it, closed again."""
    return f"\u2068{value.translate(BIDI_CONTROLS)}\u2069"


BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
