"""
Who may do what, from where.

`access` knows tokens, cookies and a proxy's users; `rules` decides about one request, purely; `guard` holds every
request against them and adds the headers that browsers obey. Imported by `web`
alone. To add a rule, write it in `rules`.
"""
