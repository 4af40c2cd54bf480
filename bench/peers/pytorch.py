"""The PyTorch side: a line of JSON in, a line of JSON out. One process for all works; `set` makes a work, `run` repeats it."""

import json
import sys
import time

import torch

ACTIVATIONS = {"relu": torch.nn.ReLU, "softmax": torch.nn.Identity, "linear": torch.nn.Identity}


def tensor(values):
    return torch.tensor(values["data"], dtype=torch.float32).reshape(values["shape"])


def matmul(spec):
    x, y = tensor(spec["x"]), tensor(spec["y"])
    z = torch.empty(x.shape[0], y.shape[1])

    def run(count):
        for _ in range(count):
            torch.mm(x, y, out=z)
        return z

    return run


def network(spec):
    layers = []
    for kernel, bias, activation in zip(spec["weights"][::2], spec["weights"][1::2], spec["activations"]):
        rows, units = kernel["shape"]
        layer = torch.nn.Linear(rows, units)
        with torch.no_grad():
            layer.weight.copy_(tensor(kernel).T)
            layer.bias.copy_(tensor(bias))
        layers += [layer, ACTIVATIONS[activation]()]
    return torch.nn.Sequential(*layers)


def training(spec):
    model = network(spec)
    x, y, batch = tensor(spec["x"]), tensor(spec["y"]), spec["batch"]
    if spec["loss"] == "meanSquaredError":
        loss_of = torch.nn.functional.mse_loss
    else:
        loss_of = torch.nn.functional.cross_entropy
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, fused=True)
    at = 0

    def run(count):
        nonlocal at
        total = 0.0
        for _ in range(count):
            rows = slice(at, at + batch)
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.detach()
            at = (at + batch) % x.shape[0]
        return total / count

    return run


def prediction(spec):
    model, x = network(spec), tensor(spec["x"])

    def run(count):
        with torch.inference_mode():
            for _ in range(count):
                y = model(x)
        return y

    return run


KINDS = {"matmul": matmul, "training": training, "prediction": prediction}
torch.set_num_threads(int(sys.argv[1]))
print(json.dumps({"version": torch.__version__}), flush=True)
run = None
for line in sys.stdin:
    message = json.loads(line)
    if "count" in message:
        start = time.perf_counter()
        result = run(message["count"])
        seconds = time.perf_counter() - start
        values = result.flatten().tolist() if message.get("values") else None
        print(json.dumps({"seconds": seconds, "values": values}), flush=True)
    else:
        run = KINDS[message["kind"]](message)
        print(json.dumps({}), flush=True)
