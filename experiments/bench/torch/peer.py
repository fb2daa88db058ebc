#!/usr/bin/env python3
"""Times training steps of a torchvision ResNet in eager PyTorch, with BatchNorm or with RN in every norm layer.

    peer.py --net resnet50 --per-domain 4 --threads 2 --steps 5
    peer.py --device cuda --per-domain 32 --steps 20 --activations bfloat16 --channels-last
    peer.py --check GOLDEN...

The step is the one that `rn bench` times: forward pass, cross-entropy over all rows, backward pass, SGD with Nesterov momentum, projection of
the gates. The batch is noise, half source and half target. On a GPU, TF32 is allowed and a step ends when the device is done; bfloat16 is
autocast with float32 weights.

Prints a line of JSON per norm. peak_rss_mib is the peak of the whole process, so `rn bench peer` starts one process per norm.
--check times nothing: it compares the RN layer with golden numbers of the authors' code.
"""
import argparse
import json
import os
import resource
import sys

import golden


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{text} is not positive')
    return value


def known_norms(text):
    norms = text.split(',')
    unknown = [norm for norm in norms if norm not in ('bn', 'rn')]
    if unknown:
        raise argparse.ArgumentTypeError(f'unknown norm "{unknown[0]}": want bn or rn')
    return norms


def arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--net', default='resnet50', help='a ResNet of torchvision')
    parser.add_argument('--norms', type=known_norms, default=['bn', 'rn'], metavar='NORM,...', help='bn, rn or both')
    parser.add_argument('--per-domain', type=positive, default=4, metavar='N', help='images of each of the two domains in a batch')
    parser.add_argument('--size', type=positive, default=224, metavar='PIXELS', help='height and width of the images')
    parser.add_argument('--threads', type=positive, default=os.cpu_count(), metavar='N', help='threads on the CPU')
    parser.add_argument('--steps', type=positive, default=5, metavar='N', help='steps that are timed')
    parser.add_argument('--warmup', type=positive, metavar='N', help='steps before those (default: 1 on the CPU, 3 on CUDA)')
    parser.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
    parser.add_argument('--activations', choices=['float32', 'bfloat16'], default='float32', help='bfloat16 is autocast')
    parser.add_argument('--channels-last', action='store_true', help='lay images and weights out with the channels last')
    parser.add_argument('--check', nargs='+', metavar='GOLDEN', help='golden files of RN layers to compare with, instead of timing')
    options = parser.parse_args(argv)
    if options.warmup is None:
        options.warmup = 3 if options.device == 'cuda' else 1
    return options


def peak_rss_mib():
    """The largest resident set of this process. getrusage counts bytes on macOS, kilobytes elsewhere."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> 20 if sys.platform == 'darwin' else peak >> 10


def report(options, norm, seconds, facts, peak_mib):
    """The line of a norm. Of an even number of steps the median is the upper one of the middle two, as in `rn bench`."""
    return {
        **facts, 'net': options.net, 'norm': norm, 'images': 2 * options.per_domain, 'size': options.size, 'threads': options.threads,
        'activations': options.activations, 'channels_last': options.channels_last, 'warmup': options.warmup, 'steps': len(seconds),
        'step_seconds_min': round(min(seconds), 6), 'step_seconds_median': round(sorted(seconds)[len(seconds) // 2], 6),
        'peak_rss_mib': peak_mib,
    }


def check(paths):
    """Prints how far the layer is from each golden file, and returns whether all of them agree."""
    agree = True
    for path in paths:
        difference = golden.worst(path)
        agree &= difference <= golden.TOLERANCE
        print(f'{path}: the largest difference is {difference:.1e}, want at most {golden.TOLERANCE:.0e}')
    return agree


def main():
    options = arguments()
    if options.check:
        sys.exit(not check(options.check))
    import training  # needs torch, which parsing and reporting do not

    for norm in options.norms:
        seconds, facts = training.measure(options, norm)
        print(json.dumps(report(options, norm, seconds, facts, peak_rss_mib())), flush=True)


if __name__ == '__main__':
    try:
        main()
    except (OSError, ValueError) as problem:
        sys.exit(f'peer.py: {problem}')
    except ModuleNotFoundError as missing:
        sys.exit(f'peer.py: {missing}: experiments/bench/torch/venv.sh installs torch and torchvision')
