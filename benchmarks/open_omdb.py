"""The open import with the ratings of OMDb: `open.py --omdb`, with the same other options."""

import sys

from open import main

if __name__ == "__main__":
    main(["--omdb", *sys.argv[1:]])
