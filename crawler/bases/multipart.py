"""Bodies of search APIs that want JSON in the parts of a form."""

import json
from typing import Any

BOUNDARY = "funding-tracker-form"


def json_parts(**parts: Any) -> tuple[bytes, str]:
    """A multipart/form-data body and its content type.

    Every part is named as a file and says that it is JSON: the EU portal ignores one that does not, filter and all.
    """
    lines = []
    for name, value in parts.items():
        lines += [
            f"--{BOUNDARY}",
            f'Content-Disposition: form-data; name="{name}"; filename="blob"',
            "Content-Type: application/json",
            "",
            json.dumps(value),
        ]
    lines += [f"--{BOUNDARY}--", ""]
    return "\r\n".join(lines).encode(), f"multipart/form-data; boundary={BOUNDARY}"
