"""The whole log as Parquet files in which every case lies together, for engines beyond one machine."""

from ledger.dataset.checking import checks
from ledger.dataset.layout import MANIFEST, SCHEMA, Bucket, Manifest
from ledger.dataset.reading import Dataset, is_dataset
from ledger.dataset.writing import Place, Plan, planned, write

__all__ = [
    "MANIFEST",
    "SCHEMA",
    "Bucket",
    "Dataset",
    "Manifest",
    "Place",
    "Plan",
    "checks",
    "is_dataset",
    "planned",
    "write",
]
