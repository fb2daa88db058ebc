#!/usr/bin/env python3
"""Measures images/s of torchvision's usual pipeline in PyTorch's DataLoader: the peer of BenchmarkPhotos.

ImageFolder, Resize((256, 256)), RandomCrop(224), RandomHorizontalFlip, ToTensor; batches of 36; N worker
processes of one thread each. Every image is decoded, none is kept in memory. When the clock starts, the
workers are warm and have no batch ready.

    python peer.py --root FOLDER_OF_CLASSES --workers 2 --images 1800 --json
"""
import argparse
import json
import time

import torch
import torchvision
from torch.utils.data import DataLoader, Sampler
from torchvision import datasets, transforms

BATCH = 36


class Draws(Sampler):
    """Draws indices for any number of images, one permutation after another."""

    def __init__(self, examples, images):
        self.examples, self.images = examples, images

    def __len__(self):
        return self.images

    def __iter__(self):
        left = self.images
        while left > 0:
            yield from torch.randperm(self.examples)[:left].tolist()
            left -= self.examples


def measure(root, workers, images):
    """Returns the number of images read and the seconds it took."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # as DataLoader does in its workers
    data = datasets.ImageFolder(root, transforms.Compose([
        transforms.Resize((256, 256)),
        transforms.RandomCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
    ]))
    draws = Draws(len(data), 2 * BATCH * max(workers, 1))
    loader = DataLoader(data, BATCH, sampler=draws, num_workers=workers, persistent_workers=workers > 0)
    for _ in loader:  # starts the workers
        pass
    draws.images = images
    read, start = 0, time.perf_counter()
    for x, _ in loader:
        read += len(x)
    return read, time.perf_counter() - start


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not positive")
    return value


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--root", required=True, metavar="DIR", help="folder with a folder of photographs for each class")
    p.add_argument("--workers", type=positive, default=2, metavar="N", help="worker processes (default 2)")
    p.add_argument("--images", type=positive, default=1800, metavar="N", help="images to read (default 1800)")
    p.add_argument("--json", action="store_true", help="print one JSON line")
    a = p.parse_args()
    images, seconds = measure(a.root, a.workers, a.images)
    result = {
        "images": images, "seconds": round(seconds, 3), "images_per_second": round(images / seconds, 1),
        "workers": a.workers, "torch": torch.__version__, "torchvision": torchvision.__version__,
    }
    print(json.dumps(result) if a.json else "%(images)d images in %(seconds).1f s: %(images_per_second).1f images/s" % result)


if __name__ == "__main__":
    main()
