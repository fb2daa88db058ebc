#!/usr/bin/env python3
"""Profiles training steps on the CPU: where their time goes, what XLA compiles for them, and what it allows on this machine.

    profile.sh [--nets resnet18:8,resnet50:4] [--norms bn,rn] [--size 224] [--steps 8] [--ops 10] [--json]

rn bench measures the steps and their compilation, in the plugin that rn uses. It cannot be profiled (it has no profiler extension), so that
jaxlib's XLA compiles and runs the same program for the ops' times, on noise. Both numbers of fusions are printed: they tell how alike the two are.
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

import hlo
import report
import timeline
import xla


LEAST = 0.01  # the share of a step from which on an op is named


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--rn', default='build/bin/rn', help='the command')
    parser.add_argument('--nets', default='resnet18:8,resnet50:4', help='ResNets, each with the number of images a domain')
    parser.add_argument('--norms', default='bn,rn', help='norms; the others are compared with the first')
    parser.add_argument('--size', type=int, default=224, help='height and width of the images')
    parser.add_argument('--steps', type=int, default=8, help='steps that are profiled, of which the faster half counts')
    parser.add_argument('--ops', type=int, default=0, help='name that many of the ops that take longest, of those with a hundredth of a step')
    parser.add_argument('--json', action='store_true', help='print each profile as a line of JSON')
    return parser.parse_args()


def rn(command, *arguments, **environment):
    """What the command prints, line by line of JSON."""
    kept = {k: v for k, v in os.environ.items() if k != 'GLIBC_TUNABLES'}  # rn has huge pages of its own
    out = subprocess.run([command, *arguments], env={**kept, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def dump(command, case, folder):
    """Has the plugin compile a case and write what it compiles to a folder."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_dump_to={folder} --xla_dump_hlo_as_proto --xla_dump_hlo_pass_re=NONE"
    rn(command, 'bench', 'serve', json.dumps(case), '--backend', 'xla:cpu', XLA_FLAGS=flags.strip(), RN_XLA_CACHE='off')


def dumped(folder, stage):
    [path] = glob.glob(os.path.join(folder, f'*{stage}_optimizations.hlo.pb'))
    return xla.computation(path)


def compiled(command, case):
    """A case as the plugin compiles it, and as jaxlib does: counts of both, and jaxlib's program."""
    with tempfile.TemporaryDirectory() as folder:
        dump(command, case, folder)
        before, after = dumped(folder, 'before'), hlo.counts(dumped(folder, 'after').as_hlo_text())
        kernels = len(glob.glob(os.path.join(folder, '*.o')))
    program = xla.Program(before)
    return program, {**after, 'instructions': hlo.counts(before.as_hlo_text())['instructions'], 'kernels': kernels,
                     'jaxlib_fusions': hlo.counts(program.text())['fusions']}


def profiles(command, case, norms, runs):
    """The profile of a network with each norm, as rn bench and the profiler have it."""
    say(f"rn bench, {case['backbone']}, {', '.join(norms)}")
    benches = rn(command, 'bench', '--backbone', case['backbone'], '--norms', ','.join(norms), '--per-domain', str(case['per_domain']),
                 '--size', str(case['size']), '--steps', '5', '--backend', 'xla:cpu', '--json')
    programs, counts = [], []
    for norm in norms:
        say(f"compiling {case['backbone']}, {norm}")
        program, count = compiled(command, {**case, 'norm': norm})
        program.run()
        programs.append(program)
        counts.append(count)
    say(f"profiling {case['backbone']}")
    found = []
    for bench, program, count, traced in zip(benches, programs, counts, xla.trace(programs, runs)):
        step, ops = timeline.work(hlo.Step(program.text()), traced)
        found.append({
            'net': case['backbone'], 'norm': bench['norm'], 'images': bench['images'], 'size': case['size'], 'threads': bench['threads'],
            'backend': bench['backend'], 'profiler': xla.VERSION, 'bench_step_ms': bench['step_seconds_median'] * 1e3,
            'step_ms': step, 'work': {kind: timeline.total([op for op in ops if op['kind'] == kind]) for kind in hlo.KINDS},
            'ops': [op for op in ops if op['ms'] > LEAST * step],
            'compile_seconds': bench['compile_seconds'], **count,
        })
    return found


def say(*what):
    print(*what, file=sys.stderr, flush=True)


def main(a):
    nets = [net.split(':') for net in a.nets.split(',')]
    say("what XLA's matrix product and an elementwise pass reach")
    peak, side = xla.product_peak()
    machine = {'product_gflops': peak / 1e9, 'product_side': side, 'pass_gbytes': xla.pass_peak() / 1e9}
    found = []
    for name, images in nets:
        case = {'backbone': name, 'per_domain': int(images), 'size': a.size}
        found.append([{**p, **machine} for p in profiles(a.rn, case, a.norms.split(','), a.steps)])
    print('\n'.join(json.dumps(p) for of in found for p in of) if a.json else report.document(found, a.ops))


if __name__ == '__main__':
    try:
        main(arguments())
    except subprocess.CalledProcessError as failed:  # and has said why
        sys.exit(f"main.py: {' '.join(failed.cmd)}: exit status {failed.returncode}")
