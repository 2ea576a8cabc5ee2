import ast
from pathlib import Path

from crawler import parsers
from notifier.doubts import doubt
from notifier.words import words_in

PARSERS = sorted(Path(parsers.__file__).parent.glob("*.py"))


def notices_of_parsers() -> set[str]:
    """Every code that a parser hands to `notices.append`."""
    calls = (node for path in PARSERS for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {
        argument.value
        for node in calls
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "notices.append"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_every_doubt_of_a_parser_has_its_words() -> None:
    notices = notices_of_parsers()
    assert "deadline_unreadable" in notices
    assert [notice for notice in sorted(notices) if notice in doubt(words_in("ca"), notice)] == []


def test_one_without_words_is_shown_by_its_code() -> None:
    assert doubt(words_in("ca"), "test_code") == "Cal comprovar les dades (test_code)."
