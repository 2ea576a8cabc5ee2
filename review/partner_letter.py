"""A draft of a message to a partner, as plain text in the partner's language: nobody but a person ever sends it."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from config.organisation import Organisation
from config.schema import Officer
from matcher.partnering import Fit
from notifier.items import Item
from notifier.mail import one_line
from notifier.sheet import Sheet
from notifier.templating import templates
from notifier.words import Words
from review.rendering import TEMPLATES


@dataclass(frozen=True)
class Draft:
    """`address` opens it in a mail program, with nobody as its recipient (RFC 6068)."""

    subject: str
    text: str

    @property
    def address(self) -> str:
        lines = self.text.replace("\n", "\r\n")
        return "mailto:?" + urlencode({"subject": self.subject, "body": lines}, quote_via=quote)


def draft_letter(
    words: Words, organisation: Organisation, officer: Officer | None, item: Item, sheet: Sheet, fit: Fit
) -> Draft:
    """In the language of `words`, which `sheet` has to be written in too; signed by nobody where there is no officer."""
    title = one_line(sheet.title)
    text = (
        templates(words.language, TEMPLATES)
        .get_template("partner_letter.txt.j2")
        .render(
            words=words,
            organisation=organisation,
            officer=officer,
            partner=fit.partner.name[words.language],
            title=title,
            identifier=sheet.identifier,
            programme=sheet.programme,
            deadline=words.deadline(item.deadline) if item.deadline and item.deadline.day else "",
            address=item.call.page,
            named=fit.named,
            links=[link.programme for link in (*fit.links, *fit.partial)],
            projects=words.listed([project.name[words.language] for project in fit.projects]),
        )
    )
    return Draft(words.gettext("A project together? %(title)s", title=title), f"{text.strip()}\n")
