"""Why a call is here and whether one can apply: the matcher's reasons put into words."""

from typing import Any

from config.organisation import Organisation
from config.schema import Rule
from notifier.words import Words
from store.models import Match

TERMS_SHOWN = 3
QUOTES_SHOWN = 2
DECISION = "decision"
"""What stands in place of a rule where a person decided that a call is open."""


def explanation(words: Words, organisation: Organisation, match: Match) -> str:
    """Why the call is here, in at most two sentences; the call's own words stand between quotation marks."""
    return " ".join(filter(None, (_fit(words, organisation, match), _part(words, organisation, match))))


def _fit(words: Words, organisation: Organisation, match: Match) -> str:
    areas = [_area(words, organisation, area) for area in match.areas[:2]]
    return words.gettext("Fits %(areas)s.", areas=words.listed(areas)) if areas else ""


def _area(words: Words, organisation: Organisation, area: dict[str, Any]) -> str:
    name = area_name(words, organisation, area["id"])
    terms = area["terms"][:TERMS_SHOWN]
    return f"{name} ({', '.join(map(words.quoted, terms))})" if terms else name


def _part(words: Words, organisation: Organisation, match: Match) -> str:
    """`Enllaça amb GUARDEN; paper suggerit: soci («local authorities»).`"""
    project = related_project(words, organisation, match)
    role = _role_with_terms(words, organisation, match)
    if project and role:
        return words.gettext(
            "Ties in with %(project)s; suggested role: %(role)s.", project=project, role=role
        )
    if project:
        return words.gettext("Ties in with %(project)s.", project=project)
    return words.gettext("Suggested role: %(role)s.", role=role) if role else ""


def area_name(words: Words, organisation: Organisation, key: str) -> str:
    """The area's name; its key when the configuration no longer has it."""
    found = next((area for area in organisation.areas if area.id == key), None)
    return found.name[words.language] if found else key


def related_project(words: Words, organisation: Organisation, match: Match) -> str:
    """The name of the project that the call would continue most closely; empty when there is none."""
    if not match.projects:
        return ""
    key = match.projects[0]["id"]
    found = next((project for project in organisation.projects if project.id == key), None)
    return found.name[words.language] if found else str(key)


def suggested_role(words: Words, organisation: Organisation, match: Match) -> str:
    """The name of the role that the call's words suggest, such as `soci`; empty when they suggest none."""
    if not match.roles:
        return ""
    key = match.roles[0]["id"]
    found = next((role for role in organisation.profile.roles if role.id == key), None)
    name = found.name[words.language] if found else str(key)
    return name[:1].lower() + name[1:]


def _role_with_terms(words: Words, organisation: Organisation, match: Match) -> str:
    role = suggested_role(words, organisation, match)
    terms = match.roles[0]["terms"][:TERMS_SHOWN] if role else []
    return f"{role} ({', '.join(map(words.quoted, terms))})" if terms else role


def verdict_label(words: Words, match: Match) -> str:
    """The verdict in two or three words."""
    said = {
        "open": words.gettext("Open to us"),
        "unlikely": words.gettext("Unlikely for us"),
        "not_open": words.gettext("Not open to us"),
    }
    return said.get(match.verdict, words.gettext("Eligibility to be checked"))


def eligibility(words: Words, organisation: Organisation, match: Match) -> str:
    """The reason behind the verdict: the rule's own, or what a verdict without a rule means."""
    if match.rule == DECISION:
        return _decision(words, organisation, match)
    rule = _rule(organisation, match.rule)
    if rule:
        return rule.reason[words.language]
    said = {
        "open": words.gettext("By what the call states, a body like ours can apply."),
        "unlikely": words.gettext("By what the call states, a body like ours can hardly apply."),
        "not_open": words.gettext("By what the call states, a body like ours cannot apply."),
    }
    return said.get(match.verdict, words.gettext("The call does not say enough to tell who can apply."))


def _rule(organisation: Organisation, key: str) -> Rule | None:
    return next((rule for rule in organisation.rules if rule.id == key), None)


def _decision(words: Words, organisation: Organisation, match: Match) -> str:
    """That a person decided, and against which rule."""
    overruled = _rule(organisation, match.evidence[0].get("rule", "")) if match.evidence else None
    if overruled is None:
        return words.gettext("Somebody on the team decided that it is open to us.")
    return words.gettext(
        "Somebody on the team decided that it is open to us. The rule had said: %(reason)s",
        reason=overruled.reason[words.language],
    )


def evidence(words: Words, match: Match) -> tuple[str, ...]:
    """The words of the call that decide the verdict, each with where it stands."""
    return tuple(_quote(words, found["field"], found["words"]) for found in match.evidence[:QUOTES_SHOWN])


def _quote(words: Words, field: str, said: str) -> str:
    quoted = words.quoted(said)
    sentences = {
        "conditions": words.gettext("The conditions say %(words)s.", words=quoted),
        "title": words.gettext("The title says %(words)s.", words=quoted),
        "identifier": words.gettext("The identifier is %(words)s.", words=quoted),
        "type_of_action": words.gettext("The type of action is %(words)s.", words=quoted),
        "applicants": words.gettext("The applicants listed are %(words)s.", words=quoted),
        "regions": words.gettext("The regions stated are %(words)s.", words=quoted),
        "countries": words.gettext("The countries stated are %(words)s.", words=quoted),
        "programme": words.gettext("The programme is %(words)s.", words=quoted),
    }
    return sentences.get(field) or words.gettext("The call says %(words)s.", words=quoted)
