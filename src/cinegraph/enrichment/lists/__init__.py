"""
Cultural lists: which films stand on canons, polls and registries, now and before, also those that are not stored yet.

`definitions` are the lists we know, as data; `reading` turns a body into entries and is pure, with `columns` and `ids`
below it; `membership` decides who joins, stays and leaves, and is pure; `storing` makes members equal, `resolving` and
`linking` find their films, `events` takes the films of an awards event for members; `browse` is for screens. Imports
festivals, catalog and db; imported by jobs and api. To add a list: a row in `definitions`. To add a format: a reader.
"""
