"""Train a health classifier: 30 measured features of a tumour, benign or malignant.

The data ship with scikit-learn (Wisconsin Diagnostic Breast Cancer). The scaling of the features is
part of the graph, so that the network, and every explanation of it, speaks of the measured values.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from small_nets import EXAMPLES, RELU, OnnxWriter, Training, run, train

PATH = EXAMPLES / "breast_cancer.onnx"


def main() -> None:
    """Train, save, and print the accuracy on the patients that were held out."""
    data = load_breast_cancer()
    x, x_test, y, y_test = train_test_split(
        data.data, data.target, test_size=0.3, random_state=0, stratify=data.target
    )
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    how = Training(hidden=(16, 8), classes=2, epochs=60, batch=32, decay=0.3, seed=0)
    layers = train((x - mean) / deviation, y, how)
    writer = OnnxWriter([30])
    writer.add("Sub", mean)
    writer.add("Div", deviation)
    writer.add_dense(layers, RELU)
    writer.add("Softmax", last="probability", axis=1)
    features = [str(name) for name in data.feature_names]
    classes = [str(name) for name in data.target_names]
    writer.save(PATH, 2, feature_names=features, output_names=classes)
    right = np.mean(run(PATH, x_test).argmax(axis=1) == y_test)
    print(f"breast_cancer: accuracy on {len(y_test)} held-out patients {right:.3f}")


if __name__ == "__main__":
    main()
