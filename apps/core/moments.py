"""Times as people say them, each carrying the exact one.

Decided here: the words and the element. The clock is read here only for drawing; a page that
holds `now` puts it into the context instead.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def _moment(context: Context) -> datetime:
    given = context.get("now")
    return timezone.localtime(given if isinstance(given, datetime) else timezone.now())


def human_time(value: date | datetime, now: datetime, *, clock: bool = False) -> str:
    """`14:07`, `yesterday 14:07`, `Wed 25 Nov`, `3 Mar 2025`; `clock` keeps the hour for other days too."""
    local = (
        timezone.localtime(value)
        if isinstance(value, datetime) and timezone.is_aware(value)
        else value
    )
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
        exact = date_format(local, "l j F Y, H:i") + (
            f" {local.tzname()}" if local.tzname() else ""
        )
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            local.isoformat(timespec="seconds"),
            exact,
            text,
        )
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        date_format(value, "l j F Y"),
        text,
    )


def when(context: Context, value: date | datetime | None, style: str = "") -> SafeString | str:
    """A human time that carries the exact one. style: "" (nearest), "clock" (day and hour), "date" (day and year)."""
    if not value:
        return "–"
    if style == "date":
        day = (
            timezone.localtime(value).date()
            if isinstance(value, datetime) and timezone.is_aware(value)
            else value
        )
        return _time_element(value, date_format(day, "j M Y"))
    return _time_element(value, human_time(value, _moment(context), clock=style == "clock"))


def due(context: Context, value: date | datetime | None, done: bool = False) -> SafeString | str:
    """When something is due and how far away that is; late in red, today in amber, nothing loud once done."""
    if not value:
        return ""
    now = _moment(context)
    day = (
        timezone.localtime(value).date()
        if isinstance(value, datetime) and timezone.is_aware(value)
        else value
    )
    day = day.date() if isinstance(day, datetime) else day
    shown = _time_element(
        value,
        date_format(day, "D j M")
        if abs(day - now.date()) < timedelta(days=300)
        else date_format(day, "j M Y"),
    )
    days = (day - now.date()).days
    late = value < now if isinstance(value, datetime) and timezone.is_aware(value) else days < 0
    if done:
        return shown
    if late and days < 0:
        words = ngettext("%(days)d day late", "%(days)d days late", -days) % {"days": -days}
        return format_html(
            '<span class="due">{} <span class="chip bad">{}</span></span>', shown, words
        )
    if late or days == 0:
        return format_html(
            '<span class="due">{} <span class="chip warn">{}</span></span>',
            shown,
            _("late") if late else _("today"),
        )
    if days == 1:
        return format_html(
            '<span class="due">{} <span class="chip warn">{}</span></span>', shown, _("tomorrow")
        )
    return format_html('<span class="due">{}</span>', shown)


def minutes(value: int | None) -> str:
    """`25 min`, `1 h 10 min`, `about 3 hours`."""
    if not value:
        return ""
    if value < 60:
        return _("%(minutes)d min") % {"minutes": value}
    hours, rest = divmod(int(value), 60)
    if value >= 150:
        return _("about %(hours)d hours") % {"hours": round(value / 60)}
    return (
        _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
        if rest
        else _("%(hours)d h") % {"hours": hours}
    )
