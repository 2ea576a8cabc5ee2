"""Every page of the review in a real browser, one by one: for axe, by keyboard, small, enlarged, and without scripts."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from starlette.routing import Match, Mount

from config.organisation import LANGUAGES, Language
from config.settings import Settings
from notifier.signing import Purpose, token
from notifier.words import words_in
from review.language import COOKIE
from review.rendering import TEMPLATES
from review.serving import Server, listen, machine_app, shared_app
from review.site import Site
from store.access import Access, issue
from store.database import Database
from tests.browser.looking import BEGIN, CUT, FOCUSED, MOVING, SMALL
from tests.browser.review_filled import FIRST, ORGANISATION, PORTALS, fill
from tests.browser.test_accessibility import findings
from tests.browser.test_summary import browser
from tests.unit.review.entering import SECRET, Clock
from tests.unit.review.site import all_routes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]

CALL = f"/calls/{PORTALS[0]}/TEST-FULL"
MADE_UP = (f"{PORTALS[0]}:TEST-OPEN-05", f"{PORTALS[0]}:TEST-FULL", "test_portal:TEST-NOT-STORED")
WIDTHS = (320, 360, 1280)
"""Pixels: 320 are 1280 enlarged four times (WCAG 1.4.10)."""


@dataclass(frozen=True)
class Look:
    """A page as people meet it: `path`, or what is answered to a `form` that is sent there from the page `start`.

    `heading` is the message that it begins with; empty where a call's title does. `door`: to whoever has not signed in.
    """

    name: str
    template: str
    path: str
    heading: str = ""
    form: Mapping[str, Any] | None = None
    start: str = ""
    door: bool = False

    @property
    def method(self) -> str:
        return "GET" if self.form is None else "POST"


LOOKS = [
    Look("inbox", "inbox.html.j2", "/?page=2", "Inbox"),
    Look("inbox_narrowed", "inbox.html.j2", "/?area=water&q=TEST-NOWHERE&days=x", "Inbox"),
    Look(
        "filter_refused", "inbox.html.j2", "/filters", "Inbox", {"name": " ", "query": "q=TEST-NOWHERE"}, "/"
    ),
    Look("call", "call.html.j2", CALL),
    Look(
        "partners",
        "partners.html.j2",
        CALL.replace("calls", "partners", 1) + "?to=sfax",
        "Partners for a call",
    ),
    Look("calendar", "calendar.html.j2", "/calendar?month=2026-03&area=water"),
    Look("hidden", "hidden.html.j2", "/hidden?page=2", "Hidden by rule"),
    Look("sources", "sources.html.j2", "/sources", "Sources"),
    Look("figures", "figures.html.j2", "/figures?from=2026-01-01&to=2026-03-02", "Figures on funding calls"),
    Look("officer", "officer.html.j2", "/officer", "Who decides here?"),
    Look("accessibility", "accessibility.html.j2", "/accessibility", "Accessibility"),
    Look(
        "several_decided",
        "bulk.html.j2",
        "/decide-many",
        "Several calls at once",
        {"call": MADE_UP, "action": "muted", "seen": f"{MADE_UP[0]}=seen"},
        f"/calls/{PORTALS[0]}/TEST-OPEN-05",
    ),
    Look(
        "several_taken_back",
        "bulk.html.j2",
        "/decide-many",
        "Several calls at once",
        {"call": f"{PORTALS[0]}:TEST-OPEN-06", "action": "undo"},
        "/officer",
    ),
    Look(
        "conflict",
        "conflict.html.j2",
        f"{CALL}/decide",
        "Something was done to this call since you saw it",
        {"action": "shortlisted", "seen": "0"},
        CALL,
    ),
    Look(
        "unfit",
        "decided_unfit.html.j2",
        f"{CALL}/decide",
        "This could not be kept",
        {"action": "awarded", "seen": "seen", "amount": "1e400" * 8},
        CALL,
    ),
    Look("not_found", "error.html.j2", "/nothing", "There is no such page"),
    Look("too_long", "error.html.j2", f"/?q={'x' * 9_000}", "This cannot be answered"),
    Look("unavailable", "error.html.j2", "/test-refused/503", "Not available for a moment"),
    Look("outside", "error.html.j2", "/inbox", "Not allowed", start="outside"),
    Look("sign_in", "sign_in.html.j2", "/sign-in", "Sign in", door=True),
    Look(
        "link_sent",
        "sign_in.html.j2",
        "/sign-in",
        "Sign in",
        {"address": "nobody@example.org"},
        "/sign-in",
        door=True,
    ),
    Look("link", "sign_in.html.j2", "/sign-in/TEST", "Sign in", door=True),
    Look("link_used", "error.html.j2", "/sign-in/TEST", "Not allowed", {}, "/sign-in/TEST", door=True),
    Look("unsubscribe", "unsubscribe.html.j2", "/unsubscribe/{signed}", "Funding calls by mail", door=True),
]
FOR_PROGRAMS = ("/healthz", "/metrics", "/api/", "/feeds/", "/static", "/figures.xlsx", "/test-refused/")
LEADS_ON = {("POST", path) for path in ("/language", "/officer", "/sign-out", "/unsubscribe/{token}")}
"""Answered by going on to another page, or shown by the pages of mails."""
PARTS = {"decided.html.j2"}
"""No pages, but what a script puts into one."""
every_page = pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
refusing = APIRouter()


@refusing.get("/test-refused/{status}")
def refuse(status: int) -> None:
    raise HTTPException(status)


@dataclass
class Reviewed:
    """The review as `funding review` serves it: at the desk to whoever started it, at the door to all others."""

    desk: FastAPI
    door: FastAPI
    clock: Clock
    database: Database
    addresses: dict[str, str] = field(default_factory=dict)
    cookies: list[Any] = field(default_factory=list)

    def link(self) -> str:
        """What a mail to who signs in holds."""
        now = self.clock()
        with self.database.writing() as session:
            given = issue(session, ORGANISATION.key, Access.LINK, FIRST.id, now, timedelta(minutes=15))
        return f"{self.addresses['door']}/sign-in/{given}"

    def address(self, look: Look, language: Language) -> str:
        who = next(one for one in ORGANISATION.officers if one.language == language)
        signed = token(Purpose.UNSUBSCRIBE, ORGANISATION.key, who.id, who.email, SECRET)
        return self.addresses["door" if look.door else "desk"] + look.path.replace("{signed}", signed)


@pytest.fixture(scope="module")
def reviewed(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewed]:
    home = tmp_path_factory.mktemp("review")
    database, clock = Database(f"sqlite:///{home / 'funding.db'}"), Clock()
    fill(database)
    with ExitStack() as stack:
        stack.callback(database.close)
        desk, door = (stack.enter_context(listen("127.0.0.1", 0)) for _ in range(2))
        ports = {"desk": desk.getsockname()[1], "door": door.getsockname()[1]}
        addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        settings = Settings(home=home, secret=SECRET, review_url=addresses["door"])
        site = Site(settings, database, ORGANISATION, clock)
        app, opens = machine_app(site, ports["desk"], FIRST)
        app.include_router(refusing)
        found = Reviewed(app, shared_app(site), clock, database, addresses)
        for listener, served in ((desk, found.desk), (door, found.door)):
            stack.enter_context(_served(listener, served))
        context = stack.enter_context(browser.new_context())
        page = context.new_page()
        page.goto(f"{addresses['desk']}/?token={opens}")
        page.wait_for_url(f"{addresses['desk']}/")
        found.cookies = context.cookies()
        yield found


@contextmanager
def _served(listener: Any, app: FastAPI) -> Iterator[None]:
    server = Server(app, lambda: None)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()  # until it answers, the socket keeps whoever asks waiting
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


Opens = Callable[..., "Page"]


@pytest.fixture(scope="module")
def screens(browser: "Browser") -> Iterator[dict[str, "Page"]]:
    """With and without scripts, and one into which axe can be put."""
    options: dict[str, dict[str, Any]] = {
        "scripts": {},
        "no scripts": {"java_script_enabled": False},
        "axe": {"bypass_csp": True},
    }
    contexts = {name: browser.new_context(reduced_motion="reduce", **one) for name, one in options.items()}
    yield {name: context.new_page() for name, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.fixture
def opens(screens: dict[str, "Page"], reviewed: Reviewed) -> Iterator[Opens]:
    """Opens a page, to whose console nothing but refusals may be written."""
    faults: list[str] = []

    def note(message: Any) -> None:
        faults.append(message.text)

    def opening(look: Look, language: Language = "en", width: int = 1280, on: str = "scripts") -> "Page":
        reviewed.clock.pass_by(minutes=20)  # nobody asks for links too often
        page = screens[on]
        page.context.clear_cookies()
        chosen: Any = {"name": COOKIE, "value": language, "url": reviewed.addresses["desk"]}
        page.context.add_cookies([chosen, *(reviewed.cookies if look.start != "outside" else ())])
        page.set_viewport_size({"width": width, "height": 800})
        _go(page, reviewed.address(look, language), look)
        return page

    for page in screens.values():
        page.on("console", note)
    yield opening
    for page in screens.values():
        page.remove_listener("console", note)
    assert [fault for fault in faults if "the server responded with a status of" not in fault] == []


def _go(page: "Page", address: str, look: Look) -> None:
    if look.form is None:
        page.goto(address)
        return
    page.goto(address.removesuffix(look.path) + look.start)
    with page.expect_navigation():
        page.evaluate(SEND, [look.path, look.form])


SEND = """([path, fields]) => {
    const value = name => document.querySelector(`main input[name=${name}], input[name=${name}]`)?.value ?? "";
    const form = Object.assign(document.createElement("form"), {method: "post", action: path});
    const add = (name, value) => form.append(Object.assign(document.createElement("input"), {name, value}));
    add("csrf", value("csrf"));
    for (const [name, given] of Object.entries(fields))
        for (const one of [given].flat())
            add(name, name === "seen" ? one.replace(/seen$/, value("seen")) : one);
    document.body.append(form);
    form.submit();
}"""
"""The form of a page, in short; `seen` is the revision that the page states."""


def test_no_page_is_left_out(reviewed: Reviewed) -> None:
    """Whatever is served stands in the table above, or is no page. A new page is looked at before this passes."""
    served, looked = set(), set(LEADS_ON)
    for app in (reviewed.desk, reviewed.door):
        for route in all_routes(app.routes):
            path = getattr(route, "path", "")
            if isinstance(route, Mount) or path.startswith(FOR_PROGRAMS):
                continue
            served |= {(method, path) for method in getattr(route, "methods", ()) if method != "HEAD"}
    for look in LOOKS:
        app = reviewed.door if look.door else reviewed.desk
        scope = {"type": "http", "method": look.method, "path": look.path.partition("?")[0], "headers": []}
        met = [one for one in all_routes(app.routes) if one.matches(scope)[0] is Match.FULL]
        looked |= {(look.method, getattr(one, "path", "")) for one in met[:1]}
    assert served <= looked
    written = {
        path.name
        for path in TEMPLATES.glob("*.html.j2")
        if '{% extends "base.html.j2" %}' in path.read_text(encoding="utf-8")
    }
    assert written - PARTS <= {look.template for look in LOOKS}


@every_page
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_and_the_page_says_what_it_is(opens: Opens, look: Look, language: Language) -> None:
    narrow, dark = language in ("ca", "fr"), language in ("es", "fr")
    page = opens(look, language, 360 if narrow else 1280, on="axe")
    page.emulate_media(color_scheme="dark" if dark else "light")
    unfold(page)
    assert findings(page) == []
    headings = page.locator("h1").all_inner_texts()
    assert len(headings) == 1
    words = words_in(language)
    assert page.locator("html").get_attribute("lang") == language
    if look.heading:
        assert headings == [words.gettext(look.heading)]
    title = page.title()
    if look.name not in ("figures", "unsubscribe"):  # these have titles of their own, in the same words
        assert title == f"{headings[0]} · {ORGANISATION.profile.short_name}"


@every_page
def test_nothing_is_lost_small_enlarged_or_without_motion(opens: Opens, look: Look) -> None:
    page = opens(look, "fr")
    unfold(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SMALL) == []
    assert page.evaluate(MOVING) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (640, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT) == []


@every_page
def test_the_same_is_read_without_scripts(opens: Opens, look: Look) -> None:
    read = [opens(look, "ca", on=screen).locator("main").inner_text() for screen in ("scripts", "no scripts")]
    assert read[0] == read[1]
    assert read[0].strip()


@every_page
def test_tab_reaches_everything_and_it_is_seen_where_it_is(opens: Opens, look: Look) -> None:
    page = opens(look, "es")
    unfold(page)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        steps, faults = page.evaluate(BEGIN), []
        for _ in range(5 * steps + 5):  # a field for a day takes several
            page.keyboard.press("Tab")
            fault = page.evaluate(FOCUSED)
            if fault is None:
                break
            faults += [fault] if fault else []
        assert faults == []
        assert page.evaluate("[...window.waiting].map(one => one.outerHTML)") == []


def unfold(page: "Page") -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
