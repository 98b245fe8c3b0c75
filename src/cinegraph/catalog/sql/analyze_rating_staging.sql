-- Tell the planner how large a list of ratings is: nothing else looks at temporary tables. Returns: nothing.
ANALYZE rating_staging
