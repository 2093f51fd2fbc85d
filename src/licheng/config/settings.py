"""One process serves one site: LICHENG_SITE chooses its applications, addresses and people.

Every setting of the project is read here and documented in docs/settings.md.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.csp import CSP

from licheng.config import env

# -- which site ---------------------------------------------------------------------------------
SITE = env.choice("LICHENG_SITE", ("school", "archive", "all"))  # "all" is for tests and type checks only
PUBLIC_URL = env.text("LICHENG_PUBLIC_URL", "http://127.0.0.1:8000")
EMBEDDED = env.flag("LICHENG_EMBEDDED", default=False)  # both copies on one machine: said on the status page
ARCHIVE_URL = env.text("LICHENG_ARCHIVE_URL", "http://127.0.0.1:8100")

SITE_APPS = {
    "school": [
        "licheng.school.calendar",
        "licheng.school.people",
        "licheng.school.governance",
        "licheng.school.records",
        "licheng.school.outcomes",
        "licheng.school.activities",
        "licheng.school.uploads",
        "licheng.school.selection",
        "licheng.school.submission",
        "licheng.school.receipts",
        "licheng.school.insight",
        "licheng.school.frontdesk",
    ],
    "archive": ["licheng.archive.intake", "licheng.archive.holdings", "licheng.archive.receipts"],
}
SITE_APPS["all"] = SITE_APPS["school"] + SITE_APPS["archive"]
ACTOR_OF = {
    "school": "licheng.school.people.actors.actor_of",
    "archive": "licheng.archive.intake.actors.actor_of",
    "all": "licheng.school.people.actors.actor_of",
}[SITE]
NAVIGATION = {
    "school": "licheng.school.navigation.navigation",
    "archive": "licheng.archive.navigation.navigation",
    "all": "licheng.school.navigation.navigation",
}[SITE]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_cotton",
    "licheng.foundations.ui",
    "licheng.foundations.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "django_altcha_widget",
    "licheng.foundations.limits",
    "licheng.foundations.machines",
    "licheng.foundations.audit",
    "licheng.foundations.ledger",
    "licheng.foundations.custody",
    "django_ox",  # after custody, whose guard stands before the worker's command
    "licheng.foundations.files",
    "licheng.foundations.status",
    *SITE_APPS[SITE],
]

# -- where things are kept ----------------------------------------------------------------------
HOME = Path(env.text("LICHENG_HOME")).resolve()
COPY_ROOTS = tuple(  # folders, or http(s) addresses of copy agents
    place if "://" in place else Path(place)
    for place in env.words("LICHENG_COPIES", f"{HOME}/copy-a,{HOME}/copy-b")
)
COPY_AGENTS = Path(env.text("LICHENG_COPY_AGENTS", str(HOME / "keys" / "agents")))  # tokens and pinned keys
WITNESS_ROOT = Path(
    env.text("LICHENG_WITNESS", str(HOME / "witness"))
)  # what each volume was; never on a copy
RESERVE_BYTES = (
    env.number("LICHENG_RESERVE_MB", 64) * 2**20
)  # held back on every copy for the day a disk fills
THIRD_COPY = env.text("LICHENG_THIRD_COPY", "")  # s3://bucket?endpoint=…&lock_days=…; empty: none
THIRD_COPY_KEY = env.text("LICHENG_THIRD_COPY_KEY", "")
THIRD_COPY_SECRET = env.text("LICHENG_THIRD_COPY_SECRET", "")
UPLOADS_ROOT = HOME / "uploads"  # bytes on their way; nothing here is acknowledged
DERIVED_ROOT = HOME / "derived"  # pictures and cleaned versions: can all be made again
LEDGER_ROOT = HOME / "ledger"
KEYS_ROOT = Path(env.text("LICHENG_KEYS", str(HOME / "keys")))
PACKAGES_ROOT = HOME / "packages"
ARCHIVE_KEYS = Path(
    env.text("LICHENG_ARCHIVE_KEYS", str(KEYS_ROOT / "archive-keys.txt"))
)  # pinned, not fetched
ARCHIVE_TOKENS = Path(
    env.text("LICHENG_ARCHIVE_TOKENS", str(KEYS_ROOT / "archive-tokens"))
)  # one file a school


def database(url: str) -> dict[str, object]:
    """DATABASE_URL as Django wants it; a socket folder may stand in `?host=`."""
    parts = urlsplit(url)
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.get("host", parts.hostname or "")),
        "PORT": options.get("port", str(parts.port or "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"TEMPLATE": "template0"},
    }


SCANNER = env.text(
    "LICHENG_SCANNER", ""
)  # clamd: unix:/path or tcp:host:port; empty: files are "not scanned"
SCANNER_WAIT_SECONDS = env.number("LICHENG_SCANNER_WAIT_SECONDS", 3)  # then the upload goes on as "scanning"

DATABASES = {"default": database(env.text("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- the web --------------------------------------------------------------------------------------
FILES_URL = env.text("LICHENG_FILES_URL", "").rstrip(
    "/"
)  # another host name, without cookies, that gives people's files out
FILES_URLCONF = "licheng.config.urls_files"
FILES_LINK_SECONDS = 300
SECRET_KEY = env.text("LICHENG_SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.words("LICHENG_HOSTS", "127.0.0.1,localhost")
if FILES_URL and (FILES_HOST := urlsplit(FILES_URL).hostname) and FILES_HOST not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(FILES_HOST)
ROOT_URLCONF = f"licheng.config.urls_{'school' if SITE == 'all' else SITE}"
WSGI_APPLICATION = "licheng.config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "licheng.config.web.FilesHost",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "licheng.config.web.ChineseFirstLocale",
    "licheng.config.web.BodyLimit",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "licheng.config.web.PeopleOnly",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "licheng.config.web.RefusalsAsAnswers",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "licheng.foundations.ui.templatetags.licheng_ui",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "licheng.config.web.page_frame",
            ],
        },
    }
]
COTTON_DIR = "cotton"

HTTPS = PUBLIC_URL.startswith("https://")
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else f"session-{SITE}"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else f"csrf-{SITE}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 4
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "licheng.config.web.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:", *([FILES_URL] if FILES_URL else [])],
    "media-src": [CSP.SELF, "blob:", *([FILES_URL] if FILES_URL else [])],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # files go through foundations.files
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if SITE == "all"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000
FIT_DOCUMENT_BYTES = env.number("LICHENG_FIT_DOCUMENT_MB", 64) * 2**20  # own bounds: what may come in to be
FIT_MEDIA_BYTES = env.number("LICHENG_FIT_MEDIA_MB", 512) * 2**20  # fitted to the limit of the year
UPLOAD_KEPT_DAYS = env.number("LICHENG_UPLOAD_KEPT_DAYS", 7)
BODY_LIMIT_BYTES = 24 * 2**20  # the largest form is a roster of 20 MB

# -- people ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign_in"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_RATE_LIMITS = False  # licheng.foundations.limits counts, in one place for everything
PASSWORD_HASHERS = ["licheng.foundations.accounts.hashers.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# -- language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", "中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Taipei"

# -- work that waits ----------------------------------------------------------------------------------
# Custody's clocks, in seconds; the integrity page says what each found. Source: reliability report §6.5.
CUSTODY_EVERY = {"watch": 60, "scrub": 600, "compare": 3600, "sweep": 3600, "third": 300}
CUSTODY_CLOCK = "licheng.foundations.custody.tasks.run_clock"
SCHEDULES: dict[str, dict[str, object]] = {
    **{
        f"custody-{job}": {"task": CUSTODY_CLOCK, "kwargs": {"job": job}, "every": every}
        for job, every in CUSTODY_EVERY.items()
    },
    "forget-tasks": {"task": "licheng.foundations.custody.tasks.forget_tasks", "every": 86400},
    "scan-waiting": {"task": "licheng.foundations.files.tasks.scan_waiting", "every": 60},
}
if SITE != "archive":
    SCHEDULES["uploads-finish"] = {"task": "licheng.school.uploads.tasks.finish_left", "every": 300}
    SCHEDULES["uploads-sweep"] = {"task": "licheng.school.uploads.tasks.sweep", "every": 3600}
TASKS = {
    "default": {
        "BACKEND": "django_ox.backend.OxBackend",
        "QUEUES": ["default", "files", "custody", "submission", "intake"],
        "OPTIONS": {"SCHEDULES": SCHEDULES},
    }
}

# -- what is written down ------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"httpx": {"level": "WARNING"}},  # a line for every question to a copy agent says nothing
}
