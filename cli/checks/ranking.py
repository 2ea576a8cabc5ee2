"""What the ranking goes by."""

from cli.checks.findings import OK, WARNING, Finding
from config.settings import Settings
from matcher.scorers.encoder import load_encoder


def check_encoder(settings: Settings) -> Finding:
    loaded = load_encoder(settings.encoder)
    used = (
        f"words, and sentence vectors by {loaded.model}" if loaded.encoder else "words, no sentence vectors"
    )
    chosen = [] if settings.encoder == "auto" else [f"FUNDING_ENCODER is {settings.encoder}"]
    refused = [f"{refusal.tier} could not be loaded: {refusal.reason}" for refusal in loaded.refused]
    return Finding("matcher", WARNING if refused else OK, "; ".join([used, *chosen, *refused]))
