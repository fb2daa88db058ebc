#!/usr/bin/env python3
"""Profiles training steps on the CPU: their time by kind of work, the programs that XLA compiles, and the speed that XLA reaches on this machine.

    profile.sh [--nets resnet18:8,resnet50:4] [--norms bn,rn] [--size 224] [--steps 8] [--ops 10] [--json]

rn bench measures the steps and their compilation in the plugin that rn uses. That plugin has no profiler extension, so jaxlib's XLA compiles the
same program and runs it on noise for the times of the ops. The report has the number of fusions of both, which shows how alike they are.
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


LEAST = 0.01  # the smallest share of a step with which an op is listed


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--rn', default='build/bin/rn', help='the rn command')
    parser.add_argument('--nets', default='resnet18:8,resnet50:4', help='ResNets, each with its images per domain')
    parser.add_argument('--norms', default='bn,rn', help='norms; differences and ratios are to the first')
    parser.add_argument('--size', type=int, default=224, help='height and width of the images in pixels')
    parser.add_argument('--steps', type=int, default=8, help='profiled steps, of which the faster half counts')
    parser.add_argument('--ops', type=int, default=0, help='slowest ops to list, if they take at least a hundredth of a step')
    parser.add_argument('--json', action='store_true', help='print a line of JSON per profile')
    return parser.parse_args()


def rn(command, *arguments, **environment):
    """Runs the rn command and returns the JSON that it prints, a value per line."""
    kept = {k: v for k, v in os.environ.items() if k != 'GLIBC_TUNABLES'}  # rn sets up huge pages itself
    out = subprocess.run([command, *arguments], env={**kept, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def dump(command, case, folder):
    """Lets the plugin compile a case and dump the program to a folder, before and after optimization."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_dump_to={folder} --xla_dump_hlo_as_proto --xla_dump_hlo_pass_re=NONE"
    rn(command, 'bench', 'serve', json.dumps(case), '--backend', 'xla:cpu', XLA_FLAGS=flags.strip(), RN_XLA_CACHE='off')


def dumped(folder, stage):
    [path] = glob.glob(os.path.join(folder, f'*{stage}_optimizations.hlo.pb'))
    return xla.computation(path)


def compiled(command, case):
    """Compiles a case with the plugin and with jaxlib: returns jaxlib's program, and counts of both."""
    with tempfile.TemporaryDirectory() as folder:
        dump(command, case, folder)
        before, after = dumped(folder, 'before'), hlo.counts(dumped(folder, 'after').as_hlo_text())
        kernels = len(glob.glob(os.path.join(folder, '*.o')))
    program = xla.Program(before)
    return program, {**after, 'instructions': hlo.counts(before.as_hlo_text())['instructions'], 'kernels': kernels,
                     'jaxlib_fusions': hlo.counts(program.text())['fusions']}


def profiles(command, case, norms, runs):
    """Profiles a network with each norm, from the measurements of rn bench and of the profiler."""
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
    say("measuring XLA's matrix product and an elementwise pass")
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
    except subprocess.CalledProcessError as failed:  # which has printed the reason
        sys.exit(f"main.py: {' '.join(failed.cmd)}: exit status {failed.returncode}")
