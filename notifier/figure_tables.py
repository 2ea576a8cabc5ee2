"""The figures in words: one table a question, with a plot beside those that compare."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from config.organisation import Organisation
from config.schema import Network, Partner
from notifier.figure_events import Step
from notifier.figure_facts import ELSEWHERE, Dimension
from notifier.figures import Figures, Group, Wait
from notifier.geography import COUNTRIES
from notifier.headings import geography_name, reason_name
from notifier.plots import Bar, bars
from notifier.words import Words

SMALLEST_BASE = 20
"""Calls of which shares are given: of fewer, one call more or less would be more than 5 %."""
MOST_BARS = 12
SHARED = (Step.SEEN, Step.RELEVANT, Step.SUBMITTED, Step.AWARDED)
"""The steps of which each source has its share."""

Value = str | int | float | None


class Kind(StrEnum):
    """What the values of a column are: texts, numbers, whole per cent, whole cents."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"
    MONEY = "money"


@dataclass(frozen=True)
class Column:
    """`currency` is that of amounts; the `label` of such a column names it too."""

    label: str
    kind: Kind = Kind.NUMBER
    currency: str = ""

    def said(self, words: Words, value: Value) -> str:
        """`value` in words; a dash where there is none."""
        if value is None or isinstance(value, str):
            return value or "–"
        match self.kind:
            case Kind.SHARE:
                return words.percent(int(value))
            case Kind.MONEY:
                return words.money(int(value), self.currency)
        return words.number(value)


@dataclass(frozen=True)
class Table:
    """`key` is unique and fit for an id. The first value of each row names it; `total` is a row that ends the table.

    `plotted` says what the plot shows.
    """

    key: str
    title: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: tuple[Value, ...] = ()
    plot: Markup | None = None
    plotted: str = ""


def tables_of(figures: Figures, words: Words, organisation: Organisation) -> tuple[Table, ...]:
    """All that have something to tell, in the order in which they are read."""
    found: list[Table | None] = []
    if not figures.empty:
        found += [_funnel(figures, words), _amounts(figures, words), _waits(figures, words)]
        found += [_breakdown(figures, words, organisation, dimension) for dimension in Dimension]
    found += [_dismissals(figures, words), _hidden(figures, words, organisation)]
    return tuple(table for table in found if table is not None)


def step_name(words: Words, step: Step) -> str:
    return {
        Step.SEEN: words.gettext("Seen calls"),
        Step.RELEVANT: words.gettext("Relevant calls"),
        Step.SHORTLISTED: words.gettext("Shortlisted calls"),
        Step.SUBMITTED: words.gettext("Submitted calls"),
        Step.AWARDED: words.gettext("Awarded calls"),
    }[step]


def calls_said(words: Words, count: int) -> str:
    return words.ngettext("%(n)s call", "%(n)s calls", count)


def _funnel(figures: Figures, words: Words) -> Table:
    _ = words.gettext
    counts = [(step, figures.total.counts[step]) for step in Step]
    bases = [None, *(count for _step, count in counts[:-1])]
    submitted, awarded = (figures.total.counts[step] for step in (Step.SUBMITTED, Step.AWARDED))
    notes = [_("Each line holds the calls of the lines below it.")]
    if submitted:
        notes.append(
            _(
                "Of those submitted (%(submitted)s), awarded: %(awarded)s; rejected: %(rejected)s; the others are not decided.",
                submitted=words.number(submitted),
                awarded=words.number(awarded),
                rejected=words.number(figures.rejected),
            )
        )
    title = _("From seen to awarded")
    return Table(
        key="funnel",
        title=title,
        notes=(*notes, _small_base(words)),
        columns=(
            Column(_("Step"), Kind.TEXT),
            Column(_("Calls")),
            Column(_("Share of the line above"), Kind.SHARE),
        ),
        rows=tuple(
            (step_name(words, step), count, _share(count, base))
            for (step, count), base in zip(counts, bases, strict=True)
        ),
        plot=_plot(
            "funnel", title, [(step_name(words, step), count) for step, count in counts], words, len(counts)
        ),
    )


def _amounts(figures: Figures, words: Words) -> Table | None:
    _ = words.gettext
    total = figures.total
    notes = [_("Amounts count on the day of the submission, or of the award. Currencies are not added up.")]
    if asked := figures.unpriced[Step.SUBMITTED]:
        notes.append(
            words.ngettext(
                "%(n)s submitted call has no amount noted.",
                "%(n)s submitted calls have no amount noted.",
                asked,
            )
        )
    if won := figures.unpriced[Step.AWARDED]:
        notes.append(
            words.ngettext(
                "%(n)s awarded call has no amount noted.",
                "%(n)s awarded calls have no amount noted.",
                won,
            )
        )
    if not figures.currencies:
        return None
    return Table(
        key="amounts",
        title=_("Asked for and won"),
        notes=tuple(notes),
        columns=(
            Column(_("What"), Kind.TEXT),
            *(Column(currency, Kind.MONEY, currency) for currency in figures.currencies),
        ),
        rows=(
            (_("Asked for"), *(total.asked.get(currency) for currency in figures.currencies)),
            (_("Won"), *(total.won.get(currency) for currency in figures.currencies)),
        ),
    )


def _waits(figures: Figures, words: Words) -> Table | None:
    _ = words.gettext
    waits: Sequence[tuple[str, Wait]] = (
        (_("From publication"), figures.published),
        (_("From when we first saw it: its publication is not stated"), figures.found),
    )
    rows = tuple((label, wait.days, wait.calls) for label, wait in waits if wait.calls)
    if not rows:
        return None
    return Table(
        key="waits",
        title=_("Days to the first decision"),
        notes=(_("The median: half of the calls were decided on sooner, half of them later."),),
        columns=(Column(_("Since"), Kind.TEXT), Column(_("Median of days")), Column(_("Calls"))),
        rows=rows,
    )


def _breakdown(
    figures: Figures, words: Words, organisation: Organisation, dimension: Dimension
) -> Table | None:
    """None where every call stands in one group that says nothing: all in one year, or none in any area."""
    groups = figures.groups[dimension]
    if len(groups) == 1 and (dimension is Dimension.YEAR or not groups[0].key):
        return None
    known = {"": words.gettext("Not stated, or none"), **_names(words, organisation, dimension)}
    names = {group.key: known.get(group.key, group.key) for group in groups}
    shared = [
        step
        for step in SHARED
        if dimension is Dimension.SOURCE and figures.total.counts[step] >= SMALLEST_BASE
    ]
    title, note = _title(words, dimension), _note(words, dimension)
    step = Step.RELEVANT if figures.total.counts[Step.RELEVANT] else Step.SEEN
    drawn = sorted(groups, key=lambda one: -one.counts[step]) if dimension is not Dimension.YEAR else groups
    plotted = words.gettext("%(table)s: %(step)s", table=title, step=step_name(words, step))

    def row(name: str, group: Group) -> tuple[Value, ...]:
        return (
            name,
            *(group.counts[step] for step in Step),
            *(_share(group.counts[step], figures.total.counts[step]) for step in shared),
            *(
                amounts.get(currency)
                for currency in figures.currencies
                for amounts in (group.asked, group.won)
            ),
        )

    return Table(
        key=dimension.value,
        title=title,
        notes=(note, *([_small_base(words)] if dimension is Dimension.SOURCE else [])),
        columns=(
            Column(_head(words, dimension), Kind.TEXT),
            *(Column(step_name(words, step)) for step in Step),
            *(
                Column(words.gettext("Share: %(step)s", step=step_name(words, step)), Kind.SHARE)
                for step in shared
            ),
            *_money_columns(figures.currencies, words),
        ),
        rows=tuple(row(names[group.key], group) for group in groups),
        total=row(words.gettext("All calls, each counted once"), figures.total),
        plot=_plot(
            dimension.value,
            plotted,
            [(names[group.key], group.counts[step]) for group in drawn if group.key],
            words,
            MOST_BARS,
        ),
        plotted=plotted,
    )


def _money_columns(currencies: Sequence[str], words: Words) -> Iterator[Column]:
    for currency in currencies:
        for label in (
            words.gettext("Asked for (%(currency)s)", currency=currency),
            words.gettext("Won (%(currency)s)", currency=currency),
        ):
            yield Column(label, Kind.MONEY, currency)


def _dismissals(figures: Figures, words: Words) -> Table | None:
    _ = words.gettext
    if not figures.dismissals:
        return None
    return Table(
        key="dismissals",
        title=_("Why calls were dismissed"),
        notes=(_("Decisions are counted: two officers who dismiss the same call decide twice."),),
        columns=(Column(_("Reason"), Kind.TEXT), Column(_("Decisions"))),
        rows=tuple(
            (reason_name(words, reason) or _("no reason given"), count)
            for reason, count in figures.dismissals.items()
        ),
        total=(_("All"), sum(figures.dismissals.values())),
    )


def _hidden(figures: Figures, words: Words, organisation: Organisation) -> Table | None:
    _ = words.gettext
    keys = list(dict.fromkeys((*figures.hidden, *figures.overridden)))
    if not keys:
        return None
    reasons = {rule.id: rule.reason[words.language] for rule in organisation.rules}
    return Table(
        key="hidden",
        title=_("Hidden by an eligibility rule"),
        notes=(
            _("Hidden: calls first seen in the period that the rule hides now."),
            _("Overridden: calls of which an officer said in the period that the rule is wrong."),
        ),
        columns=(Column(_("Reason"), Kind.TEXT), Column(_("Hidden")), Column(_("Overridden"))),
        rows=tuple(
            (
                reasons.get(key, key) or _("No rule"),
                figures.hidden.get(key, 0),
                figures.overridden.get(key, 0),
            )
            for key in keys
        ),
        total=(_("All"), sum(figures.hidden.values()), sum(figures.overridden.values())),
    )


def _plot(name: str, title: str, values: Sequence[tuple[str, int]], words: Words, most: int) -> Markup | None:
    """None where there is nothing to compare."""
    drawn = [Bar(label, count, words.number(count)) for label, count in values[:most] if count]
    if len(drawn) < 2:  # noqa: PLR2004 - one bar compares with nothing
        return None
    said = words.chained([f"{label}: {calls_said(words, count)}" for label, count in values[:most] if count])
    return bars(f"plot-{name}", title, said, drawn)


def _share(count: int, base: int | None) -> int | None:
    """Whole per cent, a half upwards; None of a base that is too small."""
    return (200 * count + base) // (2 * base) if base is not None and base >= SMALLEST_BASE else None


def _small_base(words: Words) -> str:
    return words.gettext("Shares are given of %(n)s calls or more.", n=words.number(SMALLEST_BASE))


def _title(words: Words, dimension: Dimension) -> str:
    return {
        Dimension.LINE: words.gettext("By strategic line"),
        Dimension.AREA: words.gettext("By policy area"),
        Dimension.PROGRAMME: words.gettext("By programme"),
        Dimension.GEOGRAPHY: words.gettext("By geography"),
        Dimension.PARTNER: words.gettext("By network or partner"),
        Dimension.SOURCE: words.gettext("By source"),
        Dimension.YEAR: words.gettext("By year"),
    }[dimension]


def _head(words: Words, dimension: Dimension) -> str:
    return {
        Dimension.LINE: words.gettext("Strategic line"),
        Dimension.AREA: words.gettext("Area"),
        Dimension.PROGRAMME: words.gettext("Programme"),
        Dimension.GEOGRAPHY: words.gettext("Geography"),
        Dimension.PARTNER: words.gettext("Network or partner"),
        Dimension.SOURCE: words.gettext("Source"),
        Dimension.YEAR: words.gettext("Year"),
    }[dimension]


def _note(words: Words, dimension: Dimension) -> str:
    return {
        Dimension.LINE: words.gettext(
            "Through the areas that serve them. A call of several lines counts in each."
        ),
        Dimension.AREA: words.gettext("A call of several areas counts in each."),
        Dimension.PROGRAMME: words.gettext("As the source names it; a call has one programme."),
        Dimension.GEOGRAPHY: words.gettext(
            "Where partners or beneficiaries are. A call for several parts of the world counts in each."
        ),
        Dimension.PARTNER: words.gettext(
            "Those that the call’s text names. A call that names several counts in each."
        ),
        Dimension.SOURCE: words.gettext(
            "A call that several sources state counts once, at the one whose statement is shown."
        ),
        Dimension.YEAR: words.gettext(
            "A call to which something happened in several years counts in each of them."
        ),
    }[dimension]


def _names(words: Words, organisation: Organisation, dimension: Dimension) -> Mapping[str, str]:
    """The groups by key; one that the configuration does not hold, or no more, has its key for a name."""
    match dimension:
        case Dimension.AREA:
            return {area.id: area.name[words.language] for area in organisation.areas}
        case Dimension.GEOGRAPHY:
            places = {str(place): geography_name(words, place) for place in COUNTRIES}
            return {**places, ELSEWHERE: words.gettext("Elsewhere")}
        case Dimension.LINE:
            return {line.id: line.name[words.language] for line in organisation.profile.lines}
        case Dimension.PARTNER:
            known: tuple[Partner | Network, ...] = (*organisation.partners, *organisation.networks)
            return {one.id: one.name[words.language] for one in known}
        case Dimension.SOURCE:
            return {source.key: source.name for source in organisation.sources}
    return {}
