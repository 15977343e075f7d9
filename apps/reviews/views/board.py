"""The board of a cycle over HTTP: who is where, what is done for many, and the board as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from apps.core.export import to_csv
from apps.core.htmx import screen
from apps.core.limits import spend
from apps.reviews import actions, pages
from apps.reviews.forms.changes import MoreTimeForm
from apps.reviews.forms.cycles import BoardFilterForm, ChosenForm
from apps.reviews.rules.phases import Hindered

FILES_PER_HOUR, HOUR = 30, 3600


@require_GET
def cycle_board(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.cycle_board(
        request.viewer,
        cycle_id=cycle_id,
        on=timezone.localdate(),
        chosen=BoardFilterForm(request.GET).chosen(),
        number=request.GET.get("page", 1),
    )
    return screen(request, "reviews/cycle_board.html", page, fragment="reviews/_board_rows.html")


@require_GET
def board_file(request: HttpRequest, cycle_id: int) -> HttpResponse:
    cycle, head, lines = pages.board_lines(
        request.viewer,
        cycle_id=cycle_id,
        on=timezone.localdate(),
        chosen=BoardFilterForm(request.GET).chosen(),
    )
    spend("export", request.viewer.person_id, times=FILES_PER_HOUR, seconds=HOUR)
    rows = list(lines)
    actions.export_board(cycle, rows=len(rows), by=request.viewer, now=timezone.now())
    return HttpResponse(
        to_csv(head, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="board-{cycle.pk}.csv"'},
    )


@require_GET
def chosen(request: HttpRequest, cycle_id: int) -> HttpResponse:
    form = ChosenForm(request.GET)
    everybody = request.GET.get("everybody") == "1"
    if not everybody and not form.is_valid():
        pages.cycle_of(request.viewer, cycle_id=cycle_id)  # unreadable is 404
        messages.error(request, _("Choose at least one person."))
        return redirect("reviews:cycle_board", cycle_id)
    page = pages.chosen(
        request.viewer,
        cycle_id=cycle_id,
        deed=request.GET.get("deed", "")[:20],
        keys=() if everybody else form.cleaned_data["participant"],
        fitting=BoardFilterForm(request.GET).chosen() if everybody else None,
        phase=request.GET.get("phase", "")[:16],
        on=timezone.localdate(),
    )
    context = {"page": page, "form": MoreTimeForm(initial={"phase": page.phase})}
    return render(request, "reviews/chosen.html", context)


@require_POST
def release_wave(request: HttpRequest, cycle_id: int) -> HttpResponse:
    def said(count: int) -> str:
        return ngettext("%(count)d packet released.", "%(count)d packets released.", count)

    nothing = _("Nothing was released.")
    return _for_many(request, cycle_id, actions.release_wave, said, nothing)


@require_POST
def give_time_to_many(request: HttpRequest, cycle_id: int) -> HttpResponse:
    form = MoreTimeForm(request.POST)
    keys = ChosenForm(request.POST)
    if not form.is_valid() and keys.is_valid():
        page = pages.chosen(
            request.viewer,
            cycle_id=cycle_id,
            deed="more_time",
            keys=keys.cleaned_data["participant"],
            phase=request.POST.get("phase", "")[:16],
            on=timezone.localdate(),
        )
        return render(request, "reviews/chosen.html", {"page": page, "form": form}, status=422)
    given = form.cleaned_data
    day = formats.date_format(given["until"], "j F") if "until" in given else ""

    def said(count: int) -> str:
        words = ngettext(
            "%(count)d person has time until {day}.",
            "%(count)d people have time until {day}.",
            count,
        )
        return words.format(day=day)

    nothing = _("Nobody was given time.")
    return _for_many(request, cycle_id, actions.give_time_to_many, said, nothing, **given)


@require_POST
def excuse_many(request: HttpRequest, cycle_id: int) -> HttpResponse:
    def said(count: int) -> str:
        return ngettext(
            "%(count)d person excused. What was written is kept.",
            "%(count)d people excused. What was written is kept.",
            count,
        )

    nothing = _("Nobody was excused.")
    return _for_many(request, cycle_id, actions.excuse_many, said, nothing)


def _for_many(
    request: HttpRequest,
    cycle_id: int,
    deed: Callable[..., Sequence[Any]],
    said: Callable[[int], str],
    nothing: str,
    **given: Any,
) -> HttpResponse:
    """Do one thing for all who are chosen, or for none of them with the reasons by name."""
    pages.cycle_of(request.viewer, cycle_id=cycle_id)  # unreadable is 404
    form = ChosenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose at least one person."))
        return redirect("reviews:cycle_board", cycle_id)
    keys = form.cleaned_data["participant"]
    try:
        done = deed(keys, cycle_id=cycle_id, by=request.viewer, now=timezone.now(), **given)
    except ObjectDoesNotExist as stranger:
        raise Http404 from stranger
    except Hindered as hindered:
        messages.error(request, nothing)
        for reason in hindered.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, said(len(done)) % {"count": len(done)})
    return redirect("reviews:cycle_board", cycle_id)
