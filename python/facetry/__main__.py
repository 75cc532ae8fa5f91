"""`python -m facetry` is the `facetry` command."""

import sys

from .cli.main import main

if __name__ == "__main__":
    sys.exit(main())
