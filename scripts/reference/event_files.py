"""Event files of TensorBoard, in a Python of their own: `pip install tensorboard==2.21.0`.

    python scripts/reference/event_files.py              # writes test/reference/eventFiles.json
    python scripts/reference/event_files.py read FOLDER  # what TensorBoard reads there
"""

import io
import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.summary.writer.record_writer import RecordWriter

OUT = Path(__file__).resolve().parents[2] / "test" / "reference" / "eventFiles.json"
TIME = 1_700_000_000.25
WEIGHTS = [-1.5, -0.25, 0.0, 0.5, 0.75, 1.5]


def record(**fields):
    """The bytes of an event as a record, in hexadecimal digits."""
    file = io.BytesIO()
    RecordWriter(file).write(Event(wall_time=TIME, **fields).SerializeToString(deterministic=True))
    return file.getvalue().hex()


def value(**fields):
    return Summary(value=[Summary.Value(**fields)])


def histogram(weights):
    low, high = min(weights), max(weights)
    limits = [low + (i + 1) * ((high - low) / 30) for i in range(29)] + [high]
    counts = [0] * 30
    for w in weights:
        counts[min(int((w - low) / ((high - low) / 30)), 29)] += 1
    squares = sum(w * w for w in weights)
    return HistogramProto(
        min=low, max=high, num=len(weights), sum=sum(weights), sum_squares=squares, bucket_limit=limits, bucket=counts
    )


def build():
    return {
        "time": TIME,
        "weights": WEIGHTS,
        "header": record(file_version="brain.Event:2"),
        "scalars": [
            {"step": step, "tag": tag, "value": x, "record": record(step=step, summary=value(tag=tag, simple_value=x))}
            for step, tag, x in [(0, "epoch_loss", 0.25), (3, "epoch_größe", -0.0), (70_000, "batch_loss", 1e30)]
        ],
        "histogram": record(step=2, summary=value(tag="dense/kernel/histogram", histo=histogram(WEIGHTS))),
    }


def read(folder):
    """What TensorBoard finds, by folder and tag: (step, value), or the number of weights and of buckets."""
    found = {}
    for part in sorted(Path(folder).iterdir()):
        events = EventAccumulator(str(part), size_guidance={"histograms": 0})
        events.Reload()
        for tag in events.Tags()["scalars"]:
            found[f"{part.name}/{tag}"] = [(event.step, event.value) for event in events.Scalars(tag)]
        for tag in events.Tags()["histograms"]:
            values = [(event.step, event.histogram_value) for event in events.Histograms(tag)]
            found[f"{part.name}/{tag}"] = [(step, h.num, len(h.bucket)) for step, h in values]
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["read"]:
        print(json.dumps(read(sys.argv[2]), indent=1))
    else:
        OUT.write_text(json.dumps(build(), ensure_ascii=False) + "\n", encoding="utf-8")
