"""Writes profiles as Markdown tables."""
import hlo


def table(rows):
    """Formats a Markdown table, whose head is the first row."""
    return '\n'.join(f"| {' | '.join(row)} |" for row in [rows[0], ['---'] * len(rows[0]), *rows[1:]])


def rate(work):
    """The rate of work: operations of products per second, else bytes of operands and results per second."""
    if not work['ms']:
        return ''
    return f"{work['gflop'] / work['ms'] * 1e3:.0f} GFLOP/s" if work['gflop'] else f"{work['gbyte'] / work['ms'] * 1e3:.0f} GB/s"


def step_table(profiles):
    """The steps of one network by kind of work, for each norm, and the difference of each norm to the first."""
    first, *others = profiles
    head = ['work']
    for p in profiles:
        head += [f"{p['norm']} ms", 'share', 'at']
    rows = [head + [f"{p['norm']} − {first['norm']} ms" for p in others]]

    def row(name, cells, values):
        rows.append([name, *cells, *(f'{round(v - values[0], 1) + 0:+.1f}' for v in values[1:])])

    for kind in hlo.KINDS:
        works = [p['work'][kind] for p in profiles]
        if any(w['ms'] for w in works) or kind == 'other':
            row(kind, [c for p, w in zip(profiles, works) for c in (f"{w['ms']:.1f}", f"{w['ms'] / p['step_ms']:.1%}", rate(w))],
                [w['ms'] for w in works])
    rest = [p['step_ms'] - sum(w['ms'] for w in p['work'].values()) for p in profiles]
    row('not in an op', [c for p, ms in zip(profiles, rest) for c in (f'{ms:.1f}', f"{ms / p['step_ms']:.1%}", '')], rest)
    row('the profiled step', [c for p in profiles for c in (f"{p['step_ms']:.1f}", '100.0%', '')], [p['step_ms'] for p in profiles])
    heavy = [{key: sum(w[key] for w in p['work'].values() if w['gflop']) for key in ('ms', 'gflop')} for p in profiles]
    row('of it convolutions and products', [c for p, w in zip(profiles, heavy) for c in (
        f"{w['ms']:.1f}", f"{w['ms'] / p['step_ms']:.1%}", of_peak(w['gflop'], w['ms'], p))], [w['ms'] for w in heavy])
    row('the step of `rn bench`', [c for p, w in zip(profiles, heavy) for c in (
        f"{p['bench_step_ms']:.1f}", '', of_peak(w['gflop'], p['bench_step_ms'], p))], [p['bench_step_ms'] for p in profiles])
    return table(rows)


def of_peak(gflop, ms, profile):
    return f"{gflop / ms * 1e3:.0f} GFLOP/s, {gflop / ms * 1e3 / profile['product_gflops']:.0%} of the product's"


def compile_table(profiles):
    """Sizes of the programs that XLA compiles, with ratios to the first norm of the same network."""
    columns = {'HLO instructions': 'instructions', 'fusions': 'fusions', 'of those for YNNPACK': 'library_fusions',
               'kernels for LLVM': 'kernels', 'compile s': 'compile_seconds', "fusions of jaxlib's XLA": 'jaxlib_fusions'}
    rows, first = [['network', 'norm', *columns]], {}
    for p in profiles:
        base = first.setdefault(p['net'], p)
        rows.append([p['net'], p['norm'], *(f'{p[key]}' + ('' if p is base else f' ({p[key] / base[key]:.2f})') for key in columns.values())])
    return table(rows)


def ops_table(profiles, most):
    """The slowest ops of each norm."""
    rows = [['network', 'norm', 'op', 'work', 'of', 'ms', 'at']]
    for p in profiles:
        rows += [[p['net'], p['norm'], op['op'], op['kind'], op['does'], f"{op['ms']:.1f}", rate(op)] for op in p['ops'][:most]]
    return table(rows)


def document(found, ops):
    """The whole report for profiles by network and norm, with the given number of ops for each."""
    first, flat = found[0][0], [p for profiles in found for p in profiles]
    parts = [f"Plugin {first['backend']}, profiled with {first['profiler']}; {first['threads']} threads. XLA's product of two float32 matrices of "
             f"{first['product_side']}×{first['product_side']}: {first['product_gflops']:.0f} GFLOP/s. Adding to an array in place: "
             f"{first['pass_gbytes']:.0f} GB/s."]
    for profiles in found:
        p = profiles[0]
        parts += [f"{p['net']}, {p['images'] // 2}+{p['images'] // 2}, {p['size']} px. Milliseconds are wall time, shared equally by ops that run at "
                  "once; means over the faster half of the steps. GFLOP/s count products, GB/s operands and results:", step_table(profiles)]
    if ops:
        parts += ['The slowest ops:', ops_table(flat, ops)]
    parts += ["The programs that XLA compiles in the plugin, with ratios to the first norm in parentheses:", compile_table(flat)]
    return '\n\n'.join(parts + [f"{p['net']}, {p['norm']}: {op['op']}, {op['does']}, {op['ms']:.1f} ms, has no known kind"
                                for p in flat for op in p['ops'] if op['kind'] == 'other'])
