-- Take away the lines of a list that was merged earlier in this transaction. Returns: nothing.
DROP TABLE IF EXISTS pg_temp.export_staging
