"""Addresses of the reports app."""

from django.urls import path

from apps.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.reports, name="reports"),
    path("<int:cycle_id>/completion/", views.completion, name="completion"),
    path("<int:cycle_id>/completion/<str:form>/", views.completion_file, name="completion_file"),
    path("<int:cycle_id>/distribution/", views.distribution, name="distribution"),
    path(
        "<int:cycle_id>/distribution/<str:form>/",
        views.distribution_file,
        name="distribution_file",
    ),
    path("<int:cycle_id>/packets/", views.packet_exports, name="packet_exports"),
    path("<int:cycle_id>/packets/make/", views.request_export, name="request_export"),
    path("packets/<int:participant_id>/pdf/", views.packet_file, name="packet_file"),
    path("about-you/", views.bundles, name="bundles"),
    path("about-you/make/", views.request_bundle, name="request_bundle"),
    path("files/<int:export_id>/", views.export_file, name="export_file"),
    path("files/<int:export_id>/drop/", views.drop_export, name="drop_export"),
]
