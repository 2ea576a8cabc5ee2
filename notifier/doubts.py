"""What a parser doubted about a call, in words: a reader should know what to check at the source."""

from notifier.words import Words


def doubt(words: Words, notice: str) -> str:
    """The sentence for a notice of a CallRecord; one that has no sentence yet is shown by its code."""
    said = {
        "age_unknown": words.gettext("The source does not say how old this call is."),
        "budget_is_total_value": words.gettext("The budget shown is the total value of the contract."),
        "budget_unreadable": words.gettext("The budget could not be read."),
        "country_code_unknown": words.gettext("One of the territories was not recognised."),
        "date_unreadable": words.gettext("One of the dates could not be read."),
        "deadline_contradicts_itself": words.gettext(
            "The source gives two deadlines that contradict each other."
        ),
        "deadline_differs_by_lot": words.gettext("The deadline differs from lot to lot."),
        "deadline_in_prose": words.gettext("The deadline is shown in the source’s own words."),
        "deadlines_disagree": words.gettext("The source gives two deadlines that contradict each other."),
        "deadline_time_unreadable": words.gettext("The hour of the deadline could not be read."),
        "deadline_unreadable": words.gettext("The deadline is shown in the source’s own words."),
        "deadline_zone_doubtful": words.gettext("The time zone of the deadline is not certain."),
        "deadline_zone_not_stated": words.gettext("The time zone of the deadline is not certain."),
        "direct_selection": words.gettext("The source speaks of a direct selection."),
        "language_unknown": words.gettext("The language of the text is not stated."),
        "open_flag_contradicts_dates": words.gettext("The source’s mark “open” contradicts its dates."),
        "opening_in_prose": words.gettext("The source states the opening in words only."),
        "region_code_unknown": words.gettext("One of the territories was not recognised."),
        "status_contradicts_itself": words.gettext(
            "The source says both that applications are possible and that they are not."
        ),
        "status_unknown": words.gettext("The source does not say whether the call is open."),
        "text_clipped": words.gettext("The end of a very long text is left out."),
    }
    return said.get(notice, words.gettext("The data need checking (%(code)s).", code=notice))
