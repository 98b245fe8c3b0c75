"""
What is computed from the catalogue and from festivals: one package a kind of enrichment.

Imported by sync and above; imports festivals, catalog, db and records. What decides is pure; what is stored is made
equal to what the catalogue says now, so computing again changes nothing. To add one: a package with its SQL, a
migration for its tables, and a value of `EnrichMovie`'s argument `enrichment`.
"""
