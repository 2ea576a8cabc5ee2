"""The mail server: whether it lets this installation in. No mail is sent."""

from cli.checks.findings import FAULT, OK, WARNING, Finding
from config.settings import Settings
from notifier.transport import DeliveryError, Smtp

TIMEOUT = 10.0
"""Seconds for each of its answers."""


class Visit(Smtp):
    """Comes in as a delivery does, and leaves."""

    def call(self) -> None:
        """Raises DeliveryError."""
        self._open()
        self.close()


def check_mail(settings: Settings, *, offline: bool) -> Finding:
    url = settings.smtp_url.get_secret_value()
    if not url:
        remark = f"FUNDING_SMTP_URL is not set, so that mails are files in {settings.outbox} and reach nobody"
        return Finding("mail", WARNING, remark)
    try:
        visit = Visit(url, timeout=TIMEOUT)
        if offline:
            return Finding("mail", OK, "by SMTP; the server was not asked (--offline)")
        visit.call()
    except DeliveryError as error:
        return Finding("mail", FAULT, f"{error}: check FUNDING_SMTP_URL and that the server runs")
    return Finding("mail", OK, f"by SMTP: {visit.host}:{visit.port} lets this installation in")
