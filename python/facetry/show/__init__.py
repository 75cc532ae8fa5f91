"""How results look: text, HTML and pictures."""
