"""The pages of the forum as the journeys use them, found by role and label, in the language of the reader.

What lives here: `Reader` (one person in one browser profile) and what such a person does on the pages. The journeys
tell who does what, and what must come of it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import Locator, Page, Response, expect

from tests.journeys.conftest import PASSWORD, SIZES, Setting
from tests.journeys.stories import Story
from tests.journeys.words import Words
from tests.look.engines import axe

IDENTITY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_examined: set[Any] = set()  # pages that axe has seen in a setting: once is enough


def starting(text: str) -> re.Pattern[str]:
    """A label: the text, with a mark such as "(optional)" or a language behind it."""
    return re.compile(rf"^\s*{re.escape(text)}\s*(\(.*)?([A-Z]{{2}}\s*)?$")


class Reader:
    """One person at the forum: a page of their own, reading in one language."""

    def __init__(self, page: Page, setting: Setting, scheme: str = "") -> None:
        self.page = page
        self.scheme = scheme
        self.setting = setting
        self.words = Words(setting.lang)
        self.main = page.get_by_role("main")

    # --- walking -------------------------------------------------------------------------------------------------

    def go(self, path: str, status: int = 200) -> Response:
        """Open a page by its address and look at it."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path} answered {answer.status}"
        self.look()
        return answer

    def look(self) -> None:
        """What holds on every page: its language, one heading, nothing wider than the window, nothing for axe."""
        page = self.page
        page.wait_for_load_state()
        assert page.locator("html").get_attribute("lang") == self.setting.lang
        assert page.get_by_role("heading", level=1).count() == 1, page.url
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[self.setting.size]["width"], f"{page.url} is {width} px wide"
        seen = (
            self.setting,
            self.scheme,
            IDENTITY.sub("*", urlsplit(page.url).path),
            IDENTITY.sub("*", page.title()),
        )
        if self.setting.scripts and seen not in _examined:
            _examined.add(seen)
            found = axe(page, page.url)
            assert not found, "\n".join(map(str, found))

    def find(self, kind: str, title: str) -> str:
        """Find a published listing by its title in the list of its kind and open it; returns its path."""
        self.go(f"/{kind}?q={quote(title)}")
        self.main.get_by_role("link", name=title, exact=True).first.click()
        self.look()
        return urlsplit(self.page.url).path

    def menu(self, text: str) -> None:
        """Follow an entry of the main menu, opening it first where it is folded."""
        summary = self.page.locator(".pm-menu > summary")
        entry = self.page.get_by_role("navigation", name=self.words("Main"), exact=True).get_by_role(
            "link", name=re.compile(rf"^{re.escape(self.words(text))}(\s|$)")
        )
        if summary.is_visible() and not entry.is_visible():
            summary.click()
        entry.click()
        self.look()

    def link(self, text: str, within: Locator | None = None, **values: Any) -> None:
        (within or self.main).get_by_role("link", name=self.words(text, **values)).first.click()
        self.look()

    def press(self, text: str, within: Locator | None = None) -> None:
        """Press a button of the main part and look at what comes."""
        (within or self.main).get_by_role("button", name=self.words(text), exact=True).first.click()
        self.look()

    def unfold(self, text: str, within: Locator | None = None) -> None:
        """Open a folded part, unless it is open."""
        part = (
            (within or self.page.locator("body"))
            .locator("details")
            .filter(has=self.page.locator("summary").get_by_text(self.words(text), exact=True))
        )
        if part.last.get_attribute("open") is None:
            part.last.locator("summary").first.click()

    def reads(self, text: str, **values: Any) -> None:
        """The page says this, in the reader's language."""
        expect(self.main.get_by_text(self.words(text, **values)).first).to_be_visible()

    def heading(self, text: str, **values: Any) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(self.words(text, **values))

    # --- account -------------------------------------------------------------------------------------------------

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.page.goto(f"/login?lang={self.setting.lang}")
        self.page.get_by_label(self.words("E-mail"), exact=True).fill(email)
        self.page.get_by_label(self.words("Password"), exact=True).fill(password)
        self.main.get_by_role("button", name=self.words("Sign in"), exact=True).click()
        expect(self.page.get_by_role("button", name=self.words("Sign out"))).to_be_visible()
        self.look()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name=self.words("Sign out")).click()
        expect(
            self.page.get_by_role("banner").get_by_role("link", name=self.words("Sign in"))
        ).to_be_visible()

    # --- forms ---------------------------------------------------------------------------------------------------

    def field(self, label: str, within: Locator | None = None) -> Locator:
        return (within or self.main).get_by_label(starting(self.words(label)))

    def fill(self, label: str, text: str, within: Locator | None = None) -> None:
        self.field(label, within).fill(text)

    def group(self, legend: str) -> Locator:
        """A group of choices or fields by its legend."""
        return self.main.locator("fieldset").filter(
            has=self.page.locator("legend").get_by_text(starting(self.words(legend)))
        )

    def choose(self, legend: str, choice: str) -> None:
        self.group(legend).get_by_role("radio", name=choice, exact=True).check()

    def tick(self, legend: str, choices: list[str]) -> None:
        for choice in choices:
            self.group(legend).get_by_role("checkbox", name=choice, exact=True).check()

    def tick_sector(self, code: str) -> None:
        """Sub-sectors lie folded under their sector."""
        parent = (
            self.group("Sectors")
            .locator("details")
            .filter(has=self.page.locator("summary").get_by_text(self.words.sector(code.split(".")[0])))
        )
        if parent.get_attribute("open") is None:
            parent.locator("summary").click()
        parent.get_by_role("checkbox", name=self.words.sector(code), exact=True).check()

    def fill_story(self, story: Story) -> None:
        """Fill the form of a need or of a capability, all of it on one page."""
        for label, text in {**story.texts, **story.numbers, **story.days}.items():
            self.fill(label, text)
        for legend, (vocabulary, code) in story.radios.items():
            self.choose(legend, self.words.term(vocabulary, code))
        for legend, (vocabulary, codes) in story.checks.items():
            self.tick(legend, [self.words.term(vocabulary, code) for code in codes])
        for code in story.sectors:
            self.tick_sector(code)
        self.fill(*story.money)

    def holds_story(self, story: Story) -> None:
        """Everything typed still stands in the form."""
        for label, text in story.texts.items():
            expect(self.field(label)).to_have_value(text)
        for legend, (vocabulary, codes) in story.checks.items():
            for code in codes:
                box = self.group(legend).get_by_role(
                    "checkbox", name=self.words.term(vocabulary, code), exact=True
                )
                expect(box).to_be_checked()

    def send(self) -> None:
        """Save the form and send it; where something is like it already, send it all the same."""
        self.press("Save and send for review")
        if self.page.url.endswith("/before-sending"):
            self.heading("Before you send")
            self.press("Send it all the same")
        self.reads("Sent to the forum. A moderator reads it and answers here.")

    # --- the moderator's hands -----------------------------------------------------------------------------------

    def take_listing(self, title: str) -> None:
        """Take a listing from the review queue in hand."""
        self.go("/review/listings")
        self.main.get_by_role("link", name=title).first.click()
        self.look()
        self.press("Take it in hand")
        self.reads("in your hands")

    def publish_listing(self, title: str) -> None:
        """Review a listing and publish it."""
        self.take_listing(title)
        self.press("Publish")
        self.reads("Published.")

    def open_pair(self, need_path: str, capability_title: str) -> None:
        """The bench of a need with one pair open; a pair that is no candidate yet is added by hand."""
        identity = need_path.rsplit("/", 1)[1]
        self.go(f"/review/matches/need/{identity}/pair")
        self.page.get_by_role("searchbox").fill(capability_title)
        self.main.get_by_role("button", name=self.words("Search")).click()
        self.look()
        row = self.main.get_by_role("listitem").filter(
            has=self.page.get_by_role("heading", name=capability_title, exact=True)
        )
        known = row.get_by_role("link", name=self.words("Is a candidate already"))
        (known if known.count() else row.get_by_role("button")).click()
        self.look()

    def open_bench(self, need_title: str) -> None:
        """The bench of a published need, found by its title."""
        self.go(f"/review/matches/need/{self.find('needs', need_title).rsplit('/', 1)[1]}")

    def open_candidate(self) -> Locator:
        """The candidate that is open on the bench."""
        return self.page.locator(".pm-cands a[aria-current=true]")

    def keys(self, *keys: str) -> None:
        """Press keys one after the other, as somebody without a mouse does, once the page listens to them."""
        self.page.wait_for_load_state()
        for key in keys:
            self.page.keyboard.press(key)

    def decision(self) -> Locator:
        """The bar with the buttons of a decision."""
        return self.page.locator(".pm-decide")
