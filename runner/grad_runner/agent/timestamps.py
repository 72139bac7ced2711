"""Instants on the wire: nanoseconds since the epoch as protobuf timestamps."""

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(time_ns: int) -> Timestamp:
    return Timestamp(seconds=time_ns // 1_000_000_000, nanos=time_ns % 1_000_000_000)


def time_ns(stamp: Timestamp) -> int:
    return stamp.seconds * 1_000_000_000 + stamp.nanos
