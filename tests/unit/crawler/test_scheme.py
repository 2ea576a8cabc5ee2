"""Pages of standing schemes: which page is the scheme's, what it states, and which of its changes are news."""

from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request, Response, TextResponse

from crawler.bases.rows import Row
from crawler.bases.scheme import SchemeSpider
from crawler.parsers.scheme import Scheme, steady, to_record
from store.records import MATERIAL, CallRecord, Document, Rejected

PAGE = "https://example.org/en/scheme"
MADE = Scheme(
    source="made", page=PAGE, programme="Made up", types_of_action=("loan",), identifiers=("TEST-MADE",)
)
WHO = "<h2>Who can apply?</h2><p>Those:</p><ul><li>cities</li><li>regions</li></ul>"
HOW = "<h2>How to apply</h2><p>Applications can be sent at any time.</p>"


class Made(SchemeSpider):
    """A made-up scheme."""

    name = "made"
    home = "https://example.org"
    paths = ("/en/scheme",)
    heading = 'h1:contains("MADE")'
    card = f'body:has({heading}):has(main:contains("cities"))'

    def to_record(self, row: Row) -> CallRecord:
        return to_record(MADE, row)


def page(
    content: str, before: str = "", after: str = "", title: str = "The MADE <b>scheme</b>"
) -> HtmlResponse:
    body = f"<html><body>{before}<main><h1>{title}</h1>{content}</main>{after}</body></html>"
    return HtmlResponse(PAGE, body=body.encode(), encoding="utf-8", request=Request(PAGE))


def read(response: Response) -> tuple[list[Any], Made]:
    spider = Made()
    return list(spider.parse_listing(response, 1, 0)), spider


def record(*args: str, **kwargs: str) -> CallRecord:
    (found,), spider = read(page(*args, **kwargs))
    assert (spider.reading.seen, spider.reading.faults) == (1, [])
    assert isinstance(found, CallRecord)
    return found


def material(found: CallRecord) -> dict[str, Any]:
    facts = found.facts()
    return {field: facts[field] for field in MATERIAL}


def test_page_becomes_one_scheme() -> None:
    found = record(WHO + HOW)
    assert (found.source_key, found.kind, found.status, found.deadlines) == ("made", "scheme", "open", ())
    assert found.titles == {"en": "The MADE scheme"}
    assert found.texts == {
        "en": "Who can apply?\nThose:\ncities\nregions\nHow to apply\nApplications can be sent at any time."
    }
    assert (found.identifiers, found.types_of_action, found.page) == (("TEST-MADE",), ("loan",), PAGE)


def test_heading_may_stand_above_the_content() -> None:
    assert record(WHO, before="<header><h1>MADE</h1></header>", title="More").titles == {"en": "MADE"}


@pytest.mark.parametrize(
    "response",
    [
        page(WHO, title="Page not found"),
        page("<p>Nothing of it</p>"),
        page("", after="<footer>cities</footer>"),
        HtmlResponse(PAGE, body=b"<html><form><input type=password></form></html>", request=Request(PAGE)),
        HtmlResponse(PAGE, body=b"<html><div id=app></div></html>", request=Request(PAGE)),
        TextResponse(PAGE, body=b"{}", headers={"Content-Type": "application/json"}),
        Response(PAGE, body=b"%PDF"),
    ],
)
def test_other_page_is_a_fault(response: Response) -> None:
    items, spider = read(response)
    assert (items, [fault for fault, _ in spider.reading.faults]) == ([], ["unreadable"])


def test_half_a_page_is_incomplete() -> None:
    whole = page(WHO + HOW)
    items, spider = read(whole.replace(body=whole.body[:-20]))
    assert (items, [fault for fault, _ in spider.reading.faults]) == ([], ["incomplete"])


def test_page_whose_words_all_stand_beside_the_content_is_set_aside() -> None:
    (rejected,), _ = read(page("<nav>cities</nav>"))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "a page that says nothing"


@pytest.mark.parametrize(
    "around",
    [
        {"before": "<header><nav>Home | New menu</nav></header><div class=cookie-banner>Cookies!</div>"},
        {"after": "<footer>© 2027</footer><script>var now = 1</script>"},
    ],
)
def test_site_around_the_content_is_no_news(around: dict[str, str]) -> None:
    assert material(record(WHO + HOW, **around)) == material(record(WHO + HOW))


@pytest.mark.parametrize(
    "more",
    [
        "<p>Last updated: 3 March 2026</p>",
        "<p>Last updated</p><p>3 March 2026</p>",
        "<p>This page was last modified on <time>12.03.2026</time></p>",
        "<nav>Part 1, Part 2</nav>",
        "<div class='cookie-notice'>Cookies!</div>",
        "<ol class=breadcrumb><li>Home</li></ol>",
        "<div class=social-share>Share</div>",
        "<aside><h2>News</h2><p>Bank lends</p></aside>",
        "<div class=related-projects>Another project</div>",
        "<script>var token = 'x1'</script>",
        "<p><a href='/guide.pdf'>Guide (PDF, 1.2 MB)</a></p>",
        "<p><a href='/contact'>Contact</a></p>",
    ],
)
def test_what_changes_by_itself_within_the_content_is_no_news(more: str) -> None:
    assert material(record(WHO + HOW + more)) == material(record(WHO + HOW))


@pytest.mark.parametrize(
    "other",
    [
        WHO.replace("regions", "regions and provinces") + HOW,
        WHO + HOW + "<h2>Rates</h2><p>Up to 50% of the costs.</p>",
        WHO + HOW.replace("can be sent at any time", "can no longer be sent"),
        WHO + HOW + "<p>The conditions were last updated in a law of 2026.</p>",
    ],
)
def test_what_the_page_says_is_news(other: str) -> None:
    assert material(record(other)) != material(record(WHO + HOW))


def test_size_of_a_file_within_a_sentence_is_no_news() -> None:
    text = "The guide (PDF, 1.2 MB) says more."
    assert steady(text) == steady(text.replace("1.2 MB", "980 kB")) == "The guide says more."


def test_day_stays_when_it_is_not_that_of_an_update() -> None:
    assert steady("Deadline\n30 June 2027") == "Deadline\n30 June 2027"
    assert steady("Last updated: 3 March 2026\n30 June 2027") == "30 June 2027"


def test_closed_scheme_says_so_in_the_words_of_its_page() -> None:
    found = record(WHO + "<p>The scheme is closed.</p>")
    assert (found.status, found.no_deadline) == (
        "closed",
        "a standing scheme; its page says: “The scheme is closed.”",
    )


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("Apply at any time.", "open", "a standing scheme, applications at any time"),
        ("You can apply.", "open", "not stated on the page of the scheme"),
        ("Good luck.", "unknown", "not stated on the page of the scheme"),
    ],
)
def test_why_there_is_no_deadline(text: str, status: str, reason: str) -> None:
    found = record(f"<p>For cities. {text}</p>")
    assert (found.status, found.no_deadline) == (status, reason)


def test_deadline_that_the_page_sets_is_kept_in_its_words() -> None:
    found = record(WHO + "<p>Applications have to be sent by 30 June 2027.</p>")
    assert [deadline.prose for deadline in found.deadlines] == [
        "Applications have to be sent by 30 June 2027."
    ]
    assert (found.deadlines[0].day, found.no_deadline, found.notices) == (
        None,
        "",
        ("status_unknown", "deadline_in_prose"),
    )


@pytest.mark.parametrize(
    ("heading", "applicants"),
    [
        ("Who can apply?", ("cities",)),
        ("<button>Who may benefit</button>", ("cities",)),
        ("Eligible applicants", ("cities",)),
        ("Eligibility", ("cities",)),
        ("Final beneficiaries", ("cities",)),
        ("Potential borrowers", ("cities",)),
        ("Eligible costs", ()),
        ("How to apply", ()),
    ],
)
def test_applicants_stand_below_the_heading_that_asks_for_them(
    heading: str, applicants: tuple[str, ...]
) -> None:
    assert record(f"<h2>{heading}</h2><p>cities</p><h2>More</h2><p>text</p>").applicants == applicants


def test_conditions_are_those_sections() -> None:
    found = record(WHO + HOW + "<h3>Eligible costs</h3><p>Studies.</p>")
    assert found.conditions == {"en": "Those:\ncities\nregions\nStudies."}
    assert record("<p>cities</p>").conditions == {}


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("It pays up to 90% of the eligible costs.", 90),
        ("Up to 50 % of the total project cost.", 50),
        ("Up to 100 per cent of costs.", 100),
        ("Up to 90% of the costs, and up to 50% of the costs of staff.", None),
        ("Savings of up to 30%.", None),
    ],
)
def test_funding_rate_is_the_only_one_stated(text: str, rate: int | None) -> None:
    assert record(f"<p>For cities. {text}</p>").funding_rate == rate


def test_documents_are_the_files_and_the_pages_of_contact() -> None:
    links = (
        "<a href='/files/guide.pdf'>Guide (PDF, 1 MB)</a> <a href='/other'>Other</a> "
        "<a href='../contact.html'>Contact us</a> <a href='https://example.org/team'>Contact the team</a>"
    )
    assert record(WHO + links).documents == (
        Document(title="Guide", address="https://example.org/files/guide.pdf", kind="pdf", size=1024**2),
        Document(title="Contact us", address="https://example.org/contact.html", kind="html"),
        Document(title="Contact the team", address="https://example.org/team", kind="html"),
    )


@pytest.mark.parametrize(
    "href", ["", "#contact", "mailto:made@example.org", "tel:+34", "javascript:ask()", "http://["]
)
def test_what_is_no_address_of_a_page_is_no_document(href: str) -> None:
    assert record(f"{WHO}<p><a href='{href}'>Contact</a></p>").documents == ()


def test_very_long_page_is_clipped_with_a_notice() -> None:
    assert record(f"<p>cities</p><p>{'x' * 300_000}</p>").notices == ("text_clipped", "status_unknown")


def test_very_long_line_on_applicants_is_clipped() -> None:
    (applicants,) = record(f"<h2>Eligibility</h2><p>cities {'x' * 5_000}</p>").applicants
    assert len(applicants) == 2_000
