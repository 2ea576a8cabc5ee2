"""What the ranking went by, as a sentence: a reader has to know when it could not go by the meaning of texts."""

from notifier.words import Words


def ranking_sentence(words: Words, model: str) -> str:
    """From `Match.model`, which is `<ranking>+<tier>/<version>/<hash>+learnt-<number>`, but for what there was none of.

    Without a tier the ranking went by words alone.
    """
    tier, *rest = model.partition("+learnt-")[0].partition("+")[2].split("/")
    encoder = " ".join([tier, *rest[:-1]])
    match tier:
        case "" | "none":
            return words.gettext(
                "The ranking goes by words alone here: calls that say the same in other words, or in another language, "
                "may stand too low."
            )
        case "use":
            return words.gettext(
                "The ranking goes by words and, with the lesser of two language models (%(encoder)s), by meaning: calls "
                "in Catalan may stand too low.",
                encoder=encoder,
            )
        case _:
            return words.gettext(
                "The ranking goes by words and, with a language model (%(encoder)s), by meaning.",
                encoder=encoder,
            )
