-- Let the measuring of all films take its time until the transaction ends. Parameters: none. Returns: nothing.
SET LOCAL statement_timeout = '10min'
