"""Addresses of the reviews app."""

from django.urls import path

from apps.reviews.views import cycles, packets, writing

app_name = "reviews"
urlpatterns = [
    path("", cycles.my_reviews, name="my_reviews"),
    path("handed-over/", cycles.kept_words, name="kept_words"),
    # --- cycles ---
    path("cycles/", cycles.cycle_list, name="cycle_list"),
    path("cycles/new/", cycles.prepare_cycle, name="prepare_cycle"),
    path("cycles/<int:cycle_id>/", cycles.cycle, name="cycle"),
    path("cycles/<int:cycle_id>/edit/", cycles.edit_cycle, name="edit_cycle"),
    path("cycles/<int:cycle_id>/board/", cycles.cycle_board, name="cycle_board"),
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
    path("cycles/<int:cycle_id>/release/", cycles.release_wave, name="release_wave"),
    path(
        "cycles/<int:cycle_id>/add/<int:person_id>/", cycles.add_participant, name="add_participant"
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
            "take-level": packets.take_level,
            "goals": packets.add_goal,
            "packet": packets.packet,
            "packet/preview": packets.packet_preview,
            "packet/release": packets.release_packet,
            "packet/unshare": packets.unshare_packet,
            "packet/acknowledge": packets.acknowledge_packet,
            "packet/dispute": packets.dispute_packet,
            "packet/settle": packets.settle_dispute,
        }.items()
    ),
    path("goals/<int:goal_id>/", packets.goal, name="goal"),
    path("goals/<int:goal_id>/remove/", packets.remove_goal, name="remove_goal"),
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
    path("<int:review_id>/next-level/", writing.next_level, name="next_level"),
    path("<int:review_id>/next-level/<int:competency_id>/", writing.next_level, name="next_level"),
]
