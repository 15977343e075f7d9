"""The small pieces of every page, drawn from a value that the page already holds.

Decided here: how a rating, a name, a word or a share looks. Not decided: what it means or who may
see it. Templates reach these through `{% load rungs %}`; the catalogue is templates/ui/README.md.
"""

from __future__ import annotations

import functools

import heroicons
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from qrcode.main import QRCode

from apps.core.charts import ramp_class

TONES = frozenset({"", "accent", "info", "warn", "bad", "good", "outline"})
NOT_ENOUGH, NOT_APPLICABLE = "not_enough_evidence", "not_applicable"


@functools.lru_cache(maxsize=256)
def drawn_icon(name: str, css_class: str = "") -> SafeString:
    """A heroicon of the "mini" set as decorative SVG; sized by the class, never by an attribute."""
    drawn = heroicons._render_icon(
        "mini", name, None, {"class": f"icon {css_class}".strip(), "aria-hidden": "true"}
    )
    return mark_safe(drawn)  # noqa: S308  the library's own drawing, the name comes from a template


def icon(name: str, **attributes: str) -> SafeString:
    """`{% icon "clock" class="small" %}`"""
    return drawn_icon(str(name), str(attributes.get("class", "")))


def avatar(person: object, size: str = "") -> SafeString:
    """Two letters, never an image. Decorative: the name stands beside it."""
    return format_html(
        '<span class="avatar {}" aria-hidden="true">{}</span>', size, initials(person)
    )


def initials(person: object) -> str:
    """First letters of the first and the last word of a name."""
    name = getattr(person, "name", None) or getattr(person, "full_name", None) or str(person or "")
    words = [word for word in str(name).replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "–"
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()


def badge(text: object, tone: str = "", icon: str = "") -> SafeString:
    """A chip with a word in one of the tones."""
    drawing = drawn_icon(icon, "small") if icon else ""
    return format_html(
        '<span class="chip {}">{}{}</span>', tone if tone in TONES else "", drawing, text
    )


def dot(value: int | None, points: int = 5) -> SafeString:
    """The bare dot of the ramp; a number must stand beside it."""
    return format_html(
        '<i class="dot {}" aria-hidden="true"></i>', ramp_class(value, points) if value else "none"
    )


def rating(
    value: object, label: str = "", points: int = 5, was: object = None, style: str = ""
) -> SafeString:
    """Dot, number and meaning: `{% rating 4 "Beyond in places" %}`; `was` shows the old value struck through.

    `value` is a point of the scale, None, or one of the two answers that are no number.
    """
    if value in (None, ""):
        words, value = label or _("Not rated"), None
    elif value == NOT_ENOUGH:
        words, value = label or _("Not enough evidence"), None
    elif value == NOT_APPLICABLE:
        words, value = label or _("Not applicable"), None
    else:
        value = int(str(value))
        words = label
    old = (
        format_html(
            '<s class="was"><span class="visually-hidden">{} </span>{}</s>', _("before"), was
        )
        if was not in (None, "", value)
        else ""
    )
    extra = "chip-like" if style == "chip" else ""
    if value is None:
        return format_html(
            '<span class="rating none {}">{}{}<span class="label">{}</span></span>',
            extra,
            dot(None),
            old,
            words,
        )
    drawn = dot(value, points)
    if not words:
        return format_html('<span class="rating {}">{}{}<b>{}</b></span>', extra, drawn, old, value)
    return format_html(
        '<span class="rating {}">{}{}<b>{}</b><span class="label">{}</span></span>',
        extra,
        drawn,
        old,
        value,
        words,
    )


def meter(value: float, maximum: float, label: str, tone: str = "") -> SafeString:
    """A thin progress bar with an accessible name: `{% meter 9 14 "Competencies rated" %}`."""
    return format_html(
        '<progress class="meter {}" value="{}" max="{}" aria-label="{}">{}/{}</progress>',
        tone,
        value,
        maximum or 1,
        label,
        value,
        maximum,
    )


def delta(now: int | None, before: int | None) -> SafeString | str:
    """The step between two ratings in words; empty when there is nothing to compare."""
    if now is None or before is None:
        return ""
    if now == before:
        return format_html('<span class="quiet small">{}</span>', _("as before"))
    steps = abs(now - before)
    words = ngettext("one step", "%(steps)d steps", steps) % {"steps": steps}
    text = _("%(steps)s above before") if now > before else _("%(steps)s below before")
    return badge(text % {"steps": words}, "warn" if steps > 1 else "")


def qr_code(text: str) -> SafeString:
    """A QR code as SVG in the page, because the content policy lets no data address in."""
    code = QRCode(border=3)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    squares = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return format_html(
        '<svg class="qr" viewBox="0 0 {} {}" role="img" shape-rendering="crispEdges">'
        '<title>{}</title><path class="qr-paper" d="M0 0h{}v{}H0z"/>'
        '<path class="qr-ink" d="{}"/></svg>',
        len(rows), len(rows), _("Picture to scan with the authenticator app"), len(rows), len(rows), squares,
    )  # fmt: skip
