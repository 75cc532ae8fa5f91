"""Train the *Piecewise* network: 5 inputs, two hidden layers of 32 ReLUs, 1 output.

The target is a function on [0, 1]^5 with four quadrants in (x1, x2), each of which uses only some
of the inputs (Dethise and Canini, "Continuous Exact Explanations of Neural Networks", section
VI-B). It is therefore known which features ought to matter where.
"""

from __future__ import annotations

import numpy as np
from small_nets import EXAMPLES, RELU, Array, OnnxWriter, Training, run, train

SAMPLES = 30_000
PATHS = (
    EXAMPLES / "piecewise.onnx",
    EXAMPLES.parent / "facetry" / "cli" / "demo_data" / "piecewise.onnx",  # of `facetry demo`
)


def piecewise(x: Array) -> Array:
    """The target function: x is (N, 5) in [0, 1], the result (N,)."""
    x1, x2, x3, x4, x5 = x.T
    bottom_left = np.abs(np.cos(np.pi * (x1 + x3)))
    bottom_right = (np.exp(x2 * x4) - 1) / (np.e - 1)
    top_right = (x2 + x3 + x4) / 3
    left = np.where(x2 < 0.5, bottom_left, x5)
    right = np.where(x2 < 0.5, bottom_right, top_right)
    result: Array = np.where(x1 < 0.5, left, right)
    return result


def main() -> None:
    """Train, save, and print the error on points that were not trained on."""
    random = np.random.default_rng(1)
    x = random.uniform(size=(SAMPLES, 5))
    layers = train(x, piecewise(x), Training(hidden=(32, 32), epochs=120, batch=128, seed=1))
    writer = OnnxWriter([5])
    writer.add_dense(layers, RELU, last="y")
    for path in PATHS:
        writer.save(path, 1, feature_names=["x1", "x2", "x3", "x4", "x5"], output_names=["y"])
    test = random.uniform(size=(10_000, 5))
    error = np.mean(np.abs(run(PATHS[0], test)[:, 0] - piecewise(test)))
    print(f"piecewise: mean absolute error on 10000 test points {error:.4f}")


if __name__ == "__main__":
    main()
