"""Where every address begins. A room's addresses are in its own urls."""

from importlib.util import find_spec

from django.apps import apps
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

# A room opens its door by having a urls module; its addresses begin with its name.
PREFIXES = {
    "inbox": "",
    "ladders": "ladders/",
    "people": "people/",
    "reviews": "reviews/",
    "feedback": "feedback/",
    "calibration": "calibration/",
    "reports": "reports/",
    "demo": "demo/",
}
rooms = [
    path(prefix, include(f"apps.{label}.urls"))
    for label, prefix in PREFIXES.items()
    if apps.is_installed(f"apps.{label}") and find_spec(f"apps.{label}.urls")
]

urlpatterns = [
    path("", include("apps.core.urls")),
    # The address somebody signs in with is entered by HR; allauth's page to change it is closed.
    path(
        "accounts/email/",
        RedirectView.as_view(pattern_name="people:my_account"),
        name="no_email_change",
    ),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    *rooms,
]

handler400 = "apps.core.errors.bad_request"
handler403 = "apps.core.errors.forbidden"
handler404 = "apps.core.errors.not_found"
handler500 = "apps.core.errors.server_error"
handler429 = "apps.core.errors.too_many"  # asked for by allauth, not by Django
