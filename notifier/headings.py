"""The names of sections, kinds of call, parts of the world and reasons of a dismissal, in the reader's language."""

from config.schema import Geography
from notifier.sections import Section
from notifier.words import Words
from store.decisions import Reason


def section_title(words: Words, section: Section | str) -> str:
    return {
        Section.CLOSING: words.gettext("Decide now"),
        Section.REMINDER: words.gettext("Reminders"),
        Section.NEW: words.gettext("New"),
        Section.CHANGED: words.gettext("Changed"),
        Section.PORTFOLIO: words.gettext("From the portfolio"),
        Section.FORTHCOMING: words.gettext("Opening soon"),
    }[Section(section)]


def section_lead(words: Words, section: Section) -> str:
    """What stands in a section, in a sentence."""
    return {
        Section.CLOSING: words.gettext("The deadline is at most 30 days away."),
        Section.REMINDER: words.gettext("Shortlisted or in preparation: the deadline comes closer."),
        Section.NEW: words.gettext("Open, and not sent to you before."),
        Section.CHANGED: words.gettext("Sent to you before; this is what is different."),
        Section.PORTFOLIO: words.gettext("New, and close to projects of the portfolio."),
        Section.FORTHCOMING: words.gettext("Opening in the next months: time to find partners."),
    }[section]


def geography_name(words: Words, geography: Geography) -> str:
    return {
        "europe": words.gettext("Europe"),
        "mediterranean": words.gettext("Mediterranean"),
        "latin_america": words.gettext("Latin America"),
        "asia": words.gettext("Asia"),
        "north_america": words.gettext("North America"),
        "africa": words.gettext("Africa"),
    }[geography]


def kind_name(words: Words, kind: str) -> str:
    """A kind of call: `store.records.Kind`."""
    return {
        "call": words.gettext("Call for proposals"),
        "cascade": words.gettext("Cascade funding"),
        "prize": words.gettext("Prize"),
        "scheme": words.gettext("Funding scheme"),
        "advance_notice": words.gettext("Advance notice"),
    }[kind]


def reason_name(words: Words, reason: str) -> str:
    """Why a call is dismissed; empty where no reason was given."""
    return {
        Reason.THEME: words.gettext("another theme"),
        Reason.ROLE: words.gettext("no role for us"),
        Reason.TERRITORY: words.gettext("another territory"),
        Reason.TOO_SMALL: words.gettext("too small"),
        Reason.TOO_LATE: words.gettext("too late"),
        Reason.NO_PARTNER: words.gettext("no partner"),
        Reason.OTHER: words.gettext("another reason"),
        Reason.NONE: "",
    }[Reason(reason)]
