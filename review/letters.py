"""The letter with the link by which somebody signs in."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from config.schema import Officer
from notifier.mail import AddressError, ascii_address, domain_of, one_line
from notifier.templating import templates
from notifier.transport import DeliveryError, Envelope, opened_transport
from notifier.words import words_in
from review.rendering import TEMPLATES
from review.site import Site


def send_link(site: Site, officer: Officer, link: str) -> None:
    """Hand the letter over at once. Raises DeliveryError."""
    now, settings = site.clock(), site.settings
    environment = templates(officer.language, TEMPLATES)
    text = environment.get_template("sign_in_letter.txt.j2").render(
        link=link, organisation=site.organisation, officer=officer
    )
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    try:
        message["To"] = recipient = ascii_address(officer.email)
    except AddressError as error:
        raise DeliveryError(str(error)) from error
    message["From"] = one_line(settings.mail_from)
    name = site.organisation.profile.short_name
    message["Subject"] = one_line(words_in(officer.language).gettext("%(name)s: sign in", name=name))
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=domain_of(settings.mail_from))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    message["Content-Language"] = officer.language
    envelope = Envelope(f"{now:%Y%m%d-%H%M%S%f}-{officer.id}", settings.mail_from, recipient)
    with opened_transport(settings) as transport:
        transport.send(envelope, message.as_bytes())
