"""The components that take arguments: chips, dots, times, blocks.

Decided here: how a value that a page already holds is drawn. Not decided: what a value means or who may see it. The catalogue with one
example line per component is templates/ui/README.md.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import heroicons
from django import template
from django.core.paginator import Page
from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.core.charts import ramp_class

register = template.Library()

TONES = frozenset({"", "accent", "info", "warn", "bad", "good", "outline"})
NOT_ENOUGH, NOT_APPLICABLE = "not_enough_evidence", "not_applicable"
_NOTICES = {
    "info": ("info", "information-circle"),
    "debug": ("info", "information-circle"),
    "success": ("good", "check-circle"),
    "good": ("good", "check-circle"),
    "warning": ("warn", "exclamation-triangle"),
    "warn": ("warn", "exclamation-triangle"),
    "error": ("bad", "exclamation-circle"),
    "bad": ("bad", "exclamation-circle"),
}
THEMES = {"light": mark_safe(' data-theme="light"'), "dark": mark_safe(' data-theme="dark"')}


# ---- small pieces ----


@functools.lru_cache(maxsize=256)
def drawn_icon(name: str, css_class: str = "") -> SafeString:
    """A heroicon of the "mini" set as decorative SVG; sized by the class, never by an attribute."""
    drawn = heroicons._render_icon("mini", name, None, {"class": f"icon {css_class}".strip(), "aria-hidden": "true"})
    return mark_safe(drawn)  # noqa: S308  the library's own drawing, the name comes from a template


@register.simple_tag(name="icon")
def icon(name: str, **attributes: str) -> SafeString:
    """`{% icon "clock" class="small" %}`"""
    return drawn_icon(str(name), str(attributes.get("class", "")))


@register.simple_tag
def avatar(person: object, size: str = "") -> SafeString:
    """Two letters, never an image. Decorative: the name stands beside it."""
    return format_html('<span class="avatar {}" aria-hidden="true">{}</span>', size, initials(person))


def initials(person: object) -> str:
    """First letters of the first and the last word of a name."""
    name = getattr(person, "name", None) or getattr(person, "full_name", None) or str(person or "")
    words = [word for word in str(name).replace("-", " ").split() if word[0].isalnum()]
    if not words:
        return "–"
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()


@register.simple_tag
def badge(text: object, tone: str = "", icon: str = "") -> SafeString:
    """A chip with a word in one of the tones."""
    drawing = drawn_icon(icon, "small") if icon else ""
    return format_html('<span class="chip {}">{}{}</span>', tone if tone in TONES else "", drawing, text)


@register.simple_tag
def dot(value: int | None, points: int = 5) -> SafeString:
    """The bare dot of the ramp; a number must stand beside it."""
    return format_html('<i class="dot {}" aria-hidden="true"></i>', ramp_class(value, points) if value else "none")


@register.simple_tag
def rating(value: object, label: str = "", points: int = 5, was: object = None, style: str = "") -> SafeString:
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
    old = format_html('<s class="was"><span class="visually-hidden">{} </span>{}</s>', _("before"), was) if was not in (None, "", value) else ""
    extra = "chip-like" if style == "chip" else ""
    if value is None:
        return format_html('<span class="rating none {}"><i class="dot none" aria-hidden="true"></i>{}<span class="label">{}</span></span>', extra, old, words)
    drawn = dot(value, points)
    if not words:
        return format_html('<span class="rating {}">{}{}<b>{}</b></span>', extra, drawn, old, value)
    return format_html('<span class="rating {}">{}{}<b>{}</b><span class="label">{}</span></span>', extra, drawn, old, value, words)


@register.simple_tag
def meter(value: float, maximum: float, label: str, tone: str = "") -> SafeString:
    """A thin progress bar with an accessible name: `{% meter 9 14 "Competencies rated" %}`."""
    return format_html('<progress class="meter {}" value="{}" max="{}" aria-label="{}">{}/{}</progress>', tone, value, maximum or 1, label, value, maximum)


@register.simple_tag
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


# ---- time ----


def _moment(context: Context) -> datetime:
    given = context.get("now")
    return timezone.localtime(given if isinstance(given, datetime) else timezone.now())


def human_time(value: date | datetime, now: datetime, *, clock: bool = False) -> str:
    """`14:07`, `yesterday 14:07`, `Wed 25 Nov`, `3 Mar 2025`; `clock` keeps the hour for other days too."""
    local = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    day = local.date() if isinstance(local, datetime) else local
    hour = date_format(local, "H:i") if isinstance(local, datetime) else ""
    gap = (day - now.date()).days
    if gap == 0:
        return hour or _("today")
    if gap in (1, -1):
        word = _("tomorrow") if gap == 1 else _("yesterday")
        return f"{word} {hour}".strip()
    text = date_format(day, "D j M") if abs(gap) < 300 else date_format(day, "j M Y")
    return f"{text}, {hour}" if clock and hour else text


def _time_element(value: date | datetime, text: str) -> SafeString:
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        exact = date_format(local, "l j F Y, H:i") + (f" {local.tzname()}" if local.tzname() else "")
        return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact, text)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), date_format(value, "l j F Y"), text)


@register.simple_tag(takes_context=True)
def when(context: Context, value: date | datetime | None, style: str = "") -> SafeString | str:
    """A human time that carries the exact one. style: "" (nearest), "clock" (day and hour), "date" (day and year)."""
    if not value:
        return "–"
    if style == "date":
        day = timezone.localtime(value).date() if isinstance(value, datetime) and timezone.is_aware(value) else value
        return _time_element(value, date_format(day, "j M Y"))
    return _time_element(value, human_time(value, _moment(context), clock=style == "clock"))


@register.simple_tag(takes_context=True)
def due(context: Context, value: date | datetime | None, done: bool = False) -> SafeString | str:
    """When something is due and how far away that is; late in red, today in amber, nothing loud once done."""
    if not value:
        return ""
    now = _moment(context)
    day = timezone.localtime(value).date() if isinstance(value, datetime) and timezone.is_aware(value) else value
    day = day.date() if isinstance(day, datetime) else day
    shown = _time_element(value, date_format(day, "D j M") if abs(day - now.date()) < timedelta(days=300) else date_format(day, "j M Y"))
    days = (day - now.date()).days
    late = value < now if isinstance(value, datetime) and timezone.is_aware(value) else days < 0
    if done:
        return shown
    if late and days < 0:
        words = ngettext("%(days)d day late", "%(days)d days late", -days) % {"days": -days}
        return format_html('<span class="due">{} <span class="chip bad">{}</span></span>', shown, words)
    if late or days == 0:
        return format_html('<span class="due">{} <span class="chip warn">{}</span></span>', shown, _("late") if late else _("today"))
    if days == 1:
        return format_html('<span class="due">{} <span class="chip warn">{}</span></span>', shown, _("tomorrow"))
    return format_html('<span class="due">{}</span>', shown)


@register.filter
def minutes(value: int | None) -> str:
    """`25 min`, `1 h 10 min`, `about 3 hours`."""
    if not value:
        return ""
    if value < 60:
        return _("%(minutes)d min") % {"minutes": value}
    hours, rest = divmod(int(value), 60)
    if value >= 150:
        return _("about %(hours)d hours") % {"hours": round(value / 60)}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest} if rest else _("%(hours)d h") % {"hours": hours}


# ---- text ----


@register.filter(name="markdown")
def markdown(text: str | None) -> SafeString:
    """Text a person wrote, as safe HTML inside a reading column."""
    from apps.core.text import render_markdown  # the renderer is heavy; pages without text do not pay for it

    return format_html('<div class="prose">{}</div>', render_markdown(text or ""))


# ---- blocks ----


@register.simple_block_tag
def page_head(content: str, title: str, eyebrow: str = "", lead: str = "", person: object = None) -> SafeString:
    """The first lines of a page: where, what, one sentence; the block holds the actions."""
    above = format_html('<p class="eyebrow">{}</p>', eyebrow) if eyebrow else ""
    below = format_html('<p class="lead">{}</p>', lead) if lead else ""
    actions = format_html('<div class="actions">{}</div>', content) if content.strip() else ""
    titles = format_html('<div class="titles">{}<h1>{}</h1>{}</div>', above, title, below)
    if person:
        titles = format_html('<div class="row top titles-with-face">{}{}</div>', avatar(person, "big"), titles)
    return format_html('<header class="page-head">{}{}</header>', titles, actions)


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "") -> SafeString:
    """One sentence that matters. tone: info, warn, bad, good, or a level of django.contrib.messages."""
    css_class, symbol = _NOTICES.get(str(tone).split()[-1] if tone else "info", _NOTICES["info"])
    head = format_html('<p class="notice-title">{}</p>', title) if title else ""
    return format_html('<div class="notice {}">{}<div>{}<div>{}</div></div></div>', css_class, drawn_icon(symbol), head, content)


@register.simple_block_tag
def whose_eyes(content: str, when: str = "", name: str = "", title: str = "") -> SafeString:
    """Who will read this, when, and with which name. The same block on every form, before the first field."""
    facts = [words for words in (when, name) if words]
    below = format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((fact,) for fact in facts))) if facts else ""
    return format_html('<div class="whose-eyes">{}<p class="title">{}</p><div>{}</div>{}</div>', drawn_icon("eye"), title or _("Who reads this"), content, below)


@register.simple_block_tag
def empty_state(content: str, title: str, icon: str = "inbox") -> SafeString:
    """A list with nothing in it, and what comes next. (Not `empty`: inside a for loop Django keeps that word for itself.)"""
    return format_html('<div class="empty">{}<p class="title">{}</p><div class="stack tight">{}</div></div>', drawn_icon(icon), title, content)


@register.simple_block_tag
def table_frame(content: str, label: str, tall: bool = False) -> SafeString:
    """A table scrolls inside its own frame, reachable by keyboard and named."""
    return format_html('<div class="table-frame {}" role="region" tabindex="0" aria-label="{}">{}</div>', "tall" if tall else "", label, content)


@register.simple_block_tag
def dialog(content: str, id: str, title: str, drawer: bool = False) -> SafeString:  # noqa: A002  the HTML word
    """A <dialog>; open it with `<button type="button" data-opens="ID">`. `drawer` slides in from the side."""
    close = pgettext("button", "Close")
    return format_html(
        '<dialog id="{}" class="{}" aria-labelledby="{}-title"><div class="dialog-head"><h2 id="{}-title">{}</h2>'
        '<form method="dialog"><button class="button plain small square" aria-label="{}">{}</button></form></div><div data-dialog-body>{}</div></dialog>',
        id, "drawer" if drawer else "", id, id, title, close, drawn_icon("x-mark"), content,
    )  # fmt: skip


@register.simple_tag
def stepper(phases: Iterable[object], label: str = "") -> SafeString:
    """Where am I in the cycle. Each phase has label, state ("done", "now", "later", "skipped") and when (words, may be empty)."""
    spoken = {"done": _("done"), "now": _("now"), "later": _("later"), "skipped": _("left out")}

    def cell(phase: object) -> tuple[object, ...]:
        get = phase.get if isinstance(phase, dict) else functools.partial(getattr, phase)
        state = str(get("state", "later"))
        mark = drawn_icon("check", "small") if state == "done" else ""
        current = mark_safe(' aria-current="step"') if state == "now" else ""
        return state, current, mark, get("label", ""), spoken.get(state, state), get("when", "") or ""

    cells = format_html_join("", '<li class="{}"{}><span class="name">{}{}<span class="visually-hidden">, {}</span></span><span class="when">{}</span></li>', map(cell, phases))
    return format_html('<ol class="stepper" role="list" aria-label="{}">{}</ol>', label or _("Steps of the cycle"), cells)


@register.inclusion_tag("ui/rating_scale.html")
def rating_scale(name: str, points: Iterable[object], value: object = None, legend: str = "", extras: bool = True, **options: object) -> dict[str, object]:
    """The scale as radio cards. Each point: value, label, anchor. options: anchored, disabled, help, error, required, id."""
    listed = list(points)
    return {
        "name": name,
        "id": options.get("id") or name,
        "points": [(point, ramp_class(int(_of(point, "value")), len(listed))) for point in listed],  # type: ignore[call-overload]
        "value": "" if value is None else str(value),
        "legend": legend,
        "extras": [(NOT_ENOUGH, _("Not enough evidence")), (NOT_APPLICABLE, _("Not applicable"))] if extras else [],
        **{key: options.get(key) for key in ("anchored", "disabled", "help", "error", "required")},
    }


def _of(thing: object, key: str) -> object:
    return thing[key] if isinstance(thing, dict) else getattr(thing, key)


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: Context, page_obj: Page, parameter: str = "page") -> dict[str, object]:
    """Links to the other pages of a list; the filters in the address stay."""
    request = context.get("request")
    query = request.GET.copy() if request else None

    def address(number: int) -> str:
        if query is None:
            return f"?{parameter}={number}"
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    numbers = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    links = [(number, address(number) if isinstance(number, int) else "") for number in numbers]
    return {
        "page_obj": page_obj,
        "links": links,
        "previous": address(page_obj.previous_page_number()) if page_obj.has_previous() else "",
        "next": address(page_obj.next_page_number()) if page_obj.has_next() else "",
    }


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> str:
    """The reader's own choice of light or dark, from a cookie, so that the first paint is right."""
    request = context.get("request")
    return THEMES.get(request.COOKIES.get("theme", ""), "") if request else ""
