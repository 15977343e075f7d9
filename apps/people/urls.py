"""Addresses under /people/."""

from django.urls import path

from apps.people import views

app_name = "people"

urlpatterns = [
    path("", views.directory, name="directory"),
    path("org/", views.org_chart, name="org_chart"),
    path("find/", views.find_people, name="find_people"),
    path("new/", views.create_person, name="create_person"),
    path("me/", views.my_account, name="my_account"),
    path("me/time-zone/", views.choose_time_zone, name="choose_time_zone"),
    path("me/tokens/", views.issue_token, name="issue_token"),
    path("me/tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("import/", views.import_people, name="import_people"),
    path("import/file/", views.stage_import, name="stage_import"),
    path("import/confirm/", views.confirm_import, name="confirm_import"),
    path("import/discard/", views.discard_import, name="discard_import"),
    path("<int:person_id>/", views.person, name="person"),
    path("<int:person_id>/edit/", views.edit_person, name="edit_person"),
    path("<int:person_id>/leave/", views.leave, name="leave"),
    path("<int:person_id>/plan-leave/", views.plan_leave, name="plan_leave"),
    path("<int:person_id>/return/", views.return_to_work, name="return_to_work"),
    path("<int:person_id>/account/", views.open_account, name="open_account"),
    path("<int:person_id>/offices/<str:office>/grant/", views.grant_office, name="grant_office"),
    path("<int:person_id>/offices/<str:office>/revoke/", views.revoke_office, name="revoke_office"),
]
