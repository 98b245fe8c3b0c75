-- Tell the planner how many films a list of ratings is about. Returns: nothing.
ANALYZE rating_matched
