"""Django's settings, read from the environment.

Reading this file changes nothing: it starts no server and writes no file. Without `DATABASE_URL` it describes the
embedded set-up of `marketplace/embedded.py`, where everything has a default; with it, whatever is missing or
contradicts itself is refused with a message that says what to set. `docs/operator/settings.md` lists the variables.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from core.product import BadProduct, Product, read
from core.registers import SAMPLE_VAT_NUMBER, is_vat_number_of
from marketplace.call_settings import call_problems, read_ice_servers
from marketplace.embedded import current
from marketplace.files_settings import clamd_problems, store_of, store_problems
from marketplace.stripe_settings import stripe_problems

django_stubs_ext.monkeypatch()  # lets forms and admin classes name their model at run time as in annotations

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
problems: list[str] = []


def needed(name: str, why: str, embedded: Any) -> str:
    """Return a variable that has a default in the embedded set-up only."""
    if name in os.environ and os.environ[name].strip():
        return os.environ[name].strip()
    if not EMBEDDED:
        problems.append(f"Set {name}: {why}")
        return ""
    return str(embedded() if callable(embedded) else embedded)


def flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no variable."""
    text = os.environ.get(name, "").strip().lower()
    if text in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return text in {"1", "true", "yes", "on"} if text else default
    problems.append(f"{name}={text!r} is neither yes nor no: write 1 or 0.")
    return default


def count(name: str, *, default: int) -> int:
    """Return a variable that is a whole number of zero or more."""
    text = os.environ.get(name, "").strip() or str(default)
    if text.isdecimal():
        return int(text)
    problems.append(f"{name}={text!r} is not a whole number.")
    return default


def stored_key() -> str:
    """Return the key that the launcher keeps; before its first start, one for this process only."""
    file = STACK.secret_key_file
    return file.read_text().strip() if file.exists() else secrets.token_urlsafe(50)


# The set-up

STACK = current()
EMBEDDED = not os.environ.get("DATABASE_URL", "").strip()
DEBUG = flag("DEBUG", default=False)
PAYMENT_GATEWAY = os.environ.get("PAYMENT_GATEWAY", "sandbox").strip()
DEMO_CLOCK = flag("DEMO_CLOCK", default=EMBEDDED and PAYMENT_GATEWAY == "sandbox")
SECRET_KEY = needed("SECRET_KEY", "a random text of 50 characters or more that nobody else knows.", stored_key)
BASE_URL = needed(
    "BASE_URL",
    "the public address of the site, such as https://jalon.example.",
    f"http://localhost:{os.environ.get('PORT', '8000')}",
).rstrip("/")
IS_SECURE = BASE_URL.startswith("https://")
HOST = urlsplit(BASE_URL).hostname or ""
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = [*filter(None, (HOST, *env.list("ALLOWED_HOSTS", default=[]))), *(LOCAL_HOSTS if EMBEDDED else ())]
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HOST else []

try:
    PRODUCT = read(os.environ)
except BadProduct as error:
    problems.append(str(error))
    PRODUCT = Product()
if EMBEDDED and not PRODUCT.operator_name:
    PRODUCT = replace(
        PRODUCT, operator_name="Jalon (sample operator)", operator_address="1 rue de l’Exemple, 75001 Paris"
    )
if not EMBEDDED and not PRODUCT.operator_name:
    problems.append("Set JALON_OPERATOR_NAME: it is printed on every invoice.")
if not EMBEDDED and not PRODUCT.operator_address:
    problems.append("Set JALON_OPERATOR_ADDRESS: it is printed on every invoice.")
if EMBEDDED and "JALON_OPERATOR_VAT_NUMBER" not in os.environ and PRODUCT.operator_country == "FR":
    PRODUCT = replace(PRODUCT, operator_vat_number=SAMPLE_VAT_NUMBER)
if PRODUCT.operator_vat_number and not is_vat_number_of(PRODUCT.operator_country, PRODUCT.operator_vat_number):
    problems.append(
        f"JALON_OPERATOR_VAT_NUMBER={PRODUCT.operator_vat_number!r} is not a VAT number of the country "
        f"JALON_OPERATOR_COUNTRY={PRODUCT.operator_country}: write it as on your invoices, such as FR40303265045."
    )
if not EMBEDDED and PRODUCT.operator_vat_number == SAMPLE_VAT_NUMBER:
    problems.append("JALON_OPERATOR_VAT_NUMBER is the sample of the embedded set-up: write your own, or nothing.")

if PAYMENT_GATEWAY not in {"sandbox", "stripe"}:
    problems.append(f"PAYMENT_GATEWAY={PAYMENT_GATEWAY!r} is not known: write `sandbox` or `stripe`.")
if DEMO_CLOCK and not (EMBEDDED and PAYMENT_GATEWAY == "sandbox"):
    problems.append(
        "DEMO_CLOCK moves deadlines and money: it works only in the embedded set-up with the sandbox. Unset it."
    )
if not EMBEDDED and DEBUG:
    problems.append("DEBUG shows code and settings to visitors: it works only in the embedded set-up. Unset it.")
if not EMBEDDED and BASE_URL and not IS_SECURE and HOST not in LOCAL_HOSTS:
    problems.append(f"BASE_URL={BASE_URL} must begin with https://: sessions and money need an encrypted connection.")
if not EMBEDDED and 0 < len(SECRET_KEY) < 50:
    problems.append("SECRET_KEY is too short: use 50 characters or more.")

# Stripe: read whatever the gateway is, so that cards and accounts of before a change of gateway still work

STRIPE_SECRET_KEY = os.environ.get("STRIPE_SECRET_KEY", "").strip()
STRIPE_PUBLISHABLE_KEY = os.environ.get("STRIPE_PUBLISHABLE_KEY", "").strip()
STRIPE_WEBHOOK_SECRETS: list[str] = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
STRIPE_CONNECT_WEBHOOK_SECRETS: list[str] = env.list("STRIPE_CONNECT_WEBHOOK_SECRETS", default=[])
STRIPE_THIN_WEBHOOK_SECRETS: list[str] = env.list("STRIPE_THIN_WEBHOOK_SECRETS", default=[])
STRIPE_ACCOUNTS = os.environ.get("STRIPE_ACCOUNTS", "v2").strip()
STRIPE_METHODS: list[str] = env.list("STRIPE_METHODS", default=["card", "sepa_debit"])
STRIPE_API_BASE = os.environ.get("STRIPE_API_BASE", "").strip().rstrip("/")
STRIPE_JS_URL = os.environ.get("STRIPE_JS_URL", "https://js.stripe.com/v3/").strip()
if PAYMENT_GATEWAY == "stripe":
    problems += stripe_problems(
        secret_key=STRIPE_SECRET_KEY,
        publishable_key=STRIPE_PUBLISHABLE_KEY,
        secrets={
            "STRIPE_WEBHOOK_SECRETS": STRIPE_WEBHOOK_SECRETS,
            "STRIPE_CONNECT_WEBHOOK_SECRETS": STRIPE_CONNECT_WEBHOOK_SECRETS,
            "STRIPE_THIN_WEBHOOK_SECRETS": STRIPE_THIN_WEBHOOK_SECRETS,
        },
        accounts=STRIPE_ACCOUNTS,
        methods=STRIPE_METHODS,
        api_base=STRIPE_API_BASE,
        js_url=STRIPE_JS_URL,
    )

# Calls: how the browsers of two people find each other; nothing set means that no third party hears of a call

try:
    ICE_SERVERS = read_ice_servers(os.environ.get("ICE_SERVERS", ""))
except ValueError as error:
    problems.append(str(error))
    ICE_SERVERS = []
TURN_URL: list[str] = env.list("TURN_URL", default=[])
TURN_SECRET = os.environ.get("TURN_SECRET", "").strip()
TURN_SECONDS = count("TURN_SECONDS", default=3600)
CALLS_RELAY_ONLY = flag("CALLS_RELAY_ONLY", default=False)
problems += call_problems(
    servers=ICE_SERVERS,
    turn_urls=TURN_URL,
    turn_secret=TURN_SECRET,
    turn_seconds=TURN_SECONDS,
    is_relay_only=CALLS_RELAY_ONLY,
)

# Applications

INSTALLED_APPS = [
    # Lower apps first: their clocks and handlers are registered, and so run, before those above them.
    "core",
    "ledger",
    "events",
    "taxonomy",
    "files",
    "accounts",
    "messaging",
    "payments",
    "profiles",
    "jobs",
    "proposals",
    "contracts",
    "disputes",
    "trust",
    "notifications",
    "marketplace",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_celery_beat",
    "django_cotton.apps.SimpleAppConfig",
    "django_countries",
    "django_htmx",
    "marketplace.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "core.middleware.RequestIdMiddleware",
    # Before all that can refuse a request: refusals are pages, too.
    "marketplace.middleware.BrowserPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "marketplace.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "marketplace.middleware.PageCompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ActorMiddleware",
    "accounts.middleware.ConsentMiddleware",
    "core.middleware.RefusalMiddleware",
    "marketplace.middleware.BodyLimitMiddleware",
    "files.middleware.UploadMiddleware",
]

ROOT_URLCONF = "marketplace.urls"
ASGI_APPLICATION = "marketplace.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOADERS = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": LOADERS if DEBUG else [("django.template.loaders.cached.Loader", LOADERS)],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "core.templatetags.jalon",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "marketplace.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CSRF_FAILURE_VIEW = "marketplace.views.csrf_failure"

# Database, cache, sessions, sockets

KEY_PREFIX = os.environ.get("JALON_KEY_PREFIX", "jalon")
DATABASE_POOL_SIZE = count("DATABASE_POOL_SIZE", default=0)
DATABASES: dict[str, dict[str, Any]] = {
    "default": (
        {"ENGINE": "django.db.backends.postgresql", "NAME": "app", "USER": "postgres", "HOST": str(STACK.sockets)}
        if EMBEDDED
        else env.db("DATABASE_URL")
    )
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    problems.append("DATABASE_URL must be a PostgreSQL address: postgres://user:password@host:5432/name.")
DATABASES["default"] |= {
    "CONN_MAX_AGE": 0,  # the pool keeps connections; one kept per thread would never be used again under ASGI
    "TEST": {"NAME": f"test_{os.environ.get('JALON_TEST_DB', 'jalon')}"},
}
if DATABASE_POOL_SIZE:
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": DATABASE_POOL_SIZE,
        "timeout": 20,
    }

REDIS_URL = needed(
    "REDIS_URL", "the address of Redis or Valkey, such as redis://host:6379/0.", f"unix://{STACK.valkey_socket}"
)
CACHES = {
    "default": {
        "BACKEND": "core.cache.ForgivingCache",
        "LOCATION": REDIS_URL or "redis://",
        "KEY_PREFIX": KEY_PREFIX,
        "OPTIONS": {"socket_timeout": 2},  # seconds: a server that hangs is one that is gone
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": f"{KEY_PREFIX}-sockets"},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# Celery: a task may come twice and a worker may die at any line, so tasks name a row and call one verb.

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "global_keyprefix": f"{KEY_PREFIX}-tasks:",
    "socket_connect_timeout": 5,
    "socket_timeout": 30,  # longer than a worker listens at a time: a broker that hangs is left, and asked anew
    "socket_keepalive": True,
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None  # there are none to clean away
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300  # below the visibility timeout: no task runs on while it is handed out again
CELERY_TASK_DEFAULT_QUEUE = "default"
#: What speaks with the payment provider runs here, also on workers of its own; clocks name their queue themselves.
CELERY_TASK_ROUTES = {"payments.tasks.*": {"queue": "payouts"}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

# People and sign-in

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # addresses are unique whatever their case, by a constraint Django does not read
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_SECURE else "http"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}  # each log-in asks twice
MFA_TOTP_ISSUER = PRODUCT.brand_name
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_TIMEOUT = 3600  # seconds between password and second factor, or sign-up and verification
ACCOUNT_RATE_LIMITS = {"confirm_email": "4/10m/key", "correct_address": "10/h/ip"}  # added to allauth's own
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignUpForm",
    "login": "accounts.forms.LogInForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "add_email": "accounts.forms.ChangeEmailForm",
}
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.ActivateTotpForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.RenamePasskeyForm",
    "authenticate_webauthn": "accounts.forms.PasskeyForm",
    "login_webauthn": "accounts.forms.LogInPasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyAgainForm",
}

# Mail: without a mail server, sent mail is read on the mailbox page

if EMBEDDED and not os.environ.get("EMAIL_URL"):
    EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
elif os.environ.get("EMAIL_URL"):
    vars().update(env.email_url("EMAIL_URL"))
else:
    problems.append("Set EMAIL_URL: the mail server, such as smtp+tls://user:password@host:587.")
DEFAULT_FROM_EMAIL = needed("DEFAULT_FROM_EMAIL", "the sender of the product's mails.", "Jalon <jalon@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
#: English days are written as the rest of the site writes them: 3 May 2026, never 05/03/2026.
FORMAT_MODULE_PATH = "marketplace.formats"
USE_TZ = True
TIME_ZONE = "UTC"

# Files

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_MANIFEST = flag("STATIC_MANIFEST", default=not EMBEDDED)
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or BASE_DIR / "var" / "static") if STATIC_MANIFEST else None
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
WHITENOISE_AUTOREFRESH = DEBUG
FILES_STORE_BUCKET = os.environ.get("FILES_STORE_BUCKET", "").strip()  # of S3 or what speaks like it; none: a folder
FILES_STORE_ENDPOINT = os.environ.get("FILES_STORE_ENDPOINT", "").strip().rstrip("/")
FILES_STORE_REGION = os.environ.get("FILES_STORE_REGION", "").strip()
FILES_STORE_ACCESS_KEY = os.environ.get("FILES_STORE_ACCESS_KEY", "").strip()
FILES_STORE_SECRET_KEY = os.environ.get("FILES_STORE_SECRET_KEY", "").strip()
FILES_STORE_PREFIX = os.environ.get("FILES_STORE_PREFIX", "").strip().strip("/")
FILES_STORE_LINKS = os.environ.get("FILES_STORE_LINKS", "redirect").strip()
problems += store_problems(
    bucket=FILES_STORE_BUCKET,
    endpoint=FILES_STORE_ENDPOINT,
    region=FILES_STORE_REGION,
    access_key=FILES_STORE_ACCESS_KEY,
    secret_key=FILES_STORE_SECRET_KEY,
    links=FILES_STORE_LINKS,
)
PRIVATE_FILES_ROOT = Path(
    os.environ.get("PRIVATE_FILES_ROOT", "").strip() or STACK.var / "files"
    if FILES_STORE_BUCKET
    else needed(
        "PRIVATE_FILES_ROOT",
        "the directory for people's files, outside of any web server's reach.",
        STACK.var / "files",
    )
)
STORAGES = {
    "default": store_of(
        bucket=FILES_STORE_BUCKET,
        endpoint=FILES_STORE_ENDPOINT,
        region=FILES_STORE_REGION,
        access_key=FILES_STORE_ACCESS_KEY,
        secret_key=FILES_STORE_SECRET_KEY,
        prefix=FILES_STORE_PREFIX,
    )
    if FILES_STORE_BUCKET
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(PRIVATE_FILES_ROOT)},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
#: A text of a million signs, in whatever writing, reaches the form that says that it is too long.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FILES = PRODUCT.files_per_form * 2
FILE_UPLOAD_HANDLERS = [
    "files.uploads.LimitedUploadHandler",  # first: drops what is too large while it arrives
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CLAMD_URL = os.environ.get("CLAMD_URL", "").strip()  # of ClamAV's daemon, which then scans every upload
problems += clamd_problems(CLAMD_URL)
#: The dotted path of a files.gateway.Scanner; none: no scan.
FILES_SCANNER = os.environ.get("FILES_SCANNER", "").strip() or ("files.clamd.ClamdScanner" if CLAMD_URL else "")
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# What browsers are told

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": IS_SECURE,
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = IS_SECURE
if flag("PROXY_SETS_SCHEME", default=False):  # for WSGI servers; uvicorn reads the header itself, of proxies it trusts
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by machines behind the proxy
SECURE_HSTS_SECONDS = 63_072_000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_SECURE
SECURE_HSTS_PRELOAD = IS_SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_NAME = "__Host-session" if IS_SECURE else "jalon_session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_SECURE else "jalon_csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"

# Logs

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "marketplace.logs.RequestIdFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {request_id} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "loggers": {"django.request": {"level": "ERROR"}},  # a page that does not exist is no news
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING" if EMBEDDED else "INFO")},
}

if problems:
    raise ImproperlyConfigured("Jalon cannot start with these settings:\n- " + "\n- ".join(problems))
