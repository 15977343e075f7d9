"""Every setting of the house, in one file; what differs between machines comes from the environment.

README.md lists the variables. Three ways of running are told apart here and nowhere else: DEMO
(a made-up company on this machine), DEBUG (development), and neither: production, which refuses
to start on a setting that would expose people (apps/core/checks.py).
"""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.logging import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")  # the process environment wins over the file

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
LOCAL = DEBUG or DEMO

INSECURE_SECRET_KEY = "insecure-only-for-the-demo-and-for-development"  # noqa: S105  refused below
SECRET_KEY = env.str("SECRET_KEY", default=INSECURE_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if SECRET_KEY == INSECURE_SECRET_KEY and not LOCAL:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Give it 50 random characters, or set DEBUG=true for development."
    )

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How many proxies of our own stand in front; they alone are believed about addresses and https.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

ROOT_URLCONF = "config.urls"
# WSGI_APPLICATION stays unset: config.wsgi is the production door, and runserver is not production.

# --- The rooms of the house -----------------------------------------------------------------------

HOUSE = [
    "apps.core",
    "apps.ladders",
    "apps.people",
    "apps.reviews",
    "apps.feedback",
    "apps.calibration",
    "apps.inbox",
    "apps.reports",
]
if DEMO:
    HOUSE.append("apps.demo")

INSTALLED_APPS = [
    *reversed(
        HOUSE
    ),  # upper rooms first, so that a command of the demo may stand before a lower one
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "django_filters",
    "django_htmx",
    "heroicons",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "apps.core.probes.probes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.middleware.request_log",  # gives the request its id, so everything below can be traced
    "apps.core.middleware.security_headers",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.core.held.held",  # before the next one sends a stranger away, and with them what they typed
    # Nothing is open to a stranger unless its view says @login_not_required.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.middleware.viewer",
    "apps.core.middleware.time_zone",
    "apps.core.middleware.no_store",
    "apps.core.middleware.numbers",
    "apps.core.middleware.refusals",
]

# core learns who is asking through this path, so that it needs to know no HR noun.
VIEWER_FACTORY = "apps.people.viewers.viewer_of"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["apps.core.templatetags.forms"],  # csrf_token says whose form it is
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.core.context.house",
                "config.navigation.frame",
                *(["apps.demo.context.ribbon"] if DEMO else []),
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "rungs"
CRISPY_FAIL_SILENTLY = not DEBUG

# --- Where things are kept ------------------------------------------------------------------------

VAR_DIR.mkdir(exist_ok=True)
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'rungs.sqlite3'}")}
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    # FULL, because saved means on disk: in WAL mode NORMAL may lose the last saves when the power goes.
    # Without these, 314 of 600 read-then-write transactions of 4 processes failed "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA mmap_size=134217728;"
            "PRAGMA cache_size=-20000;PRAGMA journal_size_limit=67108864;"
        ),
    }
else:
    # A database that was restarted costs nobody an error page: a connection is looked at before it is lent.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # One pool per process: processes x DATABASE_POOL_SIZE must fit PostgreSQL's max_connections.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        pool={"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", default=8), "timeout": 10}
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis is both cache and broker. Without it the same code runs in one process, on memory.
REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "rungs"}
}

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.str("FILES_DIR", default=str(VAR_DIR / "files"))},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "static/"
STATIC_ROOT = (
    None if LOCAL else BASE_DIR / "staticfiles"
)  # locally, files are served from where they lie
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
LADDERS_DIR = BASE_DIR / "ladders"

# --- Signing in -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
# One way in: allauth's backend, with the person loaded in the same query and leavers shut out.
AUTHENTICATION_BACKENDS = ["apps.people.backend.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if find_spec("apps.people.adapter"):  # accounts are opened by HR, so sign-up is closed there
    ACCOUNT_ADAPTER = "apps.people.adapter.Adapter"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # people are entered by HR, so their address is known to be theirs
)
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True  # a sign-in lasts SESSION_HOURS, a working day, for everybody
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,5/15m/key",
    "reset_password": "20/m/ip,5/15m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Rungs"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL
USERSESSIONS_TRACK_ACTIVITY = False  # PRIVACY: "last active" is never kept
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# --- What a browser is told -----------------------------------------------------------------------

SECURE = not LOCAL
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=SECURE)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if SECURE else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE and env.bool(
    "HSTS_SUBDOMAINS", default=True
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "apps.core.sessions"  # a fixed end: neither autosave nor anything else prolongs it
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
ACCOUNT_SESSION_COOKIE_AGE = SESSION_COOKIE_AGE  # allauth's own would be three weeks
CSRF_FAILURE_VIEW = "apps.core.held.csrf_failure"
# A browser accepts a __Host- cookie only over https, for this host alone, for the whole site.
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "rungs_session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "rungs_csrf"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), "
    "payment=(), usb=(), browsing-topics=(), publickey-credentials-get=(self)"
)

# --- Words and times ------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# --- Mail -----------------------------------------------------------------------------------------

# A visitor of the demo reads no console: mails lie as files, one each.
MAIL_HERE = f"filemail:///{VAR_DIR / 'mail'}" if DEMO else "consolemail://"
vars().update(env.email_url("EMAIL_URL", default=MAIL_HERE))
EMAIL_TIMEOUT = 20
MAIL_DOMAIN = urlsplit(SITE_URL).hostname or "localhost"  # the right half of a Message-ID
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Rungs <rungs@localhost>")

# --- Background work: the database decides, the broker wakes ---------------------------------------

CELERY_BROKER_URL = REDIS_URL or "memory://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 1800,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,  # the defaults brought a killed worker's task back after 106 s
        "socket_timeout": 30,
        "socket_keepalive": True,
    }
    if REDIS_URL
    else {"polling_interval": 0.05}  # the default of 1 s ran 118 of 200 tasks in a minute
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = 600, 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1 if REDIS_URL else 4
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"  # business time is never in a crontab: due rows say their own instant
CELERY_BEAT_SCHEDULER = "apps.core.beat.LockedScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
hourly = {"schedule": 3600.0, "options": {"expires": 3500}}
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "core.tick", "schedule": 60.0, "options": {"expires": 55}},
    # Tidying: whoever has left is out at their next request, whether or not this has run.
    "leavers": {"task": "people.close_accounts", **hourly},
    "sign-ins": {"task": "people.forget_sign_ins", **hourly},
    "plan-messages": {
        "task": "inbox.plan_messages",
        "schedule": 30.0 if DEMO else 300.0,
        "options": {"expires": 240},
    },
    "send-due-messages": {
        "task": "inbox.send_due_messages",
        "schedule": 15.0 if DEMO else 60.0,
        "options": {"expires": 55},
    },
    "turn-phases": {"task": "reviews.turn_phases", "schedule": 60.0, "options": {"expires": 55}},
    "turn-feedback": {"task": "feedback.turn", "schedule": 60.0, "options": {"expires": 55}},
    "forget-drafts": {"task": "feedback.forget_drafts", **hourly},
    "clean-exports": {"task": "reports.clean_exports", **hourly},
    "resume-exports": {
        "task": "reports.resume_exports",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
}
# A beat is late when no tick was written for this long; /readyz says so.
BEAT_LATE_AFTER_SECONDS = 300

# --- The API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.people.api_auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.AnonRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"user": "300/minute", "anon": "60/minute", "export": "5/hour"},
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
    "EXCEPTION_HANDLER": "config.api.problem",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Rungs",
    "DESCRIPTION": "Performance reviews on your own career ladder. Errors follow RFC 9457.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],  # the schema touches no database
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.document_problems",
    ],
    "ENUM_NAME_OVERRIDES": {"ReviewStateEnum": "apps.reviews.states.ReviewState"},
}

# --- Refusals and logs ----------------------------------------------------------------------------

# No real company has this domain (RFC 2606): an account that has it marks a database as a demo's.
DEMO_EMAIL_DOMAIN = "fjordline.example"
LOGGING_CONFIG = None  # config/logging.py configures structlog and the standard library together
logging_config(level=env.str("LOG_LEVEL", default="INFO"), readable=LOCAL)
