"""The figures of a period: tables and plots, and the same as a workbook."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from config.clock import local_day
from notifier.figure_events import EARLIEST, Period, PeriodError, latest, read_period
from notifier.figure_tables import tables_of
from notifier.figures import count_figures
from notifier.report import XLSX, definitions, fault_said, file_name, period_said, write_workbook
from review.rendering import page
from review.site import Site, TheSite, TheVisitor

router = APIRouter()
First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]


@router.get("/figures")
def figures_page(
    request: Request, site: TheSite, visitor: TheVisitor, first: First = "", last: Last = ""
) -> Response:
    words, today = visitor.words, _today(site)
    try:
        period = read_period(first, last, today)
    except PeriodError as error:
        return _refused(request, site, visitor, error)
    with site.database.reading() as session:
        figures = count_figures(session, site.organisation, period)
    return page(
        request,
        "figures.html.j2",
        period=period,
        said=period_said(words, period),
        bounds=Period(EARLIEST, latest(today)),
        empty=figures.empty,
        tables=tables_of(figures, words, site.organisation),
        definitions=definitions(words),
        fault="",
    )


@router.get("/figures.xlsx")
def figures_workbook(
    request: Request, site: TheSite, visitor: TheVisitor, first: First = "", last: Last = ""
) -> Response:
    now = site.clock()
    try:
        period = read_period(first, last, _today(site))
    except PeriodError as error:
        return _refused(request, site, visitor, error)
    with site.database.reading() as session:
        figures = count_figures(session, site.organisation, period)
    return Response(
        write_workbook(figures, visitor.words, site.organisation, now),
        media_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{file_name(period, "xlsx")}"'},
    )


def _refused(request: Request, site: TheSite, visitor: TheVisitor, error: PeriodError) -> Response:
    """The page with the form for this year's figures, and what is wrong with the period that was asked for."""
    today = _today(site)
    return page(
        request,
        "figures.html.j2",
        HTTPStatus.BAD_REQUEST,
        period=read_period("", "", today),
        bounds=Period(EARLIEST, latest(today)),
        fault=fault_said(visitor.words, error, site.clock()),
    )


def _today(site: Site) -> date:
    return local_day(site.clock())
