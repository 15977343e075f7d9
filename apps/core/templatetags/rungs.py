"""`{% load rungs %}`: the components of the house.

Decided here: blocks, and the names under which drawing.py and moments.py are reached. The catalogue with one example line per component is
templates/ui/README.md.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from django import template
from django.core.paginator import Page
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core import drawing, moments
from apps.core.charts import ramp_class
from apps.core.drawing import NOT_APPLICABLE, NOT_ENOUGH, drawn_icon
from apps.core.htmx import becomes_the_page

register = template.Library()

for piece in (
    drawing.icon,
    drawing.avatar,
    drawing.badge,
    drawing.dot,
    drawing.rating,
    drawing.meter,
    drawing.delta,
    drawing.qr_code,
):
    register.simple_tag(piece)
register.simple_tag(takes_context=True)(moments.when)
register.simple_tag(takes_context=True)(moments.due)
register.filter(moments.minutes)

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


# ---- text ----


@register.filter(name="markdown")
def markdown(text: str | None) -> SafeString:
    """Text a person wrote, as safe HTML inside a reading column."""
    from apps.core.text import (
        render_markdown,
    )  # the renderer is heavy; pages without text do not pay for it

    return format_html('<div class="prose">{}</div>', render_markdown(text or ""))


# ---- blocks ----


@register.simple_block_tag
def page_head(
    content: str, title: str, eyebrow: str = "", lead: str = "", person: object = None
) -> SafeString:
    """The first lines of a page: where, what, one sentence; the block holds the actions."""
    above = format_html('<p class="eyebrow">{}</p>', eyebrow) if eyebrow else ""
    below = format_html('<p class="lead">{}</p>', lead) if lead else ""
    actions = format_html('<div class="actions">{}</div>', content) if content.strip() else ""
    titles = format_html('<div class="titles">{}<h1>{}</h1>{}</div>', above, title, below)
    if person:
        titles = format_html(
            '<div class="row top titles-with-face">{}{}</div>',
            drawing.avatar(person, "big"),
            titles,
        )
    return format_html('<header class="page-head">{}{}</header>', titles, actions)


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "") -> SafeString:
    """One sentence that matters. tone: info, warn, bad, good, or a level of django.contrib.messages."""
    css_class, symbol = _NOTICES.get(str(tone).split()[-1] if tone else "info", _NOTICES["info"])
    head = format_html('<p class="notice-title">{}</p>', title) if title else ""
    return format_html(
        '<div class="notice {}">{}<div>{}<div>{}</div></div></div>',
        css_class,
        drawn_icon(symbol),
        head,
        content,
    )


@register.simple_block_tag
def whose_eyes(content: str, when: str = "", name: str = "", title: str = "") -> SafeString:
    """Who will read this, when, and with which name. The same block on every form, before the first field."""
    facts = [words for words in (when, name) if words]
    below = (
        format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((fact,) for fact in facts)))
        if facts
        else ""
    )
    return format_html(
        '<div class="whose-eyes">{}<p class="title">{}</p><div>{}</div>{}</div>',
        drawn_icon("eye"),
        title or _("Who reads this"),
        content,
        below,
    )


@register.simple_block_tag
def empty_state(content: str, title: str, icon: str = "inbox") -> SafeString:
    """A list with nothing in it, and what comes next. (Not `empty`: inside a for loop Django keeps that word for itself.)"""
    return format_html(
        '<div class="empty">{}<p class="title">{}</p><div class="stack tight">{}</div></div>',
        drawn_icon(icon),
        title,
        content,
    )


@register.simple_block_tag
def table_frame(content: str, label: str, tall: bool = False) -> SafeString:
    """A table scrolls inside its own frame, reachable by keyboard and named."""
    return format_html(
        '<div class="table-frame {}" role="region" tabindex="0" aria-label="{}">{}</div>',
        "tall" if tall else "",
        label,
        content,
    )


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
        return (
            state,
            current,
            mark,
            get("label", ""),
            spoken.get(state, state),
            get("when", "") or "",
        )

    cells = format_html_join(
        "",
        '<li class="{}"{}><span class="name">{}{}<span class="visually-hidden">, {}</span></span><span class="when">{}</span></li>',
        map(cell, phases),
    )
    return format_html(
        '<ol class="stepper" role="list" aria-label="{}">{}</ol>',
        label or _("Steps of the cycle"),
        cells,
    )


@register.inclusion_tag("ui/rating_scale.html")
def rating_scale(
    name: str,
    points: Iterable[object],
    value: object = None,
    legend: str = "",
    extras: bool = True,
    **options: object,
) -> dict[str, object]:
    """The scale as radio cards. Each point: value, label, anchor. options: anchored, clear (a button that takes the choice back), disabled, help, error, required, id."""
    listed = list(points)
    return {
        "name": name,
        "id": options.get("id") or name,
        "points": [(point, ramp_class(int(_of(point, "value")), len(listed))) for point in listed],  # type: ignore[call-overload]
        "value": "" if value is None else str(value),
        "legend": legend,
        "extras": [(NOT_ENOUGH, _("Not enough evidence")), (NOT_APPLICABLE, _("Not applicable"))]
        if extras
        else [],
        **{
            key: options.get(key)
            for key in ("anchored", "clear", "disabled", "help", "error", "required")
        },
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
def waiting_messages(context: Context) -> Iterable[object]:
    """What was said for the next page, once somebody sees one; reading it uses it up."""
    request = context.get("request")
    if request is None or not becomes_the_page(request):
        return ()
    messages: Iterable[object] = context.get("messages") or ()
    return messages


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> str:
    """The reader's own choice of light or dark, from a cookie, so that the first paint is right."""
    request = context.get("request")
    return THEMES.get(request.COOKIES.get("theme", ""), "") if request else ""
