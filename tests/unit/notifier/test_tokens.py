"""Colours that can be read: WCAG 2.2, 1.4.3."""

from typing import Any

import pytest

from notifier.templating import templates

AA = 4.5


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_its_ground(theme: str) -> None:
    tokens: Any = templates("en").get_template("tokens.css.j2").module
    colours = getattr(tokens, theme)
    pairs = [(ink, ground) for ink in ("ink", "muted", "accent") for ground in ("ground", "paper")]
    pairs += [(tone, f"{tone}_ground") for tone in tokens.tones]
    for ink, ground in pairs:
        assert contrast(colours[ink], colours[ground]) >= AA, (ink, ground)
