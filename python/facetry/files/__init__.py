"""Files: saved partitions, explanations, tables and folders of parts."""
