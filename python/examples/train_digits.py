"""Train a small convolutional network with max-pooling on 8x8 images of handwritten digits.

The data ship with scikit-learn. This script alone needs PyTorch (`pip install torch`). The ONNX
file is written from the trained weights, so no exporter is needed.
"""

from __future__ import annotations

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from small_nets import EXAMPLES, Array, OnnxWriter, run
from torch import nn

PATH = EXAMPLES / "digits.onnx"
EPOCHS = 60


def build() -> nn.Sequential:
    """4 filters of 3x3, ReLU, 2x2 max-pooling, a dense layer of 16 ReLUs, 10 classes."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 16),
        nn.ReLU(),
        nn.Linear(16, 10),
    ).double()


def train(network: nn.Sequential, x: torch.Tensor, y: torch.Tensor) -> None:
    """Minimise the cross-entropy with Adam."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        schedule.step()


def save(network: nn.Sequential) -> None:
    """Write the network with its 0..16 grey levels divided by 16 inside the graph."""

    def weights(layer: int) -> tuple[Array, Array]:
        part = network[layer]
        return part.weight.detach().numpy(), part.bias.detach().numpy()

    writer = OnnxWriter([1, 8, 8])
    writer.add("Div", np.array(16.0))
    writer.add("Conv", *weights(0), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    writer.add("Relu")
    writer.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    writer.add("Flatten")
    writer.add("Gemm", *weights(4), transB=1)
    writer.add("Relu")
    writer.add("Gemm", *weights(6), transB=1)
    writer.add("Softmax", last="probability", axis=1)
    pixels = [f"pixel {row},{column}" for row in range(8) for column in range(8)]
    writer.save(PATH, 10, feature_names=pixels, output_names=[str(digit) for digit in range(10)])


def main() -> None:
    """Train, save, and print the accuracy on the images that were held out."""
    torch.set_num_threads(1)
    data = load_digits()
    images = data.images.reshape(-1, 1, 8, 8)
    x, x_test, y, y_test = train_test_split(
        images, data.target, test_size=0.3, random_state=0, stratify=data.target
    )
    network = build()
    train(network, torch.from_numpy(x / 16), torch.from_numpy(y))
    save(network)
    right = np.mean(run(PATH, x_test).argmax(axis=1) == y_test)
    print(f"digits: accuracy on {len(y_test)} held-out images {right:.3f}")


if __name__ == "__main__":
    main()
