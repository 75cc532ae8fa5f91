"""How results look: text, HTML and pictures."""

# imported for what they declare: how results are shown
from . import html, plot, schema_text, text  # noqa: F401
