"""Preprocessing: layers by their options, what they adapted to, inputs and outputs; scikit-learn's scaler and splits.

The lookups of texts and integers and the hashes are TensorFlow's in Keras, whatever its backend: this topic needs
tensorflow-cpu (2.21 was used) and scikit-learn (1.9) beside Keras.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from keras.src.layers.preprocessing.index_lookup import IndexLookup
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from reference import camel_keys, normal, tensor

layers = keras.layers

TABLE = normal(1, (40, 3)) * np.float32([1, 20, 0.1]) + np.float32([0, 100, -3])
LARGE = normal(2, (1000,), 3)
AGES = [[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]]
FRUIT = [["apple", "pear", "fig"], ["fig", "fig", "kiwi"]]
NAMES = ["ada", "bob", "ada", "cy", "dan", "cy", "ada"]
CODES = [[12, 1138, 42], [42, 1000, 36], [-7, 42, 12]]
TEXTS = ["Foo BAR.", "bar ÄÖ  baz", "baz\tbada-boom, foo!", "the é😀 end"]
NEW = ["foo qux bar", "äö ÄÖ", "", "baz baz the end"]
WORDS = ["", "a", "abc", "four", "seven77", "eight888", "sixteen-letters!", "a text of 25 letters, say.", "é😀" * 6,
         "x" * 64, "y" * 65, "0123456789" * 15, "z" * 128, "w" * 200]

# (layer, options, what it adapts to, inputs)
CASES = [
    ("Normalization", {}, TABLE, TABLE[:5]),
    ("Normalization", {"axis": None}, TABLE, TABLE[:5]),
    ("Normalization", {"axis": 1}, normal(3, (6, 4, 3)), normal(4, (2, 4, 3))),
    ("Normalization", {"axis": [1, 2]}, normal(3, (6, 4, 3)), normal(4, (2, 4, 3))),
    ("Normalization", {"axis": [2, -2], "invert": True}, normal(3, (6, 4, 3)), normal(4, (2, 4, 3))),
    ("Normalization", {"axis": None}, np.float32([1, 2, 3, 4, 5]), np.float32([1, 2, 3])),
    ("Normalization", {"invert": True}, TABLE, normal(5, (2, 3))),
    ("Normalization", {}, np.ones((4, 2), np.float32), np.float32([[1, 2]])),
    ("Normalization", {}, [TABLE[:7], TABLE[7:30], TABLE[30:]], TABLE[:5]),
    ("Normalization", {"mean": 3.0, "variance": 2.0}, None, np.float32([[1], [2], [3]])),
    ("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 0.0]}, None, TABLE[:3]),
    ("Normalization", {"axis": [1, 2], "mean": [1.0, 2.0], "variance": [1.0, 4.0]}, None, normal(6, (2, 3, 2))),
    ("Rescaling", {"scale": 1 / 255}, None, np.int32([[0, 51, 255]])),
    ("Rescaling", {"scale": 1 / 127.5, "offset": -1.0}, None, np.float32([[[0, 100], [200, 255]]])),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0]}, None, np.float32(AGES)),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": "one_hot"}, None, np.float32(AGES)),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": "multi_hot"}, None, np.float32(AGES)),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0], "output_mode": "count"}, None, np.float32(AGES)),
    ("Discretization", {"bin_boundaries": [0.0, 1.0]}, None, np.float32([[np.nan], [np.inf], [-np.inf], [1]])),
    ("Discretization", {"bin_boundaries": [0.0, 1.0], "output_mode": "one_hot"}, None, np.float32([[2], [0.5]])),
    ("Discretization", {"num_bins": 4}, np.float32(AGES), np.float32(AGES)),
    ("Discretization", {"num_bins": 5}, LARGE, LARGE[:50]),
    ("Discretization", {"num_bins": 7, "epsilon": 0.05}, LARGE, LARGE[:50]),
    ("Discretization", {"num_bins": 49}, [LARGE[:100], LARGE[100:350], LARGE[350:]], LARGE[:50]),
    ("Discretization", {"num_bins": 4}, np.float32([2.0, 1.0]), np.float32([0, 1, 1.5, 2, 3])),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, None, np.int32([3, 2, 0, 1])),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, None, np.int32([[3], [2]])),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, None, np.int32([[3, 0], [2, 7]])),
    ("CategoryEncoding", {"num_tokens": 4}, None, np.int32([[0, 1], [0, 0], [1, 2], [3, 1]])),
    ("CategoryEncoding", {"num_tokens": 4}, None, np.int32([0, 1, 1])),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, None, np.int32([[0, 0], [9, 2], [-1, 3]])),
    ("IntegerLookup", {}, np.array(CODES), np.array([[12, 5], [42, -7]])),
    ("IntegerLookup", {"vocabulary": [12, 36, 1138, 42]}, None, np.array([[12, 1138, 42], [42, 1000, 36]])),
    ("IntegerLookup", {"vocabulary": [12, 36, 1138, 42], "num_oov_indices": 3}, None, np.array([[12, -1, -2], [4, 5, 36]])),
    ("IntegerLookup", {"vocabulary": [10, 20], "num_oov_indices": 4, "oov_method": "farmhash"}, None,
     np.array([100, 300, 700, 1100, 1700, 2000, -5])),
    ("IntegerLookup", {"vocabulary": [10, 20], "num_oov_indices": 4, "oov_method": "farmhash", "salt": [3, 9]}, None,
     np.array([100, 300, 700, 1100, 1700, 2000])),
    ("IntegerLookup", {"mask_token": 0, "max_tokens": 5}, np.array(CODES + [[0, 0, 0]]), np.array([[0, 42, 12], [36, 1138, -7]])),
    ("IntegerLookup", {"vocabulary": [12, 36], "mask_token": 0, "output_mode": "count"}, None, np.array([[0, 12, 12], [7, 7, 36]])),
    ("IntegerLookup", {"vocabulary": [12, 36], "mask_token": 0, "output_mode": "one_hot"}, None, np.array([[0], [12], [7]])),
    ("IntegerLookup", {"vocabulary": [12, 36], "num_oov_indices": 0, "output_mode": "multi_hot"}, None, np.array([[12, 36], [36, 36]])),
    ("IntegerLookup", {"vocabulary": [12, 36, 1138, 42], "output_mode": "tf_idf", "idf_weights": [0.25, 0.75, 0.6, 0.4]}, None,
     np.array([[12, 1138, 42, 42], [42, 7, 36, 7]])),
    ("IntegerLookup", {"vocabulary": [-1, 12, 36], "output_mode": "tf_idf", "idf_weights": [0.9, 0.25, 0.75]}, None,
     np.array([[12, 1138, 42, 42], [42, 7, 36, 7]])),
    ("IntegerLookup", {"output_mode": "tf_idf", "pad_to_max_tokens": True, "max_tokens": 9}, np.array(CODES), np.array(CODES)),
    ("IntegerLookup", {"vocabulary": [12, 36], "invert": True}, None, np.array([[1, 2], [0, 9]])),
    ("IntegerLookup", {"vocabulary": [12, 36], "mask_token": 5, "invert": True}, None, np.array([[0, 1], [2, 3]])),
    ("StringLookup", {}, FRUIT, [["fig", "nut"], ["pear", "apple"]]),
    ("StringLookup", {}, NAMES, NAMES + ["eve"]),
    ("StringLookup", {}, ["\uff41", "\U0001f600", "z", "ab", "a", "ac"], ["\uff41"]),
    ("StringLookup", {"max_tokens": 3, "mask_token": ""}, NAMES + ["", "", "", ""], ["ada", "cy", "", "bob"]),
    ("StringLookup", {"vocabulary": ["a", "b", "c", "d"], "num_oov_indices": 2}, None, [["a", "c", "d"], ["m", "z", "b"]]),
    ("StringLookup", {"vocabulary": ["a"], "num_oov_indices": 5, "salt": 7}, None, WORDS),
    ("StringLookup", {"vocabulary": ["a", "b", "c", "d"], "output_mode": "one_hot"}, None, ["a", "b", "c", "d", "z"]),
    ("StringLookup", {"vocabulary": ["a", "b"], "mask_token": "", "output_mode": "one_hot"}, None, [["a", ""], ["q", "b"]]),
    ("StringLookup", {"vocabulary": ["a", "b"], "mask_token": "", "output_mode": "multi_hot"}, None, [["a", ""], ["q", "q"]]),
    ("StringLookup", {"vocabulary": ["a", "b", "c", "d"], "output_mode": "count"}, None, [["a", "c", "d", "d"], ["d", "z", "b", "z"]]),
    ("StringLookup", {"output_mode": "count", "max_tokens": 8, "pad_to_max_tokens": True}, FRUIT, FRUIT),
    ("StringLookup", {"output_mode": "tf_idf"}, FRUIT, FRUIT + [["nut", "nut", "fig"]]),
    ("StringLookup", {"vocabulary": ["a", "b"], "mask_token": "", "invert": True}, None, np.array([[0, 1], [2, 3], [4, -1]])),
    ("TextVectorization", {}, TEXTS, NEW),
    ("TextVectorization", {}, TEXTS, [[text] for text in NEW]),
    ("TextVectorization", {"max_tokens": 5}, TEXTS, NEW),
    ("TextVectorization", {"output_sequence_length": 2}, TEXTS, NEW),
    ("TextVectorization", {"standardize": None}, TEXTS, NEW),
    ("TextVectorization", {"standardize": "lower"}, TEXTS, NEW),
    ("TextVectorization", {"standardize": "strip_punctuation"}, TEXTS + ["".join(map(chr, range(33, 127)))], NEW),
    ("TextVectorization", {"split": "character"}, TEXTS, NEW),
    ("TextVectorization", {"split": None}, TEXTS, [[text] for text in TEXTS + NEW]),
    ("TextVectorization", {"split": None, "output_mode": "multi_hot"}, TEXTS, [[text] for text in TEXTS + NEW]),
    ("TextVectorization", {"ngrams": 2}, TEXTS, NEW),
    ("TextVectorization", {"ngrams": (1, 3)}, TEXTS, NEW),
    ("TextVectorization", {"ngrams": (2,), "output_mode": "count"}, TEXTS, NEW),
    ("TextVectorization", {"output_mode": "multi_hot"}, TEXTS, NEW),
    ("TextVectorization", {"output_mode": "count", "max_tokens": 20, "pad_to_max_tokens": True}, TEXTS, NEW),
    ("TextVectorization", {"output_mode": "tf_idf"}, TEXTS, NEW),
    ("TextVectorization", {"vocabulary": ["earth", "wind", "and", "fire"]}, None, ["Earth, wind & fire", "water"]),
    ("TextVectorization", {"output_mode": "tf_idf", "vocabulary": ["a", "b"], "idf_weights": [0.5, 2.0]}, None, ["a a c", "b"]),
    ("Hashing", {"num_bins": 1000003}, None, WORDS),
    ("Hashing", {"num_bins": 1000003, "salt": [133, 137]}, None, WORDS),
    ("Hashing", {"num_bins": 3, "salt": 133}, None, [["A"], ["B"], ["C"], ["D"], ["E"]]),
    ("Hashing", {"num_bins": 3, "mask_value": ""}, None, [["A"], ["B"], [""], ["C"], ["D"]]),
    ("Hashing", {"num_bins": 5, "output_mode": "count"}, None, [["A", "B"], ["A", "A"]]),
    ("Hashing", {"num_bins": 50}, None, np.array([[1, 2, -3], [4, 1000000007, 0]])),
]


def plain(data):
    """Arrays as tensors, texts as they are."""
    if isinstance(data, np.ndarray):
        data = data.astype(np.int32) if data.dtype == np.int64 else data
        return tensor(data)
    return [plain(batch) for batch in data] if isinstance(data[0], np.ndarray) else data


def case(name, config, data, x):
    layer = getattr(layers, name)(**config)
    record = {"layer": name, "config": camel_keys(config), "x": plain(x)}
    if data is not None:
        layer.adapt(iter(data) if isinstance(data[0], np.ndarray) and isinstance(data, list) else data)
        record["adapt"] = plain(data)
    if name == "StringLookup" and config.get("invert"):
        y = IndexLookup.call(layer, x).numpy()  # JAX has no texts
        return {**record, "tokens": [[token.decode() for token in row] for row in y]}
    if name == "Normalization" and data is None:
        layer.build((None, *x.shape[1:]))
    y = np.asarray(layer(x))
    if hasattr(layer, "get_vocabulary"):
        of_integers = name == "IntegerLookup"
        record["vocabulary"] = [int(token) if of_integers else str(token) for token in layer.get_vocabulary()]
    if name == "Discretization":
        record["boundaries"] = layer.bin_boundaries
    if name == "Normalization" and data is not None:
        record["weights"] = [tensor(np.asarray(weight)) for weight in layer.weights]
    return {**record, "y": tensor(y)}


def weighted():
    x = np.int32([[0, 1], [0, 0], [1, 2], [3, 1]])
    weights = np.float32([[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]])
    y = layers.CategoryEncoding(num_tokens=4, output_mode="count")(x, count_weights=weights)
    return {"numTokens": 4, "x": tensor(x), "countWeights": tensor(weights), "y": tensor(np.asarray(y))}


def scaled(name, x, **options):
    x = x.astype(np.float64)  # of float32 it would round the mean
    scaler = StandardScaler(**options).fit(x)
    listed = lambda values: None if values is None else values.tolist()
    return {
        "name": name,
        "options": camel_keys(options),
        "x": tensor(x),
        "mean": listed(scaler.mean_),
        "variance": listed(scaler.var_),
        "scale": listed(scaler.scale_),
        "y": tensor(scaler.transform(x)),
    }


def scalers():
    gaps = TABLE.copy()
    gaps[3, 1] = gaps[7, 0] = np.nan
    return [
        scaled("a table", TABLE),
        scaled("a constant column", np.float32([[1, 0.1], [2, 0.1], [4, 0.1]])),
        scaled("gaps", gaps),
        scaled("far from 0", TABLE + np.float32(1e4)),
        scaled("mean alone", TABLE, with_std=False),
        scaled("deviation alone", TABLE, with_mean=False),
    ]


def split(n, test, seed, shuffle=True, classes=None, train=None):
    labels = None if classes is None else np.random.default_rng(n).integers(0, classes, n)
    parts = train_test_split(np.arange(n), test_size=test, train_size=train, random_state=seed if shuffle else None,
                             shuffle=shuffle, stratify=labels)
    return {
        "n": n,
        "options": {key: value for key, value in {"testSize": test, "trainSize": train, "seed": seed, "shuffle": shuffle}.items()
                    if value is not None},
        "labels": None if labels is None else labels.tolist(),
        "train": parts[0].tolist(),
        "test": parts[1].tolist(),
    }


def build():
    return {
        "layers": [case(*one) for one in CASES],
        "weighted": weighted(),
        "normalize": [
            {"axis": axis, "order": order, "x": tensor(x), "y": tensor(keras.utils.normalize(x, axis=axis, order=order))}
            for axis, order in [(-1, 2), (1, 1), (2, np.inf)]
            for x in [np.concatenate([normal(9, (2, 3, 4)), np.zeros((1, 3, 4), np.float32)])]
        ],
        "scalers": scalers(),
        "splits": [
            split(10, None, 0),
            split(11, 0.2, 42),
            split(57, 7, 4294967295),
            split(30, 0.3, 5, train=0.5),
            split(9, 0.25, None, shuffle=False),
            split(60, 0.2, 1, classes=3),
            split(53, 0.25, 2, classes=4),
            split(40, 10, 3, classes=7, train=13),
        ],
    }
