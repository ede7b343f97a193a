"""Who gets which page of the house itself."""

from __future__ import annotations

from tests.access import ROLES, Row, cells

EVERYBODY = cells(ok=" ".join(ROLES))
LED_AWAY = cells(redirect=" ".join(ROLES))

ACCESS = {
    "healthz": Row(get=EVERYBODY),
    "readyz": Row(get=EVERYBODY, note="says which part does not answer, nothing else"),
    "robots": Row(get=EVERYBODY),
    "sitemap": Row(get=EVERYBODY, note="the files of the map of public pages"),
    "sitemap_section": Row(get=EVERYBODY, kwargs=lambda _world: {"section": "jobs"}),
    "home": Row(get=EVERYBODY),
    "start": Row(get=LED_AWAY, note="leads to where the reader's day begins"),
    "fees": Row(get=EVERYBODY),
    "ranking": Row(get=EVERYBODY),
    "guide_profile": Row(get=EVERYBODY),
    "guide_job": Row(get=EVERYBODY),
    "keyboard": Row(get=EVERYBODY),
    "keys": Row(post=LED_AWAY, data=lambda _world: {"keys": "off"}),
    "theme": Row(post=LED_AWAY, data=lambda _world: {"theme": "dark"}),
    "language": Row(post=LED_AWAY, data=lambda _world: {"language": "fr"}),
    "demo_clock": Row(
        get=cells(missing="*"),
        post=cells(missing="*"),
        data=lambda _world: {"step": "1h", "reason": "To see"},
        note="exists only while the demonstration clock is on, for staff; its own tests turn it on",
    ),
    "design": Row(get=EVERYBODY, note="of the embedded set-up; elsewhere only staff see it"),
}
