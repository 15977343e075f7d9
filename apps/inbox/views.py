"""HTTP in, HTTP out: build a page or call one action, then answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.export import CSV_TYPE, csv_lines
from apps.core.htmx import screen
from apps.core.keys import keys_in
from apps.core.limits import spend
from apps.inbox import actions, pages
from apps.reviews.rules.phases import Hindered

HOUR = 3600
FILES = REMINDERS = 10


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    page = pages.home(request.viewer, now=timezone.now())
    return render(request, "inbox/home.html", {"page": page})


@require_GET
def mail_log(request: HttpRequest) -> HttpResponse:
    page = pages.mail_log(
        request.viewer,
        state=request.GET.get("state", ""),
        search=request.GET.get("search", ""),
        number=request.GET.get("page", "1"),
    )
    return screen(request, "inbox/mail_log.html", page, fragment="inbox/_mail_rows.html")


@require_POST
def hold_message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    message = pages.message(request.viewer, message_id=message_id)
    actions.hold_message(message, by=request.viewer, now=timezone.now())
    return redirect("inbox:mail_log")


@require_POST
def resend_message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    message = pages.message(request.viewer, message_id=message_id)
    actions.resend_message(message, by=request.viewer, now=timezone.now())
    return redirect("inbox:mail_log")


@require_POST
def remind_now(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """Reminds whoever holds up the chosen rows of the board, now.

    POST `participant` (several): keys of participants of this cycle; one that is not there makes
    the whole refused with 404, and nothing is sent. `back` (optional): the query of the board to
    come back to. Answers 302 to the board with a sentence; 429 after ten times in an hour.
    """
    cycle = pages.cycle_to_remind(request.viewer, cycle_id=cycle_id)
    sent = request.POST.getlist("participant")
    board = reverse("reviews:cycle_board", args=[cycle_id])
    back = f"{board}?{QueryDict(request.POST.get('back', '')[:500]).urlencode()}".rstrip("?")
    if not sent:
        messages.error(request, _("Choose at least one person."))
        return redirect(back)
    keys = keys_in(sent)
    if len(keys) != len(sent):
        raise Http404
    spend("remind_now", request.viewer.person_id, times=REMINDERS, seconds=HOUR)
    try:
        done = actions.remind_now(cycle, keys, by=request.viewer, now=timezone.now())
    except ObjectDoesNotExist as stranger:
        raise Http404 from stranger
    except Hindered as hindered:
        messages.error(request, str(hindered))
    else:
        (messages.success if done.people else messages.info)(request, done.sentence)
    return redirect(back)


def _assumed(request: HttpRequest) -> dict[str, str]:
    return {"peers": request.GET.get("peers", ""), "start": request.GET.get("start", "")}


@require_GET
def rehearsal(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.rehearsal(
        request.viewer,
        cycle_id=cycle_id,
        search=request.GET.get("search", ""),
        now=timezone.now(),
        **_assumed(request),
    )
    if page is None:  # it has begun: what goes out stands in the log of mails
        return redirect("reviews:cycle", cycle_id=cycle_id)
    return screen(request, "inbox/rehearsal.html", page)


@require_GET
def rehearsed_person(request: HttpRequest, cycle_id: int, person_id: int) -> HttpResponse:
    page = pages.rehearsed_person(
        request.viewer,
        cycle_id=cycle_id,
        person_id=person_id,
        now=timezone.now(),
        **_assumed(request),
    )
    if page is None:
        return redirect("reviews:cycle", cycle_id=cycle_id)
    return screen(request, "inbox/rehearsed_person.html", page)


@require_GET
def rehearsed_mails(request: HttpRequest, cycle_id: int) -> HttpResponseBase:
    """A line for each mail, ten files an hour."""
    now = timezone.now()
    made = pages.rehearsed_mails(request.viewer, cycle_id=cycle_id, now=now, **_assumed(request))
    if made is None:
        return redirect("reviews:cycle", cycle_id=cycle_id)
    spend("export", request.viewer.person_id, times=FILES, seconds=HOUR)
    actions.note_rehearsal(made.cycle, rows=made.count, by=request.viewer, now=now)
    return StreamingHttpResponse(
        csv_lines(made.header, made.rows),
        content_type=CSV_TYPE,
        headers={"Content-Disposition": f'attachment; filename="rehearsal-{cycle_id}.csv"'},
    )
