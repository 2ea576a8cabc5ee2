"""What an organisation looks for, as texts to compare calls with."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property

from config.organisation import LANGUAGES, Language, Organisation
from config.schema import Network, Partner, ProgrammeRule, Project, Role, Rule


@dataclass(frozen=True)
class Theme:
    """A policy area: its query and its terms, by language."""

    id: str
    queries: dict[Language, str]
    terms: dict[Language, tuple[str, ...]]


@dataclass(frozen=True)
class Profile:
    """Themes, ways of taking part, fields without competence, whom else calls are for, and what was done before."""

    themes: tuple[Theme, ...]
    roles: tuple[Role, ...]
    lacks: dict[Language, str]
    others: tuple[dict[Language, str], ...]
    projects: tuple[Project, ...]
    rules: tuple[Rule, ...]
    programmes: tuple[ProgrammeRule, ...] = ()
    partners: tuple[Partner | Network, ...] = ()

    def role_query(self, language: Language) -> str:
        """All the words for taking part, of all roles: which role it is, the explanation tells."""
        return " ".join(word for role in self.roles for word in role.words[language])

    @property
    def role_descriptions(self) -> list[dict[Language, str]]:
        """Every role as a sentence by language; as its words where the configuration has no sentence."""
        return [
            {
                language: role.description[language] if role.description else ", ".join(role.words[language])
                for language in LANGUAGES
            }
            for role in self.roles
        ]

    @property
    def project_texts(self) -> list[str]:
        return [f"{project.name.en}. {project.summary}" for project in self.projects]

    @property
    def queries(self) -> list[str]:
        """All that calls are compared with by words, in every language."""
        by_language = [*(theme.queries for theme in self.themes), self.lacks, *self.others]
        return [query[language] for query in by_language for language in LANGUAGES] + self.project_texts

    @cached_property
    def hash(self) -> str:
        """Changes whenever anything changes that a match depends on."""
        state = {
            "themes": [asdict(theme) for theme in self.themes],
            "roles": [role.model_dump() for role in self.roles],
            "lacks": self.lacks,
            "others": self.others,
            "projects": [project.model_dump() for project in self.projects],
            "rules": [rule.model_dump() for rule in self.rules],
            "programmes": [rule.model_dump() for rule in self.programmes],
            "partners": [partner.model_dump(mode="json") for partner in self.partners],
        }
        return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]


def to_profile(organisation: Organisation) -> Profile:
    return Profile(
        themes=tuple(
            Theme(
                id=area.id,
                queries={
                    language: ". ".join([area.name[language], *area.keywords[language]])
                    for language in LANGUAGES
                },
                terms={language: area.keywords[language] for language in LANGUAGES},
            )
            for area in organisation.areas
        ),
        roles=organisation.profile.roles,
        lacks={language: ". ".join(organisation.profile.lacks[language]) for language in LANGUAGES},
        others=tuple(
            {language: other.description[language] for language in LANGUAGES}
            for other in organisation.profile.others
        ),
        # What others of the group did is none of the organisation's own projects to continue.
        projects=tuple(project for project in organisation.projects if project.kind != "group"),
        rules=organisation.rules,
        programmes=organisation.programmes,
        partners=(*organisation.partners, *organisation.networks),
    )
