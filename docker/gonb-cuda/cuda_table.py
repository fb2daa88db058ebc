"""Prints the results of cuda-check.sh as a Markdown table, and fails if one misses a target.

    cuda_table.py RESULTS

A line of RESULTS is what cuda_compile.py prints for a module named BACKBONE.NORM.BATCH.ACTIVATIONS.pb. Ratios are to the first norm of the same
backbone, batch and activations.
"""
import json
import sys

HEAD = ['network', 'images', 'activations', 'norm', 'compiles', 'memory, MB', 'kernels', 'memory ratio', 'kernel ratio']
MOST_MEMORY, MOST_KERNELS = 1.05, 1.6  # of the first norm's
MEMORY_COUNTS_FROM = 32  # images per domain; RN misses the target with 4, see README.md


def table(results):
    """The rows of the table, the head among them, and a sentence per missed target."""
    rows, missed, first = [HEAD, ['---'] * len(HEAD)], [], {}
    for r in results:
        backbone, norm, batch, activations, _ = r['module'].split('.')
        row = [backbone, f'{batch} + {batch}', activations, norm]
        where = ', '.join([backbone, norm, f'{batch} + {batch}', activations])
        if not r['ok']:
            missed.append(f"{where}: does not compile: {r['failures'][-1]['why']}")
            rows.append(row + ['no', '', '', '', ''])
            continue
        how = 'with default flags'
        if 'failures' in r:
            missed.append(f"{where}: does not compile with default flags: {r['failures'][0]['why']}")
            how = f"only with {r['flags']}"
        memory, kernels = r['temp_bytes'], r['fusions'] + r['custom_calls']
        base = first.setdefault((backbone, batch, activations), (memory, kernels))
        more_memory, more_kernels = memory / base[0], kernels / base[1]
        if more_memory > MOST_MEMORY and int(batch) >= MEMORY_COUNTS_FROM:
            missed.append(f'{where}: {more_memory:.2f} times the memory of the first norm, want at most {MOST_MEMORY}')
        if more_kernels > MOST_KERNELS:
            missed.append(f'{where}: {more_kernels:.2f} times the kernels of the first norm, want at most {MOST_KERNELS}')
        rows.append(row + [how, f'{memory / 1e6:.0f}', str(kernels), f'{more_memory:.2f}', f'{more_kernels:.2f}'])
    return rows, missed


def main(path):
    with open(path, encoding='utf-8') as lines:
        results = [json.loads(line) for line in lines]
    if not results:
        sys.exit(f'{path} is empty: nothing was compiled')
    rows, missed = table(results)
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()
    if missed:
        sys.exit('\n'.join(missed))


if __name__ == '__main__':
    main(sys.argv[1])
