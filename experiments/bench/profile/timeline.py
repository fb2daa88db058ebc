"""Adds up the times of ops in a trace of XLA's CPU client, without counting a moment twice."""
import collections

# An event of a trace. The stats of an op's event have its name as hlo_op. All times have the same unit.
Event = collections.namedtuple('Event', 'thread name start end stats')

# A thread that hands a task to another records it with an id (_p), and the other thread starts it under that id (_c). An event whose name begins
# with END tells that an op is done on all threads.
RECORD, START, STOP, END = *(f'ThreadpoolListener::{what}' for what in ('Record', 'StartRegion', 'StopRegion')), 'end: '


def shares(events):
    """The time of each op, by name.

    A task belongs to the op that handed it over until that op is done; afterwards its thread works for no op, or helps with another thread's. Of
    nested ops on a thread, the innermost runs. Ops that run on several threads at once share the time equally. The sum of all times is therefore the
    time during which any thread ran an op.
    """
    moments = []
    for i, e in enumerate(events):
        if 'hlo_op' in e.stats:
            moments += [(e.start, 2, i), (e.end, 0, i)] if e.end > e.start else []
        elif e.name in (STOP, START, RECORD):
            moments.append((e.start, {STOP: 1, START: 2, RECORD: 3}[e.name], i))
        elif e.name.startswith(END):
            moments.append((e.start, 4, i))
    running = collections.defaultdict(list)  # by thread: pairs of an op's event or START, and the op
    owners, open_, of = {}, set(), collections.Counter()
    before = 0
    for at, _, i in sorted(moments):
        innermost = [stack[-1] for stack in running.values() if stack]
        ops = [op for what, op in innermost if what != START or op in open_]
        for op in ops:
            of[op] += (at - before) / len(ops)
        before = at
        e = events[i]
        stack = running[e.thread]
        if e.name == RECORD:
            owners[e.stats['_p']] = stack[-1][1] if stack else None
        elif e.name == START:
            stack.append((START, owners.get(e.stats['_c'])))
        elif e.name == STOP:
            for j in [j for j, (what, _) in enumerate(stack) if what == START][-1:]:
                del stack[j]
        elif e.name.startswith(END):
            open_.discard(e.name[len(END):])
        elif (i, e.stats['hlo_op']) in stack:
            stack.remove((i, e.stats['hlo_op']))
        else:
            stack.append((i, e.stats['hlo_op']))
            open_.add(e.stats['hlo_op'])
    return of


def steps(events):
    """Splits events by successive runs of a program; a run lasts from its first op to the first op of the next run."""
    first = {}
    for e in events:
        if 'hlo_op' in e.stats:
            run = e.stats['run_id']
            first[run] = min(first.get(run, e.start), e.start)
    starts = sorted(first.values()) + [float('inf')]
    return [[e for e in events if start <= e.start < end] for start, end in zip(starts, starts[1:])]


def work(step, runs):
    """The milliseconds of a run, and a dict per op with its kind, milliseconds, operations and bytes, the slowest first.

    Each of the runs is a pair of seconds and events. Times are means over the faster half of the runs, since other work disturbs the rest; means
    add up.
    """
    runs = sorted(runs, key=lambda run: run[0])[:max(len(runs) // 2, 1)]
    of = collections.Counter()
    for _, events in runs:
        of.update(shares(events))
    ops = [(step.entry[name], time / len(runs) / 1e6) for name, time in of.most_common()]
    return sum(seconds for seconds, _ in runs) / len(runs) * 1e3, [
        {'op': op.name, 'does': step.describe(op), 'kind': step.kind(op), 'ms': ms, 'gflop': step.flops(op) / 1e9, 'gbyte': step.bytes(op) / 1e9}
        for op, ms in ops]


def total(ops):
    """The sums of the ops' milliseconds, operations and bytes."""
    return {key: sum(op[key] for op in ops) for key in ('ms', 'gflop', 'gbyte')}
