"""Addresses of the reviews app."""

from django.urls import path

from apps.reviews.views import (
    board,
    changes,
    cycles,
    disputes,
    goals,
    notes,
    packets,
    population,
    setting_up,
    standing,
    writing,
)

app_name = "reviews"
urlpatterns = [
    path("", cycles.my_reviews, name="my_reviews"),
    path("handed-over/", cycles.kept_words, name="kept_words"),
    # --- cycles ---
    path("cycles/", cycles.cycle_list, name="cycle_list"),
    path("cycles/new/", cycles.prepare_cycle, name="prepare_cycle"),
    path("cycles/<int:cycle_id>/", cycles.cycle, name="cycle"),
    path("cycles/<int:cycle_id>/edit/", cycles.edit_cycle, name="edit_cycle"),
    path("cycles/<int:cycle_id>/board/", board.cycle_board, name="cycle_board"),
    path("cycles/<int:cycle_id>/schedule/", cycles.schedule_cycle, name="schedule_cycle"),
    path("cycles/<int:cycle_id>/unschedule/", cycles.unschedule_cycle, name="unschedule_cycle"),
    path("cycles/<int:cycle_id>/launch/", cycles.launch_cycle, name="launch_cycle"),
    path("cycles/<int:cycle_id>/cancel/", cycles.cancel_cycle, name="cancel_cycle"),
    path("cycles/<int:cycle_id>/open-phase/", cycles.open_phase, name="open_phase"),
    path("cycles/<int:cycle_id>/pause/", cycles.pause_cycle, name="pause_cycle"),
    path("cycles/<int:cycle_id>/resume/", cycles.resume_cycle, name="resume_cycle"),
    path("cycles/<int:cycle_id>/step-back/", cycles.step_back, name="step_back"),
    path("cycles/<int:cycle_id>/close/", cycles.close_cycle, name="close_cycle"),
    path("cycles/<int:cycle_id>/archive/", cycles.archive_cycle, name="archive_cycle"),
    path("cycles/<int:cycle_id>/release/", board.release_wave, name="release_wave"),
    path("cycles/<int:cycle_id>/waves/", cycles.waves, name="waves"),
    path("cycles/<int:cycle_id>/waves/release/", cycles.release_group, name="release_group"),
    path(
        "cycles/<int:cycle_id>/add/<int:person_id>/", cycles.add_participant, name="add_participant"
    ),
    path("cycles/<int:cycle_id>/board/file/", board.board_file, name="board_file"),
    path("cycles/<int:cycle_id>/board/chosen/", board.chosen, name="chosen"),
    path("cycles/<int:cycle_id>/more-time/", board.give_time_to_many, name="give_time_to_many"),
    path("cycles/<int:cycle_id>/excuse/", board.excuse_many, name="excuse_many"),
    path("cycles/<int:cycle_id>/changes/", changes.changes, name="changes"),
    path("cycles/<int:cycle_id>/changes/counts/", changes.change_counts, name="change_counts"),
    path("cycles/<int:cycle_id>/changes/settle/", changes.settle_changes, name="settle_changes"),
    path("cycles/<int:cycle_id>/leave-out/<int:person_id>/", changes.leave_out, name="leave_out"),
    # --- setting a cycle up ---
    path("cycles/<int:cycle_id>/repeat/", setting_up.repeat_cycle, name="repeat_cycle"),
    path("cycles/<int:cycle_id>/check/", setting_up.preflight, name="preflight"),
    path("cycles/<int:cycle_id>/weights/", setting_up.weigh_areas, name="weigh_areas"),
    path("cycles/<int:cycle_id>/people/", population.population, name="population"),
    path("cycles/<int:cycle_id>/people/rules/", population.edit_population, name="edit_population"),
    path("cycles/<int:cycle_id>/people/choose/", population.choose_people, name="choose_people"),
    path(
        "cycles/<int:cycle_id>/people/<int:person_id>/choose/",
        population.choose_person,
        name="choose_person",
    ),
    path(
        "cycles/<int:cycle_id>/people/<int:person_id>/forget/",
        population.forget_choice,
        name="forget_choice",
    ),
    path("cycles/<int:cycle_id>/form/", setting_up.cycle_form, name="cycle_form"),
    path("cycles/<int:cycle_id>/form/parts/", setting_up.edit_sections, name="edit_sections"),
    path(
        "cycles/<int:cycle_id>/form/as/<str:review_kind>/",
        setting_up.form_preview,
        name="form_preview",
    ),
    path("cycles/<int:cycle_id>/form/questions/", setting_up.add_question, name="add_question"),
    *(
        path(f"cycles/<int:cycle_id>/form/questions/<int:question_id>/{address}", view, name=name)
        for name, address, view in (
            ("edit_question", "", setting_up.edit_question),
            ("move_question", "move/", setting_up.move_question),
            ("remove_question", "remove/", setting_up.remove_question),
        )
    ),
    # --- one person in a cycle ---
    path("people/<int:participant_id>/", packets.participant, name="participant"),
    *(
        path(f"people/<int:participant_id>/{address}/", view, name=view.__name__)
        for address, view in {
            "excuse": packets.excuse_participant,
            "readmit": packets.readmit_participant,
            "hand-over": packets.hand_over,
            "keep-manager": packets.keep_manager,
            "keep-level": packets.keep_level,
            "keep-leaver": packets.keep_leaver,
            "keep-leave": packets.keep_leave,
            "more-time": packets.give_more_time,
            "end-more-time": packets.end_more_time,
            "delegate": changes.delegate_review,
            "take-back": packets.take_back_review,
            "take-level": packets.take_level,
            "goals": goals.goals,
            "goals/add": goals.add_goal,
            "goals/metrics": goals.take_metrics,
            "packet": packets.packet,
            "packet/preview": packets.packet_preview,
            "packet/release": packets.release_packet,
            "packet/unshare": packets.unshare_packet,
            "packet/acknowledge": packets.acknowledge_packet,
            "packet/reply": packets.reply_to_packet,
            "packet/dispute": disputes.dispute_packet,
            "packet/answer": disputes.answer_dispute,
            "packet/third-person": disputes.name_arbiter,
            "packet/settle": disputes.settle_dispute,
            "talk": packets.confirm_talk,
        }.items()
    ),
    path("goals/<int:goal_id>/", goals.goal, name="goal"),
    path("goals/<int:goal_id>/remove/", goals.remove_goal, name="remove_goal"),
    path("goals/<int:goal_id>/move/", goals.move_goal, name="move_goal"),
    # --- where somebody stands, and what was noted on the way ---
    path("standing/", standing.standing, name="standing"),
    path("standing/<int:person_id>/", standing.standing, name="standing"),
    path("notes/", notes.notes, name="notes"),
    path("notes/new/", notes.add_note, name="add_note"),
    path("notes/file/<str:form>/", notes.notes_file, name="notes_file"),
    path("notes/<int:note_id>/", notes.note, name="note"),
    path("notes/<int:note_id>/share/", notes.share_note, name="share_note"),
    path("notes/<int:note_id>/unshare/", notes.unshare_note, name="unshare_note"),
    path("notes/<int:note_id>/delete/", notes.delete_note, name="delete_note"),
    # --- writing a review ---
    path("<int:review_id>/", writing.review, name="review"),
    path("<int:review_id>/autosave/", writing.autosave, name="autosave"),
    path("<int:review_id>/save/", writing.save_review, name="save_review"),
    path("<int:review_id>/submit/", writing.submit_review, name="submit_review"),
    path("<int:review_id>/reopen/", writing.reopen_review, name="reopen_review"),
    path("<int:review_id>/versions/", writing.versions, name="versions"),
    path(
        "<int:review_id>/versions/<int:revision>/restore/",
        writing.restore_version,
        name="restore_version",
    ),
    path("<int:review_id>/notes/<str:part>/", writing.link_notes, name="link_notes"),
    path("<int:review_id>/ladder-changes/", writing.ladder_changes, name="ladder_changes"),
    path("<int:review_id>/next-level/", writing.next_level, name="next_level"),
    path("<int:review_id>/next-level/<int:competency_id>/", writing.next_level, name="next_level"),
]
