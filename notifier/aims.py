"""What a call is after, in one or two of its own sentences."""

import re

LONGEST = 280

# How topics of Horizon Europe, LIFE, CERV and others begin before they come to the point.
HEADING = re.compile(
    r"""(?ix) ^ \s* (?:
        expected \s+ (?:outcomes?|impacts?|results?) | (?:topic \s+)? scope (?:\s+ and \s+ objectives?)? | (?:specific \s+)? objectives?
        | general \s+ objectives? | challenge | background (?:\s+ and \s+ rationale)? | description | context
        | priorities | overview | call \s+ for \s+ proposals
    ) \s* [:\n.–-] \s*"""
)
OPENER = re.compile(
    r"""(?ix) ^ \s*
    (?:the \s+)? (?: (?:successful|selected|funded) \s+ )? (?: (?:project|proposal|action)s? (?:\s+ results)? | results | the \s+ results | activities )
    \s+ (?:are|is|should|will|must) \s+ (?:be \s+)? (?:expected|required|aim|contribute|address|deliver)
    [^:.]{0,220}? (?:outcomes?|impacts?|results?|following|objectives?|activities|aspects|areas|points|all|to|of) [^:.]{0,80} : \s*"""
)
OPENER_OF_PROPOSALS = re.compile(
    r"(?i)^(?:successful )?proposals (?:under this topic )?(?:should|must|will|are expected to) [^:.]{0,200}"
    r"(?:outcomes?|impacts?|results?|following)[^:.]{0,60}: *"
)
# LIFE and CERV tell what applicants have to prove first, and what the call is for after that.
OBJECTIVE = re.compile(r"(?:^|(?<=[.;)\]%\sa-z]))Objectives? ?: *(?=\S)")
# A heading of its own line, whose line break the portal lost.
GLUED_HEADING = re.compile(
    r"^(?:\d+\. *)?(?:Objectives?|Background|Context|Description|Scope)(?=[A-Z][a-z]* )"
)
FOOTNOTE = re.compile(r"\[\d{1,3}\]|\u200b|\ufeff")
# Portals lose the space where a list item ended: "market integration;Better coordination".
GLUED = re.compile(r"(?<=[;:])(?:[-–•·]\s*)?(?=[^\W\d_])|(?<=[a-z)][.])(?:[-–•·]\s*)?(?=[A-Z][a-z])")
# So do they where one ended in nothing: "low-temperature operationsFaster transition of buildings".
RUN_ON = re.compile(r"\b[^\W\d_A-Z]{4,}(?=[A-Z][a-z]+ )")
# True of every topic, so they say nothing of this one.
BOILERPLATE = re.compile(
    r"""(?ix) ^ (?:
        proposals \s should \s present \s the \s concrete \s results
        | (?:the \s)? (?:projects?|project \s results|proposals) \s (?:is|are) \s expected \s to \s (?:deliver \s results|contribute)
        | this \s topic \s is \s one \s of \s the
        | by \s the \s end \s of \s the \s project:
    )"""
)
SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[^\W\d_]|[\"“«(])")
LETTER = re.compile(r"[^\W\d_]")
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|incl|etc|art|no|vs|cf|approx|p\. ?ex|núm|pàg)\.$", re.IGNORECASE)


def aims(text: str, longest: int = LONGEST) -> str:
    """One or two sentences of `text` past its standard opening, at most `longest` characters.

    Cut at a sentence where one ends in time, else at a word, with an ellipsis. Empty for an empty text.
    """
    text = _past_opening(_one_line(FOOTNOTE.sub("", text[:8_000])))
    return _clip(text, longest) if text else ""


def _one_line(text: str) -> str:
    """`text` without its headings and line breaks; an item of a list that ends in nothing ends in a semicolon."""
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line and not HEADING.fullmatch(f"{line}:")]
    ended = [line if line[-1] in ".:;,!?…" else f"{line};" for line in kept[:-1]] + kept[-1:]
    parted = RUN_ON.sub(r"\g<0>; ", " ".join(ended))
    return " ".join(GLUED.sub(" ", parted).split())


def _past_opening(text: str) -> str:
    """`text` from its first words of substance; headings and openers follow one another in any order."""
    if objective := OBJECTIVE.search(text):
        text = text[objective.end() :]
    for _ in range(4):
        rest = OPENER.sub("", HEADING.sub("", GLUED_HEADING.sub("", text), count=1), count=1)
        rest = OPENER_OF_PROPOSALS.sub("", rest, count=1).lstrip("-–•·* ")
        if not rest or rest == text:
            break
        text = rest
    return text[:1].upper() + text[1:]


def _clip(text: str, longest: int) -> str:
    sentences = _sentences(text)
    kept = ""
    for sentence in ([one for one in sentences if not BOILERPLATE.match(one)] or sentences)[:2]:
        longer = f"{kept} {sentence}".strip()
        if len(longer) > longest:
            break
        kept = longer
    if kept:
        return re.sub(r";$", ".", kept)
    text = next((one for one in sentences if not BOILERPLATE.match(one)), text)
    cut = text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:.–-(")
    return f"{cut}…"


def _sentences(text: str) -> list[str]:
    parts: list[str] = []
    for part in SENTENCE.split(text[:2_000]):
        if parts and ABBREVIATION.search(parts[-1]):
            parts[-1] += f" {part}"
        else:
            parts.append(HEADING.sub("", part))
    return [part for part in parts if LETTER.search(part)] or [text]
