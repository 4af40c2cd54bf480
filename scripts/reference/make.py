"""Makes test/reference/*.json with real Keras: python scripts/reference/make.py [topic ...]"""

import importlib
import sys

import reference

TOPICS = [
    "random_streams",
    "optimizers",
    "schedules",
    "losses",
    "initializers",
    "regularization",
    "fit",
    "activations",
    "layers",
    "metrics",
    "masks",
    "preprocessing",
    "printing",
    "package",
]


def main(topics):
    unknown = set(topics) - set(TOPICS)
    if unknown:
        sys.exit(f"unknown topic {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    for topic in topics or TOPICS:
        name = "random" if topic == "random_streams" else topic  # random.py would hide Python's own
        size = reference.write(name, importlib.import_module(topic).build())
        print(f"{name}.json: {size / 1024:.1f} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
