"""
The cultural-relevance index (CRI): how much a film matters, 0 to 100, with what says so.

`formula` is the table of dimensions and terms with their weights and reasons; `categories` says what an award counts;
`terms` turns facts into evidence and `scoring` evidence into scores, both pure; `facts` and `baselines` read what they
need; `storing` keeps scores; `explaining` says why; `comparing` holds two versions against each other; `distribution`
counts scores; `backtest` holds out a list and looks how well the score finds its films, with `measures`, which are
pure, and `sameness`, which knows what is derived from what; `apart` does so in a process of its own. Imports db and
records; imported by jobs and api. To change the formula: the README.
"""
