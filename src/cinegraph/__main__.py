"""`python -m cinegraph` is `cinegraph`."""

from cinegraph.cli import main

if __name__ == "__main__":
    main()
