"""Every page of the house: its address, and with whose eyes it is looked at.

A page that is missing here fails tests/browser/test_every_page.py. Each line is one look: the name
of the address, the person of tests.world, and how the arguments are found in its one scene.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.feedback import pages
from apps.people.viewers import viewer_of_person
from tests.world import World

Arguments = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Look:
    """`query` is what stands behind the question mark; `status` what the page answers."""

    name: str
    who: str
    arguments: Arguments
    query: str = ""
    status: int = 200

    def __str__(self) -> str:
        return f"{self.name}{'?' if self.query else ''}{self.query} as {self.who}"


def nothing(_: World) -> dict[str, Any]:
    return {}


def cycle(state: str) -> Arguments:
    return lambda w: {"cycle_id": w.cycles[state].pk}


def chosen(name: str) -> Arguments:
    return lambda w: {"cycle_id": w.cycles["draft"].pk, "person_id": w.people[name].pk}


def seat(key: str) -> Arguments:
    return lambda w: {"participant_id": w.participants[key].pk}


def review(key: str) -> Arguments:
    return lambda w: {"review_id": w.reviews[key].pk}


def beside(key: str) -> Arguments:
    def found(w: World) -> dict[str, Any]:
        statement = w.people["subject"].level.statements.get()
        return {"review_id": w.reviews[key].pk, "competency_id": statement.competency_id}

    return found


def part_of(key: str) -> Arguments:
    def found(w: World) -> dict[str, Any]:
        statement = w.people["subject"].level.statements.get()
        return {"review_id": w.reviews[key].pk, "part": f"c{statement.competency_id}"}

    return found


def asked(key: str) -> Arguments:
    return lambda w: {"request_id": w.requests[key].pk}


def a_text(w: World) -> dict[str, Any]:
    """One text about the subject, at the address that it has for their manager."""
    seat = w.participants["released"].pk
    page = pages.received_feedback(viewer_of_person(w.people["manager"]), participant_id=seat)
    key = next(said.key for kind in page.kinds for said in kind.texts())
    return {"participant_id": seat, "key": key}


def case(key: str) -> Arguments:
    return lambda w: {"concern_token": w.other[f"concern {key}"].token}


def session(key: str) -> Arguments:
    return lambda w: {"session_id": w.other[key].pk}


def item(w: World) -> dict[str, Any]:
    return {"session_id": w.other["session"].pk, "item_id": w.other["item"].pk}


def person(name: str) -> Arguments:
    return lambda w: {"person_id": w.people[name].pk}


def level(w: World) -> dict[str, Any]:
    return {"level_id": w.people["subject"].level_id}


def version(w: World) -> dict[str, Any]:
    return {"version_id": w.people["subject"].level.version_id}


def ladder(w: World) -> dict[str, Any]:
    return {"ladder_id": w.people["subject"].level.version.ladder_id}


def profile(w: World) -> dict[str, Any]:
    return {"profile_id": w.other["profile"].pk}


LOOKS = [
    # --- home and mail ---
    Look("inbox:home", "subject", nothing),
    Look("inbox:home", "manager", nothing),
    Look("inbox:home", "process_admin", nothing),
    Look("inbox:mail_log", "process_admin", nothing),
    Look("inbox:mail_log", "subject", nothing),
    Look("inbox:mail_log", "process_admin", nothing, "search=nobody"),
    Look("inbox:rehearsal", "process_admin", cycle("draft"), "search=nobody"),
    Look("inbox:rehearsal", "process_admin", cycle("scheduled")),
    Look(
        "inbox:rehearsed_person",
        "process_admin",
        lambda w: {**cycle("scheduled")(w), **person("manager")(w)},
    ),
    # --- people ---
    Look("people:directory", "subject", nothing),
    Look("people:directory", "process_admin", nothing, "search=nobody"),
    Look("people:org_chart", "subject", nothing),
    Look("people:person", "stranger", person("subject")),
    Look("people:person", "process_admin", person("subject")),
    Look("people:create_person", "process_admin", nothing),
    Look("people:edit_person", "process_admin", person("subject")),
    Look("people:import_people", "process_admin", nothing),
    Look("people:my_account", "subject", nothing),
    # --- ladders ---
    Look("ladders:ladders", "subject", nothing),
    Look("ladders:ladders", "process_admin", nothing),
    Look("ladders:ladder", "subject", ladder),
    Look("ladders:level", "subject", level),
    Look("ladders:version", "process_admin", version),
    Look("ladders:compare", "subject", nothing),
    Look("ladders:role_profile", "subject", profile),
    Look("ladders:import_ladder", "process_admin", nothing),
    # --- cycles ---
    Look("reviews:my_reviews", "subject", nothing),
    Look("reviews:my_reviews", "manager", nothing),
    Look("reviews:my_reviews", "content_admin", nothing),
    Look("reviews:kept_words", "manager", nothing),
    Look("reviews:cycle_list", "subject", nothing),
    Look("reviews:cycle_list", "process_admin", nothing),
    Look("reviews:prepare_cycle", "process_admin", nothing),
    *(
        Look(f"reviews:{name}", "process_admin", cycle(state))
        for name in ("population", "preflight", "cycle_form", "weigh_areas", "repeat_cycle")
        for state in ("draft", "collection")
    ),
    Look("reviews:changes", "process_admin", cycle("collection")),
    Look("reviews:changes", "process_admin", cycle("manager_review"), "kind=manager&who=an"),
    Look("reviews:delegate_review", "manager", seat("manager_review")),
    Look("reviews:cycle_board", "process_admin", cycle("delivery"), "sort=-due&late=1&moved=1"),
    Look("reviews:chosen", "process_admin", cycle("manager_review"), "deed=more_time&everybody=1"),
    Look("reviews:chosen", "process_admin", cycle("delivery"), "deed=release&everybody=1"),
    Look("reviews:population", "process_admin", cycle("draft"), "standing=left_out"),
    Look("reviews:population", "process_admin", cycle("draft"), "search=nobody"),
    Look("reviews:edit_population", "process_admin", cycle("draft")),
    Look("reviews:choose_people", "process_admin", cycle("draft")),
    Look("reviews:choose_person", "process_admin", chosen("subject")),
    Look("reviews:choose_person", "process_admin", chosen("stranger")),
    Look("reviews:form_preview", "process_admin", lambda w: {**cycle("draft")(w), "review_kind": "self"}),
    Look("reviews:form_preview", "process_admin", lambda w: {**cycle("draft")(w), "review_kind": "manager"}),
    Look("reviews:edit_question", "process_admin", lambda w: {**cycle("draft")(w), "question_id": w.other["question"].pk}),
    Look("reviews:edit_cycle", "process_admin", cycle("draft")),
    Look("reviews:edit_cycle", "process_admin", cycle("collection")),
    *(
        Look("reviews:cycle", "process_admin", cycle(state))
        for state in ("draft", "scheduled", "nomination", "paused", "delivery", "archived")
    ),
    Look("reviews:cycle", "subject", cycle("collection")),
    *(
        Look("reviews:cycle_board", "process_admin", cycle(state))
        for state in ("collection", "manager_review", "delivery")
    ),
    *(
        Look("reviews:participant", who, seat(key))
        for who in ("subject", "manager", "process_admin")
        for key in ("manager_review", "released")
    ),
    Look("reviews:waves", "process_admin", cycle("delivery")),
    Look("reviews:waves", "process_admin", cycle("manager_review"), "of=manager&group=0"),
    Look("reviews:name_arbiter", "process_admin", seat("disputed")),
    Look("reviews:goal", "subject", lambda w: {"goal_id": w.other["goal collection"].pk}),
    # --- writing ---
    Look("reviews:goals", "subject", seat("collection")),
    Look("reviews:goals", "manager", seat("collection")),
    Look("reviews:goals", "manager", seat("released")),
    Look("reviews:standing", "subject", nothing),
    Look("reviews:standing", "manager", person("subject")),
    Look("reviews:standing", "content_admin", person("subject")),
    Look("reviews:notes", "subject", nothing),
    Look("reviews:notes", "subject", nothing, "of=shared"),
    Look("reviews:notes", "manager", nothing, "of=people"),
    Look("reviews:notes", "stranger", nothing),
    Look("reviews:add_note", "subject", nothing),
    Look("reviews:add_note", "manager", nothing),
    Look("reviews:note", "subject", lambda w: {"note_id": w.other["note"].pk}),
    Look("reviews:review", "subject", review("self collection")),
    Look("reviews:review", "subject", review("self manager_review")),
    Look("reviews:review", "manager", review("manager manager_review")),
    Look("reviews:review", "manager", review("manager released")),
    Look("reviews:review", "subject", review("manager released")),
    Look("reviews:versions", "subject", review("self collection")),
    Look("reviews:next_level", "subject", review("self collection")),
    Look("reviews:next_level", "subject", beside("self collection")),
    Look("reviews:link_notes", "subject", part_of("self collection")),
    Look("reviews:link_notes", "subject", part_of("self collection"), "search=nothing"),
    Look("reviews:ladder_changes", "subject", review("self collection")),
    # --- packets ---
    *(
        Look("reviews:packet", who, seat(key))
        for who in ("subject", "manager")
        for key in ("released", "disputed")
    ),
    Look("reviews:packet", "manager", seat("delivery")),
    Look("reviews:packet", "arbiter", seat("disputed")),
    Look("reviews:packet_preview", "manager", seat("delivery")),
    # --- feedback ---
    Look("feedback:my_feedback", "subject", nothing),
    Look("feedback:my_feedback", "peer", nothing),
    Look("feedback:my_feedback", "manager", nothing),
    Look("feedback:nominate", "subject", seat("nomination")),
    Look("feedback:approve_peers", "manager", seat("nomination")),
    Look("feedback:give_feedback", "peer", asked("collection")),
    Look("feedback:feedback_versions", "peer", asked("collection")),
    Look("feedback:received_feedback", "manager", seat("manager_review")),
    Look("feedback:received_feedback", "subject", seat("released")),
    Look("feedback:raise_concern", "manager", a_text),
    Look("feedback:concerns", "content_admin", nothing),
    Look("feedback:concerns", "content_admin", nothing, "show=decided"),
    *(
        Look("feedback:concern", "content_admin", case(key))
        for key in ("raised", "hidden", "asked", "agreed")
    ),
    Look("feedback:my_feedback", "content_admin", nothing),
    Look("feedback:perspectives", "process_admin", cycle("draft")),
    Look("feedback:readiness", "process_admin", cycle("draft")),
    Look("feedback:perspectives", "process_admin", cycle("collection")),
    Look("feedback:balance", "process_admin", cycle("collection")),
    Look("feedback:unasked_feedback", "subject", nothing),
    Look("feedback:unasked_feedback", "manager", nothing, "show=team"),
    Look("feedback:unasked_feedback", "peer", nothing, "show=given"),
    Look("feedback:find_receiver", "subject", nothing),
    Look("feedback:give_unasked", "stranger", person("subject")),
    Look("feedback:balance", "process_admin", cycle("released")),
    # --- calibration ---
    Look("calibration:sessions", "process_admin", nothing),
    Look("calibration:sessions", "facilitator", nothing),
    Look("calibration:sessions", "subject", nothing),
    Look("calibration:create_session", "process_admin", cycle("manager_review")),
    Look("calibration:edit_session", "process_admin", session("session")),
    Look("calibration:board", "facilitator", session("session")),
    Look("calibration:board", "member", session("session")),
    Look("calibration:item", "facilitator", item),
    Look("calibration:item", "member", item),
    Look("calibration:item_feedback", "facilitator", item),
    Look("calibration:item_feedback", "member", item),
    Look("calibration:record", "facilitator", session("locked")),
    # --- reports ---
    Look("reports:reports", "process_admin", nothing),
    Look("reports:reports", "subject", nothing),
    Look("reports:completion", "process_admin", cycle("collection")),
    Look("reports:completion", "manager", cycle("collection")),
    Look("reports:distribution", "content_admin", cycle("delivery")),
    Look("reports:packet_exports", "manager", cycle("released")),
    Look("reports:bundles", "subject", nothing),
    Look("reports:bundles", "stranger", nothing),
    # --- one's account ---
    *(
        Look(name, "anonymous", nothing)
        for name in ("demo:people", "account_login", "account_signup", "account_reset_password",
                     "account_reset_password_done", "account_reset_password_from_key_done")
    ),
    Look("account_reset_password_from_key", "anonymous", lambda _: {"uidb36": "0", "key": "none"}),
    *(
        Look(name, "stranger", nothing)
        for name in ("account_logout", "account_change_password", "account_reauthenticate",
                     "account_inactive", "mfa_index", "mfa_activate_totp", "mfa_list_webauthn",
                     "mfa_add_webauthn", "usersessions_list")
    ),
    # --- a refusal is a page as well ---
    Look("reviews:prepare_cycle", "subject", nothing, status=403),
    Look("reviews:packet", "stranger", seat("released"), status=404),
]  # fmt: skip


@dataclass(frozen=True)
class WrongPress:
    """A page on which something is pressed too early: it comes back with what is missing.

    `button` is a selector; `chosen` puts a value into a field first; `wrong` is False where the press
    was fine, and a page is what it is answered with.
    """

    look: Look
    button: str = "main form[method=post] button.primary, main form[method=post] [type=submit]"
    chosen: tuple[str, str] | None = None
    wrong: bool = True

    def __str__(self) -> str:
        return f"{self.look.name} as {self.look.who}"


WRONG_PRESSES = [
    WrongPress(Look("account_login", "anonymous", nothing)),
    WrongPress(Look("account_reset_password", "anonymous", nothing)),
    WrongPress(Look("account_change_password", "stranger", nothing)),
    WrongPress(Look("people:create_person", "process_admin", nothing)),
    WrongPress(Look("people:edit_person", "process_admin", person("subject")), chosen=("[name=email]", "none")),
    WrongPress(Look("people:import_people", "process_admin", nothing)),
    WrongPress(Look("ladders:import_ladder", "process_admin", nothing)),
    WrongPress(Look("reviews:prepare_cycle", "process_admin", nothing)),
    WrongPress(Look("reviews:edit_cycle", "process_admin", cycle("collection")), chosen=("[name=grace_days]", "99")),
    WrongPress(Look("calibration:create_session", "process_admin", cycle("manager_review"))),
    WrongPress(Look("reviews:review", "subject", review("self collection")), "button[formaction*=submit]", ("#summary", "")),
    WrongPress(Look("reviews:review", "manager", review("manager manager_review")), "button[formaction*=submit]", ("#summary", "")),
    WrongPress(Look("reviews:goal", "subject", lambda w: {"goal_id": w.other["goal collection"].pk}), chosen=("[name=text]", "")),
    WrongPress(Look("reviews:packet", "subject", seat("released")), "form[action*=dispute] button"),
    WrongPress(Look("reviews:packet", "arbiter", seat("disputed"))),
    WrongPress(Look("feedback:nominate", "subject", seat("nomination"))),
    WrongPress(Look("feedback:raise_concern", "manager", a_text)),
    WrongPress(Look("feedback:concern", "content_admin", case("raised"))),
    WrongPress(Look("feedback:concern", "content_admin", case("raised")), "form[action$='/name/'] button"),
    WrongPress(Look("feedback:concern", "content_admin", case("hidden")), "form[action$='/show-again/'] button"),
    WrongPress(Look("feedback:concern", "content_admin", case("agreed")), "form[action$='/open/'] button", wrong=False),
    WrongPress(Look("feedback:give_feedback", "peer", asked("collection"))),
    WrongPress(Look("feedback:give_feedback", "peer", asked("collection")), "form[action$='/decline/'] button"),
    WrongPress(Look("feedback:give_unasked", "stranger", person("subject"))),
    WrongPress(Look("feedback:perspectives", "process_admin", cycle("collection")), "form[action*=limits] button", ("[name=giver_budget]", "99")),
    WrongPress(Look("feedback:balance", "process_admin", cycle("collection")), "form[action*=propose] button", wrong=False),
    WrongPress(Look("feedback:perspectives", "process_admin", cycle("draft")), "form[action*=peer] button", ("[name=threshold]", "1")),
    WrongPress(Look("calibration:item", "facilitator", item), "form[action*=decide] button.primary", ("#decision-to_value", "1")),
]  # fmt: skip

# Addresses that are no page of their own, each with the reason.
NOT_PAGES = {
    "healthz": "an answer for machines",
    "readyz": "an answer for machines",
    "api_schema": "a file",
    "reviews:notes_file": "a file",
    "reviews:board_file": "a file",
    "inbox:rehearsed_mails": "a file",
    "reviews:change_counts": "a part of the board, seen there",
    "sign_in_state": "an answer for scripts",
    "api_docs": "a library's page, under a policy of its own",
    "no_email_change": "leads to the account page",
    "account_email": "hidden behind the address above",
    "account_email_verification_sent": "no address is verified by mail here",
    "account_confirm_email": "no address is verified by mail here",
    "account_confirm_login_code": "signing in by a code is off",
    "account_set_password": "leads to the change of the password",
    "mfa_authenticate": "stands between two steps of signing in; tests/core/test_signing_in.py",
    "mfa_reauthenticate": "leads on unless a second factor is set up",
    "mfa_reauthenticate_webauthn": "leads on unless a passkey is set up",
    "mfa_deactivate_totp": "is there only with a second factor",
    "mfa_view_recovery_codes": "is there only with a second factor",
    "mfa_generate_recovery_codes": "is there only with a second factor",
    "mfa_download_recovery_codes": "a file",
    "mfa_remove_webauthn": "is there only with a passkey",
    "mfa_edit_webauthn": "is there only with a passkey",
    "people:find_people": "a list of people swapped into a form",
    "people:issue_token": "a form on the account page; alone it leads back there",
    "ladders:export": "a file",
    "ladders:source_file": "a file",
    "reports:completion_file": "a file",
    "reports:distribution_file": "a file",
    "reports:packet_file": "a file",
    "reports:export_file": "a file",
}
