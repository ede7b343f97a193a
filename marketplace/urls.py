"""Every address of the site: pages in both languages, and what machines ask."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps import views as sitemaps
from django.urls import include, path
from django.views.decorators.http import require_safe

from marketplace import views
from marketplace.health import healthz, readyz
from marketplace.indexing import SITEMAPS

APPS = (
    "accounts",
    "payments",
    "messaging",
    "profiles",
    "jobs",
    "proposals",
    "contracts",
    "notifications",
    "files",
    "taxonomy",
    "trust",
)

handler403, handler404 = views.denied, views.not_found

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("robots.txt", views.robots, name="robots"),
    path(
        "sitemap.xml",
        require_safe(sitemaps.index),
        {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap_section"},
        name="sitemap",
    ),
    path("sitemap-<section>.xml", require_safe(sitemaps.sitemap), {"sitemaps": SITEMAPS}, name="sitemap_section"),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("start/", views.start, name="start"),
        path("fees/", views.fees, name="fees"),
        path("ranking/", views.ranking, name="ranking"),
        path("guides/profile/", views.guide_profile, name="guide_profile"),
        path("guides/job-post/", views.guide_job, name="guide_job"),
        path("keyboard/", views.keyboard, name="keyboard"),
        path("keyboard/keys/", views.keys, name="keys"),
        path("theme/", views.theme, name="theme"),
        path("language/", views.language, name="language"),
        path("design/", views.design, name="design"),
        path("demo-clock/", views.demo_clock, name="demo_clock"),
        *(path("", include(f"{app}.urls")) for app in APPS),
        path("accounts/", include("accounts.urls.entrance")),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]
