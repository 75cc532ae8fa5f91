"""Train a regression with clipped units (ReLU6): 10 measurements, progression of diabetes.

The data ship with scikit-learn; the unscaled ones are used, so that the features have their own
units (years, kg/m2, ...). The scaling of the features and of the result is part of the graph.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from small_nets import EXAMPLES, RELU6, OnnxWriter, Training, run, train

PATH = EXAMPLES / "diabetes.onnx"


def main() -> None:
    """Train, save, and print the coefficient of determination on held-out patients."""
    data = load_diabetes(scaled=False)
    x, x_test, y, y_test = train_test_split(data.data, data.target, test_size=0.3, random_state=0)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    centre, spread = y.mean(), y.std()
    how = Training(hidden=(24, 12), activation=RELU6, epochs=60, batch=32, rate=1e-3, decay=1.0)
    layers = train((x - mean) / deviation, (y - centre) / spread, how)
    weights, bias = layers[-1]
    layers[-1] = (weights * spread, bias * spread + centre)
    writer = OnnxWriter([10])
    writer.add("Sub", mean)
    writer.add("Div", deviation)
    writer.add_dense(layers, RELU6, last="progression")
    features = [str(name) for name in data.feature_names]
    writer.save(PATH, 1, feature_names=features, output_names=["progression"])
    error = y_test - run(PATH, x_test)[:, 0]
    score = 1 - np.mean(error**2) / np.var(y_test)
    print(f"diabetes: R2 on {len(y_test)} held-out patients {score:.3f}")


if __name__ == "__main__":
    main()
