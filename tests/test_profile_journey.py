"""A freelancer's way to a public profile, clicked: with a photo cropped by keyboard, and after a refusal on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from PIL import Image

from accounts.tests.cast import Person, make_freelancer, make_staff
from core.clock import now
from files.gateway import store
from profiles.actions import request_profile_changes, submit_profile
from profiles.models import Profile
from profiles.queries import completeness
from profiles.tests.cast import make_profile
from tests.browser import MARKS, Visitor, in_browser, outside, site, violations
from tests.test_journey import OVERVIEW, settle, sign_in, sign_up

__all__ = ["in_browser", "outside", "site"]  # fixtures

pytestmark = [*MARKS]
#: More presses than any page has places to go to.
MOST_TABS = 200


def tab_to(visitor: Visitor, selector: str) -> None:
    """Press the tab key until the focus is there."""
    for _press in range(MOST_TABS):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no way to {selector} by keyboard")


def halves(path: Path) -> Path:
    """Write a photo whose left half is red and whose right half is blue, lying on its side as a camera wrote it."""
    picture = Image.new("RGB", (400, 800), "blue")
    picture.paste("red", (0, 400, 400, 800))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(path, format="JPEG", exif=exif)
    return path


def decide(staff: Visitor, name: str) -> None:
    """Approve the profile of a freelancer in the administration."""
    staff.open("/admin/profiles/profile/")
    staff.press(f'#result_list a:has-text("{name}")')
    staff.press('form[action*="approve"] input[type=submit]')


def test_from_sign_up_to_a_complete_public_profile(
    site: str, in_browser: Any, outside: Any, settings: Any, tmp_path: Path
) -> None:
    settings.DEMO_CLOCK = settings.EMBEDDED = True
    settings.EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
    settings.BASE_URL = site
    make_staff("Maya", "moderator")
    photo = halves(tmp_path / "me.jpg")

    def go(browser: Any) -> list[str]:
        bob, maya = Visitor(browser, site), Visitor(browser, site)
        sign_up(bob, "freelancer", "Bob")
        bob.open("/profile/")
        bob.fill(title="Designer of booking pages", overview=OVERVIEW, skills="Django, PostgreSQL", hourly_rate="60")
        bob.choose(category="web-development")
        bob.tick("level", "expert")
        bob.attach("photo", photo)
        bob.page.wait_for_selector("[data-crop]:not([hidden]) canvas")
        bob.page.focus('input[name="photo"]')
        tab_to(bob, 'input[name="photo_across"]')
        bob.page.keyboard.press("Home")
        assert violations(bob.page) == []
        bob.press("main form .btn--lg:not([name=submit])")
        bob.page.check('input[name="specialities"] >> nth=0')
        bob.press("main form .btn--lg:not([name=submit])")
        for section, values in (("employment", {"heading": "Designer", "organisation": "Rivage"}), ("languages", {})):
            bob.page.click(f'#{section} a[href*="/add/"]')
            bob.page.wait_for_selector(f'#{section} form[action*="/{section}/add/"]')
            bob.fill(**values)
            if section == "languages":
                bob.page.select_option("#languages select", "fr")
                bob.page.check('#languages input[value="native"]')
            bob.send(f"#{section} .btn--primary")
        bob.press("button[name=submit]")
        assert bob.sees("In review.")
        sign_in(maya, "maya@example.com", "/admin/")
        decide(maya, "Bob")
        bob.open("/profile/")
        assert bob.sees("Approved.")
        bob.close()
        maya.close()
        return [*bob.complaints, *maya.complaints]

    assert in_browser(go) == []
    profile = outside(lambda: Profile.objects.select_related("photo").get())
    assert (profile.status, outside(lambda: completeness(profile).percent)) == ("approved", 100)
    with store().open(profile.photo.path) as kept, Image.open(kept) as picture:
        red, _green, blue = cast("tuple[int, int, int]", picture.getpixel((400, 256)))
        assert (picture.size, dict(picture.getexif()), red > 200, blue < 60) == ((512, 512), {}, True, True)


def _refused() -> Person:
    bob, maya = make_freelancer("Bob", language="fr"), make_staff("Maya", "moderator", email="maya@example.com")
    profile = make_profile(bob)
    submit_profile(profile_id=profile.pk, by=bob.actor, at=now())
    request_profile_changes(
        profile_id=profile.pk,
        seen_version=Profile.objects.get(pk=profile.pk).version,
        points=["title", "certificates"],
        note="Dites ce que vous faites.",
        by=maya.actor,
        at=now(),
    )
    return bob


def test_a_refused_profile_is_mended_by_keyboard_on_a_phone_in_french(
    site: str, in_browser: Any, outside: Any, settings: Any
) -> None:
    settings.BASE_URL = site
    outside(_refused)

    def go(browser: Any) -> list[str]:
        bob, maya = Visitor(browser, site, "fr", width=390), Visitor(browser, site, "fr")
        sign_in(bob, "bob@example.com", "/profile/")
        assert bob.sees("Dites ce que vous faites.")
        points = bob.page.eval_on_selector_all(
            ".notice--warn li a", "links => links.map(link => link.getAttribute('href').split('#')[1])"
        )
        assert points == ["title", "certificates"]
        assert violations(bob.page) == []
        tab_to(bob, 'input[name="title"]')
        bob.page.keyboard.press("Control+A")
        bob.page.keyboard.type("Conceptrice de pages de réservation")
        tab_to(bob, "button[name=submit]")
        with bob.page.expect_navigation():
            bob.page.keyboard.press("Enter")
        assert bob.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sign_in(maya, "maya@example.com", "/admin/")
        decide(maya, "Bob")
        outside(settle)
        bob.open("/profile/")
        assert bob.sees("Approuvé")
        bob.close()
        maya.close()
        return [*bob.complaints, *maya.complaints]

    assert in_browser(go) == []
    profile = outside(Profile.objects.get)
    assert (profile.status, profile.title) == ("approved", "Conceptrice de pages de réservation")
