"""Every address has one declared answer for everybody; an address without one fails the suite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from apps.feedback import pages
from apps.people.viewers import viewer_of_person
from tests.architecture.answers import (
    LIBRARY_ARGUMENTS,
    METHODS,
    Address,
    Arguments,
    Browsers,
    addresses,
    declared,
    write,
)
from tests.world import World, one_scene

pytestmark = pytest.mark.django_db
Sample = Callable[[World], Any]


def key_of_a_text(world: World) -> str:
    """The address that one text about the subject has for their manager, and for nobody else."""
    participant = world.participants["released"]
    page = pages.received_feedback(
        viewer_of_person(world.people["manager"]), participant_id=participant.pk
    )
    return next(said.key for kind in page.kinds for said in kind.texts())


CYCLES = (
    "draft", "scheduled", "collection", "manager_review", "delivery", "closed", "released",
)  # fmt: skip
# With which object an argument is filled: the word that names the sample, and how it is found.
BY_KEYWORD: dict[str, dict[str, Sample]] = {
    "cycle_id": {f"in-{s}": lambda w, s=s: w.cycles[s].pk for s in CYCLES},  # type: ignore[misc]
    "participant_id": {
        f"in-{s}": lambda w, s=s: w.participants[s].pk  # type: ignore[misc]
        for s in ("nomination", "collection", "manager_review", "delivery", "released", "disputed")
    },
    "review_id": {
        name.replace(" ", "-"): lambda w, name=name: w.reviews[name].pk  # type: ignore[misc]
        for name in (
            "self collection",
            "self manager_review",
            "manager manager_review",
            "manager delivery",
            "manager released",
        )
    },
    "request_id": {
        f"in-{s}": lambda w, s=s: w.requests[s].pk  # type: ignore[misc]
        for s in ("nomination", "collection")
    },
    "question_id": {"draft": lambda w: w.other["question"].pk},
    "concern_token": {
        s: lambda w, s=s: w.other[f"concern {s}"].token for s in ("raised", "hidden")
    },  # type: ignore[misc]
    "disclosure_token": {
        s: lambda w, s=s: w.other[f"disclosure {s}"].token  # type: ignore[misc]
        for s in ("asked", "agreed")
    },
    "key": {"of-manager": lambda w: key_of_a_text(w)},
    "unasked_id": {"to-subject": lambda w: w.other["unasked"].pk},
    "goal_id": {"goal": lambda w: w.other["goal collection"].pk},
    "note_id": {"of-subject": lambda w: w.other["note"].pk},
    "perspective_id": {"collecting": lambda w: w.other["perspective collection"].pk},
    "session_id": {
        "live": lambda w: w.other["session"].pk,
        "locked": lambda w: w.other["locked"].pk,
    },
    "item_id": {"subject": lambda w: w.other["item"].pk},
    "export_id": {
        "of-manager": lambda w: w.other["export"].pk,
        "about-subject": lambda w: w.other["bundle"].pk,
    },
    "form": {"csv": lambda w: "csv"},
    "message_id": {"to-subject": lambda w: w.other["message"].pk},
    "token_id": {"of-subject": lambda w: w.other["token"].pk},
    "person_id": {
        "subject": lambda w: w.people["subject"].pk,
        "stranger": lambda w: w.people["stranger"].pk,
    },
    "level_id": {"subject": lambda w: w.people["subject"].level_id},
    "version_id": {"subject": lambda w: w.people["subject"].level.version_id},
    "competency_id": {"first": lambda w: w.people["subject"].level.statements.get().competency_id},
    "part": {"first": lambda w: f"c{w.people['subject'].level.statements.get().competency_id}"},
    "office": {"content": lambda w: "content_admin"},
    "kind": {"peer": lambda w: "peer"},
    "review_kind": {"self": lambda w: "self"},
    "revision": {"first": lambda w: 1},
    "app_label": {"people": lambda w: "people"},
    "content_type_id": {"first": lambda w: 1},
    "url": {"nowhere": lambda w: "nowhere/"},
    "ladder_id": {"subject": lambda w: w.people["subject"].level.version.ladder_id},
    "profile_id": {"sales": lambda w: w.other["profile"].pk},
    "source_id": {"none": lambda w: 0},
    "version": {"first": lambda w: 1},
}


# The samples that show most where it is not the first: the state in which a deed is possible, or
# several, where an address answers differently. Everything else is asked with the first.
SAMPLES_OF: dict[str, tuple[str, ...]] = {
    "inbox:rehearsal": ("in-scheduled", "in-collection"),
    "inbox:remind_now": ("in-collection",),
    "inbox:rehearsed_mails": ("in-scheduled",),
    "inbox:rehearsed_person": ("in-scheduled",),
    "reviews:cycle": ("in-draft", "in-collection"),
    "reviews:cycle_board": ("in-draft", "in-manager_review"),
    **{
        f"reviews:{name}": ("in-draft", "in-collection")
        for name in (
            "add_question",
            "choose_people",
            "cycle_form",
            "edit_population",
            "edit_sections",
            "population",
            "preflight",
            "repeat_cycle",
            "weigh_areas",
        )
    },
    "reviews:launch_cycle": ("in-scheduled",),
    "reviews:unschedule_cycle": ("in-scheduled",),
    "reviews:open_phase": ("in-collection",),
    "reviews:pause_cycle": ("in-collection",),
    "reviews:step_back": ("in-manager_review",),
    "reviews:release_wave": ("in-delivery",),
    "reviews:close_cycle": ("in-delivery",),
    "reviews:archive_cycle": ("in-closed",),
    "reviews:add_participant": ("in-collection",),
    "reviews:changes": ("in-draft", "in-collection"),
    "reviews:settle_changes": ("in-collection",),
    "reviews:change_counts": ("in-collection",),
    "reviews:chosen": ("in-delivery",),
    "reviews:board_file": ("in-draft", "in-manager_review"),
    "reviews:give_time_to_many": ("in-manager_review",),
    "reviews:excuse_many": ("in-manager_review",),
    "reviews:leave_out": ("in-collection",),
    "reviews:delegate_review": ("in-manager_review", "in-released"),
    "reviews:give_more_time": ("in-manager_review",),
    "reviews:end_more_time": ("in-manager_review",),
    "reviews:participant": ("in-manager_review", "in-released"),
    "reviews:packet": ("in-delivery", "in-released", "in-disputed"),
    "reviews:packet_preview": ("in-delivery",),
    "reviews:release_packet": ("in-delivery",),
    "reviews:unshare_packet": ("in-released",),
    "reviews:acknowledge_packet": ("in-released",),
    "reviews:dispute_packet": ("in-released",),
    "reviews:reply_to_packet": ("in-released", "in-disputed"),
    "reviews:answer_dispute": ("in-disputed",),
    "reviews:name_arbiter": ("in-delivery", "in-disputed"),
    "reviews:settle_dispute": ("in-disputed",),
    "reviews:confirm_talk": ("in-delivery", "in-released"),
    "reviews:waves": ("in-collection", "in-delivery"),
    "reviews:release_group": ("in-delivery",),
    "reviews:review": tuple(BY_KEYWORD["review_id"]),
    "reviews:save_review": ("self-collection", "manager-manager_review"),
    "reviews:autosave": ("self-collection", "manager-manager_review"),
    "reviews:submit_review": ("self-collection", "manager-manager_review"),
    "reviews:versions": ("self-collection", "manager-manager_review"),
    "feedback:received_feedback": ("in-manager_review", "in-released"),
    "feedback_api:received": ("in-manager_review", "in-released"),
    "feedback:raise_concern": ("in-released",),
    "feedback:show_text_again": ("hidden",),
    "feedback:open_name": ("agreed",),
    "feedback:give_feedback": ("in-nomination", "in-collection"),
    "feedback:feedback_versions": ("in-collection",),
    "feedback:restore_feedback_draft": ("in-collection",),
    "feedback:save_feedback_draft": ("in-collection",),
    "feedback:keep_feedback": ("in-collection",),
    "feedback:send_feedback": ("in-collection",),
    "feedback:decline_request": ("in-collection",),
    "feedback:accept_fewer_peers": ("in-nomination", "in-collection"),
    "feedback:balance": ("in-collection",),
    "feedback:propose_balance": ("in-collection",),
    "feedback:balance_requests": ("in-collection",),
    "calibration:create_session": ("in-manager_review",),
    "calibration:record": ("locked",),
    "reports:completion": ("in-manager_review",),
    "reports:completion_file": ("in-manager_review",),
    "reports:distribution": ("in-delivery",),
    "reports:distribution_file": ("in-delivery",),
    "reports:packet_exports": ("in-delivery",),
    "reports:request_export": ("in-delivery",),
    "reports:packet_file": ("in-delivery", "in-released"),
    "reports:export_file": ("of-manager", "about-subject"),
    "reports:drop_export": ("of-manager", "about-subject"),
    "reviews_api:draft": ("self-collection", "manager-manager_review", "manager-released"),
    "reviews_api:submit": ("self-collection", "manager-manager_review"),
}


# What is sent where an empty form would be refused before anybody asks who is sending.
FORM = "application/x-www-form-urlencoded"
SAVES = {"If-Match": '"0"', "Idempotency-Key": "one-and-the-same"}
BODIES: dict[str, tuple[str, dict[str, str], str]] = {
    "reviews:autosave": ("changed=summary&summary=So+be+it", SAVES, FORM),
    "reviews:save_review": ("revision=0&summary=So+be+it", {}, FORM),
    "reviews:submit_review": ("revision=0&summary=So+be+it", {}, FORM),
    "reviews:dispute_packet": ("text=The+March+release+is+missing.", {}, FORM),
    "reviews:unshare_packet": ("reason=Too+early.", {}, FORM),
    "reviews:confirm_talk": ("talked_on=2026-01-05", {}, FORM),
    "reviews:reply_to_packet": ("reply=Thank+you.", {}, FORM),
    "reviews:answer_dispute": ("answer=So+be+it.", {}, FORM),
    "reviews:name_arbiter": ("person=0", {}, FORM),
    "reviews:release_group": ("of=department&group=0&expected=1", {}, FORM),
    "reviews:settle_dispute": ("outcome=It+stays+as+it+is.", {}, FORM),
    "reviews:edit_population": ("departments=@department", {}, FORM),
    "reviews:choose_people": (
        "choice=out&addresses=subject%40nowhere.example&reason=Leave",
        {},
        FORM,
    ),
    "reviews:choose_person": ("choice=out&reason=Leave", {}, FORM),
    "reviews:add_question": ("kind=self&text=What+next", {}, FORM),
    "reviews:edit_question": ("text=What+next", {}, FORM),
    "reviews:move_question": ("way=up", {}, FORM),
    "reviews:step_back": ("reason=Too+early&reopens_on=2099-01-01", {}, FORM),
    "reviews:add_goal": ("text=Answer+within+a+day&comparator=ge&target=90&unit=%25", {}, FORM),
    "reviews:move_goal": ("to=up", {}, FORM),
    "reviews:add_note": ("happened_on=2026-01-05&text=Done.", {}, FORM),
    "reviews:note": ("happened_on=2026-01-05&text=Done.", {}, FORM),
    "feedback:save_feedback_draft": ("changed=q1&q1=So+be+it", SAVES, FORM),
    "feedback:decline_request": ("code=no_time", {}, FORM),
    "feedback:give_unasked": ("kind=thanks&audience=person&text=Thank+you.", {}, FORM),
    **{
        f"feedback:{name}": ("reason=So+be+it.", {}, FORM)
        for name in ("raise_concern", "hide_text", "leave_text", "show_text_again", "ask_for_name")
    },
    "people:leave": ("left_on=2099-01-01", {}, FORM),
    "people:choose_time_zone": ("time_zone=Europe%2FOslo", {}, FORM),
    "calibration:record_decision": (
        "to_value=3&reason_code=evidence&reason=Shared+work.",
        {},
        FORM,
    ),
    "reviews_api:draft": ('{"changes": {"summary": "So be it"}}', SAVES, "application/json"),
    "reviews_api:submit": ("{}", SAVES, "application/json"),
}
METHODS_OF = {"reviews_api:draft": ("GET", "PATCH")}


def samples(address: Address, world: World) -> list[tuple[str, Arguments]]:
    """The ways in which one address is asked. Object pages of the admin are asked with a key that
    nothing has."""
    if not address.keywords:
        return [("-", {})]
    if address.name in LIBRARY_ARGUMENTS:
        return [("none", LIBRARY_ARGUMENTS[address.name])]
    if address.name.startswith("admin:") and "object_id" in address.keywords:
        return [("none", dict.fromkeys(address.keywords, "0"))]
    if address.name == "admin:auth_user_password_change":
        return [("subject", {"id": world.people["subject"].user_id})]
    first, *others = address.keywords
    rest = {name: next(iter(BY_KEYWORD[name].values()))(world) for name in others}
    words = SAMPLES_OF.get(address.name) or (next(iter(BY_KEYWORD[first])),)
    return [(word, {first: BY_KEYWORD[first][word](world), **rest}) for word in words]


ROOMS = sorted({a.name.rpartition(":")[0] for a in addresses()})


def test_every_address_has_a_name():
    assert [a for a in addresses() if a.name.partition(":")[2].startswith("nameless")] == []


def test_every_argument_has_a_sample():
    unknown = {
        keyword: a.name
        for a in addresses()
        for keyword in a.keywords
        if keyword not in BY_KEYWORD
        and a.name not in LIBRARY_ARGUMENTS
        and keyword not in {"object_id", "id"}
    }
    assert unknown == {}


@pytest.fixture(scope="module")
def browsers(django_db_setup, django_db_blocker):
    """The world and one signed-in browser for each actor, for the whole module."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = one_scene()
        yield world, Browsers(world)
        transaction.set_rollback(True)


@pytest.mark.parametrize("room", ROOMS)
def test_every_address_answers_as_declared(room, browsers, request):
    world, ask = browsers
    department = str(world.people["subject"].department_id)
    now = {}
    for address in addresses():
        if address.name.rpartition(":")[0] != room:
            continue
        for sample, arguments in samples(address, world):
            for method in METHODS_OF.get(address.name, METHODS):
                words = "+".join([sample, *address.keywords[1:]])
                text, *how = BODIES.get(address.name, ("", {}, FORM))
                body = (text.replace("@department", department), *how)
                line = ask(address.name, words, arguments, method, body)
                now[line.key] = line
    if request.config.getoption("--write-answers"):
        write(room, now.values())
    agreed = {k: line for k, line in declared().items() if k[0].rpartition(":")[0] == room}

    assert sorted(now.keys() - agreed.keys()) == [], "addresses without a declared answer"
    assert sorted(agreed.keys() - now.keys()) == [], "declared answers without an address"
    changed = [f"{agreed[key]}\n{now[key]}" for key in now if agreed[key] != now[key]]
    assert not changed, "answers that changed (declared, then now):\n" + "\n".join(changed)


@pytest.mark.sweep
def test_a_number_that_no_database_has_is_one_that_does_not_exist(browsers):
    world, ask = browsers
    differing = []
    for address in addresses():
        ((_, arguments), *_) = samples(address, world)
        body = BODIES.get(address.name, ("", {}, FORM))
        for keyword in [k for k, value in arguments.items() if isinstance(value, int)]:
            for method in METHODS_OF.get(address.name, METHODS):
                none, beyond = (
                    ask(address.name, keyword, arguments | {keyword: number}, method, body)
                    for number in (0, 2**63)
                )
                if none != beyond:
                    differing.append(f"{none}\n{beyond}")

    assert not differing, "\n".join(differing)
