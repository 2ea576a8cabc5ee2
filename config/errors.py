"""Configuration that cannot be used, said in one sentence."""


class ConfigurationError(ValueError):
    """Names the file, the key and what is expected there; shown to the user as it is."""
