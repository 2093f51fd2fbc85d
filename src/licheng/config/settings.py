"""One process serves one site: LICHENG_SITE chooses its applications, addresses and people.

Every setting of the project is read here and documented in docs/settings.md.
"""

from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.csp import CSP

from licheng.config import clocks, env, kept, logs, sites
from licheng.config.database import database

# -- which site ---------------------------------------------------------------------------------
SITE = env.choice("LICHENG_SITE", (*sites.SITES, "all"))  # "all" is for tests and type checks only
PUBLIC_URL = env.text("LICHENG_PUBLIC_URL", "http://127.0.0.1:8000")
EMBEDDED = env.flag("LICHENG_EMBEDDED", default=False)  # both copies on one machine: said on the status page
ARCHIVE_URL = env.text("LICHENG_ARCHIVE_URL", "http://127.0.0.1:8100")
COURSEPLANS_URL = env.text("LICHENG_COURSEPLANS_URL", "").rstrip("/")  # empty: no course-plan platform

PARTS = sites.site_parts(SITE)
ACTOR_OF, NAVIGATION, MAY_ENTER = PARTS.actor_of, PARTS.navigation, PARTS.may_enter
TAKES_FILES = PARTS.takes_files
OFFICE = PARTS.office
ENTER_SCHOOL = PARTS.enter_school  # where a request stands behind the fence between schools

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_cotton",
    "licheng.foundations.ui",
    "licheng.foundations.fence",
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
    *PARTS.apps,
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
ROSTERS_ROOT = HOME / "rosters"  # rosters while they are read; each goes as soon as it was
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


# Where a new connection stands behind the fence between schools: that of the web nowhere (config/wsgi.py).
STANDS = "" if env.flag("LICHENG_STARTS_NOWHERE", default=False) else "everywhere"

SCANNER = env.text(
    "LICHENG_SCANNER", ""
)  # clamd: unix:/path or tcp:host:port; empty: files are "not scanned"
SCANNER_WAIT_SECONDS = env.number("LICHENG_SCANNER_WAIT_SECONDS", 3)  # then the upload goes on as "scanning"

# The application asks as a role that the fence holds; `migrate` alone asks as the owner of the tables.
DATABASE_URL = env.text("DATABASE_URL")
OWNER_DATABASE_URL = env.text("LICHENG_OWNER_DATABASE_URL", "")
APPLICATION_ROLE = unquote(urlsplit(DATABASE_URL).username or "") if OWNER_DATABASE_URL else ""
AS_OWNER = env.flag("LICHENG_AS_OWNER", default=False)
DATABASES = {"default": database((OWNER_DATABASE_URL if AS_OWNER else "") or DATABASE_URL, STANDS)}
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
ROOT_URLCONF = PARTS.urls
WSGI_APPLICATION = "licheng.config.wsgi.application"
MIDDLEWARE = [
    "licheng.config.headers.BehindProxy",
    "licheng.config.logs.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "licheng.config.web.FilesHost",
    "licheng.config.headers.Isolation",
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
    "licheng.foundations.machines.bearer.NoteUse",
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
SESSION_ENGINE = "licheng.foundations.accounts.session_store"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else f"session-{SITE}"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else f"csrf-{SITE}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "licheng.config.web.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
BEHIND_PROXY = env.flag("LICHENG_BEHIND_PROXY", default=False)  # it sets X-Forwarded-For and -Proto itself
OWN_TLS = env.flag("LICHENG_OWN_TLS", default=False)  # the web server of this process holds the certificate
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = (
    "Lax"  # Strict would sign out whoever follows a link in a mail
)
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
# Own bounds. An API's bodies are held whole, but for packages, which come as resumable uploads and are read
# in pieces, and for forms with files, which are written to the disk: these go by the bound of pages' forms.
API_BODY_LIMIT_BYTES = 2**20
BODY_LIMIT_BYTES = 24 * 2**20  # the largest form is a roster of 20 MB, from a page or a program

# -- people ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign_in"
SOCIALACCOUNT_ADAPTER = "licheng.foundations.accounts.oidc.speaking.SocialAdapter"
# Accounts of another organisation; without issuer not offered. Source of addresses: domain.md §2.15.
OIDC_ISSUER = env.text("LICHENG_OIDC_ISSUER", "").rstrip("/")
OIDC_CLIENT_ID = env.text("LICHENG_OIDC_CLIENT_ID", "")
OIDC_SECRET_FILE = env.text("LICHENG_OIDC_SECRET_FILE", "")
OIDC_EDUINFO_URL = env.text(
    "LICHENG_OIDC_EDUINFO_URL", f"{OIDC_ISSUER}/moeresource/api/v1/oidc/eduinfo" if OIDC_ISSUER else ""
)
OIDC_SCOPES = env.words("LICHENG_OIDC_SCOPES", "openid,profile,openid2,eduinfo")
OIDC_TRUSTED_ACR = env.words("LICHENG_OIDC_TRUSTED_ACR", "")  # values that count as a second factor
LOGIN_REDIRECT_URL = "home"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "licheng.foundations.accounts.backends.PeopleBackend",
]
ACCOUNT_ADAPTER = "licheng.foundations.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"  # the gate asks for it, so that an account without any address can be
ACCOUNT_UNIQUE_EMAIL = False  # brothers and sisters may share their parents' address
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
STAFF_SESSION_MINUTES = env.number("LICHENG_STAFF_SESSION_MINUTES", 30)  # own bounds, as are the next two
DEPUTY_DAYS = env.number("LICHENG_DEPUTY_DAYS", 60)
GRANT_DAYS = env.number("LICHENG_GRANT_DAYS", 366)
STEP_UP_SECONDS = env.number("LICHENG_STEP_UP_MINUTES", 10) * 60  # own bound
MFA_ADAPTER = "licheng.foundations.accounts.mfa.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # steps of 30 s either way. Source: RFC 6238 §5.2
MFA_RECOVERY_CODE_DIGITS = 10
PASSKEYS_MOST = 10  # own bounds, as the two below
FACTOR_TRIES = 5
FACTOR_TRIES_SECONDS = 15 * 60
PASSKEY_ASKS = 3_000  # of one address in the same time: a whole school may stand behind it
ACCOUNT_RATE_LIMITS = False  # licheng.foundations.limits counts, in one place for everything
# Source of 5 in 15 minutes: reliability report A9. Unknown devices share the account's count, a known one has
# its own.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "licheng.foundations.accounts.lockout.attempt_key"
AXES_CLIENT_IP_CALLABLE = "licheng.foundations.accounts.lockout.address"
AXES_SENSITIVE_PARAMETERS = ["username", "school", "account", "password", "proof", "next"]
AXES_SENSITIVE_PARAMETERS += ["csrfmiddlewaretoken"]
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = [
    "axes.W002",  # the sign-in page answers the locked out itself, in words
    "axes.W006",  # addresses are counted apart: a whole school stands behind one
]
SIGN_INS_KEPT_DAYS = 30  # failed sign-ins, for those who look into an attack
SESSION_LIMITS = {  # own bounds, following OWASP ASVS 7.3 for data of this kind
    "others": {
        "idle_seconds": env.number("LICHENG_IDLE_MINUTES", 60) * 60,
        "absolute_seconds": env.number("LICHENG_SESSION_HOURS", 12) * 3600,
    },
    "staff": {
        "idle_seconds": env.number("LICHENG_STAFF_IDLE_MINUTES", 30) * 60,
        "absolute_seconds": env.number("LICHENG_STAFF_SESSION_HOURS", 9) * 3600,
    },
}
SESSION_COOKIE_AGE = max(limits["absolute_seconds"] for limits in SESSION_LIMITS.values())
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else f"device-{SITE}"
PASSWORD_RESET_TIMEOUT = 30 * 60
ALTCHA_HMAC_KEY = blake2b(SECRET_KEY.encode(), person=b"licheng-proof").hexdigest()
PASSWORD_HASHERS = ["licheng.foundations.accounts.hashers.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"licheng.foundations.accounts.password_rules.{rule}"}
    for rule in ("Length", "NotListed", "NotPredictable", "NotAboutYou")
]
ENROLMENT_CODE_DAYS = env.number("LICHENG_ENROLMENT_CODE_DAYS", 60)  # own bound

# -- mail ------------------------------------------------------------------------------------------
MAIL_ROOT = HOME / "mail"  # letters as files, while no mail server is named
MAIL_FROM_HOST = urlsplit(PUBLIC_URL).hostname or "localhost"
DEFAULT_FROM_EMAIL = env.text(
    "LICHENG_MAIL_FROM", f"noreply@{'localhost' if MAIL_FROM_HOST == '127.0.0.1' else MAIL_FROM_HOST}"
)
LICHENG_MAIL = env.text("LICHENG_MAIL", "")  # smtps://user:password@host:465; empty: files
MAILERS = {"default": env.mailer(LICHENG_MAIL, MAIL_ROOT)}

# -- how long ------------------------------------------------------------------------------------------
# Own, provisional periods for `manage.py retain`: docs/sources/retention.md.
KEEP_STUDENTS_YEARS = env.number("LICHENG_KEEP_STUDENTS_YEARS", 10)
KEEP_STAFF_YEARS = env.number("LICHENG_KEEP_STAFF_YEARS", 10)
KEEP_DAYS = env.number("LICHENG_KEEP_DAYS", 365)
ROSTER_KEPT_DAYS = env.number("LICHENG_ROSTER_KEPT_DAYS", 14)
ROSTER_UNDO_DAYS = env.number("LICHENG_ROSTER_UNDO_DAYS", 60)
KEPT_KINDS = kept.KINDS[SITE]
KEPT_OF_PERSONS = kept.PARTS[SITE]

# -- language and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", "中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Taipei"

# -- work that waits ----------------------------------------------------------------------------------
CUSTODY_EVERY = clocks.CUSTODY_EVERY
SCHEDULES = clocks.schedules(has_schools=bool(ENTER_SCHOOL))
TASKS = {
    "default": {
        "BACKEND": "django_ox.backend.OxBackend",
        "QUEUES": ["default", "mail", "files", "custody", "submission", "intake", "rosters"],
        "OPTIONS": {"SCHEDULES": SCHEDULES},
    }
}

# -- what is written down ------------------------------------------------------------------------------
LOG_REQUESTS = env.flag("LICHENG_LOG_REQUESTS", default=True)
logs.configure()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": logs.formatter(env.choice("LICHENG_LOG", ("json", "text"), "json"))},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        **{name: {"level": "WARNING"} for name in ("httpx", "pikepdf")},  # their lines say nothing of use
        "axes": {"level": "ERROR"},  # its lines name accounts and addresses; the audit has the ids
    },
}
