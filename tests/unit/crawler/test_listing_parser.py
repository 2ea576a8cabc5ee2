"""The page behind a card: what of it is text, and what is no page of a call."""

import pytest

from crawler.parsers.listing import page_of_call


def page(main: str, end: str = "</html>") -> str:
    return f"<html><header><a href='/'>Home</a></header><main>{main}</main><footer>Footer</footer>{end}"


def test_heading_text_and_links_are_those_of_the_main_part() -> None:
    read = page_of_call(
        page(
            "<nav><a href='/all'>All</a> deadline 1 May 2027</nav><h1>A <b>call</b></h1><p>One<br>two</p>"
            "<p>With a <a href='/x'>link</a></p><p><a href='/guide.pdf'>Guide (pdf 1 MB)</a></p>"
            "<form>Deadline <input></form><script>deadline()</script>"
        )
    )
    assert read == {
        "heading": "A call",
        "text": "One\ntwo\nWith a link",
        "links": [{"href": "/x", "label": "link"}, {"href": "/guide.pdf", "label": "Guide (pdf 1 MB)"}],
    }


@pytest.mark.parametrize("words", ["Apply by 1 May 2027", "1 May 2027", "The deadline"])
def test_link_alone_that_says_when_is_text(words: str) -> None:
    assert page_of_call(page(f"<h1>A call</h1><a href='/apply'>{words}</a>"))["text"] == words


def test_heading_may_stand_before_the_main_part() -> None:
    assert page_of_call("<html><h1>A call</h1><main>Text</main></html>")["heading"] == "A call"


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        (page("<p>Text</p>"), "no heading"),
        ("<html><h1>A call</h1><p>Text</p></html>", "no main part"),
        ("<html></html>", "no heading"),
    ],
)
def test_page_that_cannot_be_read(html: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        page_of_call(html)
