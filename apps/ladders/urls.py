"""Addresses under /ladders/."""

from django.urls import path

from apps.ladders import views

app_name = "ladders"

urlpatterns = [
    path("", views.ladders, name="ladders"),
    path("compare/", views.compare, name="compare"),
    path("import/", views.import_ladder, name="import_ladder"),
    path("import/files/", views.stage_files, name="stage_files"),
    path("import/confirm/", views.confirm_files, name="confirm_files"),
    path("import/forget/", views.forget_files, name="forget_files"),
    path("levels/<int:level_id>/", views.level, name="level"),
    path("profiles/<int:profile_id>/", views.role_profile, name="role_profile"),
    path("versions/<int:version_id>/", views.version, name="version"),
    path("versions/<int:version_id>/publish/", views.publish_version, name="publish_version"),
    path("versions/<int:version_id>/discard/", views.discard_draft, name="discard_draft"),
    path("versions/<int:version_id>/export/<str:form>/", views.export, name="export"),
    path(
        "versions/<int:version_id>/source/<int:source_id>/", views.source_file, name="source_file"
    ),
    path("<int:ladder_id>/", views.ladder, name="ladder"),
]
