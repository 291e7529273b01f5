"""Event files, written by TensorBoard's own writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


def write_events(folder: Path, scalars: Mapping[str, Sequence[tuple[int, float]]]) -> Path:
    """Write one event file with (step, value) of each tag."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    for tag, values in scalars.items():
        for step, value in values:
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
            writer.add_event(Event(wall_time=1000.0 + step, step=step, summary=summary))
    writer.close()
    return folder
