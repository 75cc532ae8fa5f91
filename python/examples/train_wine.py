"""Train a wine classifier with LeakyReLU units: 13 chemical features, 3 cultivars.

The data ship with scikit-learn. The scaling of the features is part of the graph.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from small_nets import EXAMPLES, OnnxWriter, Training, leaky_relu, run, train

PATH = EXAMPLES / "wine.onnx"


def main() -> None:
    """Train, save, and print the accuracy on the wines that were held out."""
    data = load_wine()
    x, x_test, y, y_test = train_test_split(
        data.data, data.target, test_size=0.3, random_state=0, stratify=data.target
    )
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    activation = leaky_relu(0.1)
    how = Training(hidden=(16, 8), activation=activation, classes=3, epochs=80, batch=16, decay=0.3)
    layers = train((x - mean) / deviation, y, how)
    writer = OnnxWriter([13])
    writer.add("Sub", mean)
    writer.add("Div", deviation)
    writer.add_dense(layers, activation)
    writer.add("Softmax", last="probability", axis=1)
    features = [str(name) for name in data.feature_names]
    classes = [f"cultivar {number}" for number in range(3)]
    writer.save(PATH, 3, feature_names=features, output_names=classes)
    right = np.mean(run(PATH, x_test).argmax(axis=1) == y_test)
    print(f"wine: accuracy on {len(y_test)} held-out wines {right:.3f}")


if __name__ == "__main__":
    main()
