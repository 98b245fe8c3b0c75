"""
Which films have to be computed anew, by kind of enrichment, and why: each once, however often it changed.

`kinds` says which change concerns which kind and how far it spreads, and is pure; `following` reads the change log, and
what changes took away (`enrichment_former`), and marks; `taking` hands out what is due; `passes` remembers passes over
all films; `status` counts. Imports catalog and db; imported by jobs, api and monitoring. To add a kind: a value of
`Enrichment`, its causes in `kinds`, and its computing in `jobs.enrichment`.
"""
