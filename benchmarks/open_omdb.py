"""The open import with what OMDb says: `open.py --omdb`, for `make bench`; takes the other options of `open.py`."""

import sys

from open import main

if __name__ == "__main__":
    main(["--omdb", *sys.argv[1:]])
