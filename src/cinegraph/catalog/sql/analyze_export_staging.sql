-- Tell the planner how large the list is: nothing else looks at temporary tables. Returns: nothing.
ANALYZE export_staging
