"""Evening out who is asked, for HR."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from apps.core.htmx import screen
from apps.core.keys import key_in
from apps.core.limits import spend
from apps.feedback import actions, pages

TIMES, HOUR = 60, 3600


@require_GET
def balance(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.balance(request.viewer, cycle_id=cycle_id, on=timezone.localdate())
    return screen(request, "feedback/balance.html", page)


@require_POST
def propose_balance(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """Works the proposal out and shows it. Writes nothing; a POST, because it takes its time."""
    pages.perspective_to_balance(request.viewer, cycle_id=cycle_id)
    spend("balance", request.viewer.person_id, times=TIMES, seconds=HOUR)
    page = pages.balance(
        request.viewer,
        cycle_id=cycle_id,
        on=timezone.localdate(),
        each=key_in(request.POST.get("each", "")),
        propose=True,
    )
    return screen(request, "feedback/balance.html", page)


@require_POST
def balance_requests(request: HttpRequest, cycle_id: int) -> HttpResponse:
    perspective = pages.perspective_to_balance(request.viewer, cycle_id=cycle_id)
    asked = actions.balance_requests(
        perspective,
        each=key_in(request.POST.get("each", "")) or 0,
        seen=request.POST.get("seen", ""),
        by=request.viewer,
        now=timezone.now(),
    )
    words = ngettext(
        "%(n)s request is proposed. Each person’s manager decides on it next.",
        "%(n)s requests are proposed. Each person’s manager decides on them next.",
        asked,
    )
    messages.success(request, words % {"n": asked} if asked else _("There was nothing to add."))
    return redirect("feedback:balance", cycle_id=cycle_id)
