"""Files: saved models and partitions, explanations, tables and folders of parts."""

# imported for what they declare: how results are written
from . import explanation_file, model_file, partition_file, table  # noqa: F401
