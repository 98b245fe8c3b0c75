"""
What to do next and why: the ledger of every thing at every source, the policy that says when it is due, the runs.

Decides and remembers, never fetches. Lives on `catalog`'s rank and below; imported by `monitoring`, `jobs` and `api`.
To add a rule for when something comes due, change `policy`, which is pure and the only place.
"""
