"""Settings, secrets, and whether the review may be shared as it is set up."""

from urllib.parse import urlsplit

from cli.checks.findings import FAULT, OK, WARNING, Finding
from config.errors import ConfigurationError
from config.organisation import Organisation
from config.secret_files import secrets_folder, secrets_read_by_others
from config.settings import Settings
from notifier.transport import is_loopback
from review.serving import check_shared


def check_organisation(organisation: Organisation) -> Finding:
    counts = f"{len(organisation.areas)} areas, {len(organisation.projects)} projects, {len(organisation.rules)} rules"
    return Finding("configuration", OK, f"{organisation.profile.short_name}: {counts}")


def check_secrets() -> Finding:
    """Raises ConfigurationError where their folder is none."""
    readable = secrets_read_by_others()
    if readable:
        files = " ".join(map(str, readable))
        remark = (
            f"every user of this machine can read {files}: chmod o-r {files}, and change what stood there"
        )
        return Finding("secrets", FAULT, remark)
    folder = secrets_folder()
    return Finding("secrets", OK, f"files in {folder}" if folder else "from the environment")


def check_review(settings: Settings) -> Finding:
    if not (settings.review_url or settings.proxy_header):
        return Finding("review", OK, "for whoever is at this machine: FUNDING_REVIEW_URL is not set")
    try:
        check_shared(settings)
    except ConfigurationError as error:
        return Finding("review", FAULT, str(error))
    address = urlsplit(settings.review_url)
    if address.scheme != "https" and not is_loopback(address.hostname or ""):
        remark = "FUNDING_REVIEW_URL is not https, and whoever listens on the way can take over a session"
        return Finding("review", WARNING, f"{remark}: put a proxy with TLS in front (docs/review.md)")
    by = "by the proxy" if settings.proxy_header else "by mailed links"
    return Finding("review", OK, f"at {settings.review_url}, people sign in {by}")
