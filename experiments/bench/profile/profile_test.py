"""python3 -m unittest discover -s experiments/bench/profile -p '*_test.py'"""
import pathlib
import unittest

import hlo
import report
import timeline
from timeline import END, RECORD, START, STOP, Event

TEXT = (pathlib.Path(__file__).parent / 'testdata' / 'step.hlo').read_text(encoding='utf-8')

# The kind of every op of the step that does work.
KINDS = {
    'forward': 'convolutions, forward', 'images_gradient': "convolutions, inputs' gradients", 'kernel_gradient': "convolutions, weights' gradients",
    'logits': 'products, forward', 'features_gradient': "products, inputs' gradients", 'weights_gradient': "products, weights' gradients",
    'images_channels_first': 'copies in another layout', 'reversed': 'copies in another layout',
    'pooled': 'pooling and strides', 'unpooled': 'pooling and strides',
    'centred': 'elementwise, forward', 'normalized': 'elementwise, forward', 'forward_gradient': 'elementwise, backward',
    'mean': 'reductions, forward', 'mean_gradient': 'reductions, backward',
    'distances': 'statistics: products', 'found': 'statistics: products', 'found_gradient': 'statistics: products',
    'exponentials': 'statistics: elementwise', 'logits_gradient': 'statistics: elementwise', 'normalizers': 'statistics: reductions',
    'kernel_update': 'update of the variables', 'weights_update': 'update of the variables', 'running_update': 'update of the variables',
    'sorted': 'other',
}


class TestStep(unittest.TestCase):
    def setUp(self):
        self.step = hlo.Step(TEXT)

    def test_kinds(self):
        """The step has every kind, and each op has the kind that follows from its place in the step."""
        self.assertEqual({name: self.step.kind(self.step.entry[name]) for name in KINDS}, KINDS)
        self.assertEqual(set(KINDS.values()), set(hlo.KINDS))

    def test_flops(self):
        """A convolution's two gradients take as many operations as the convolution: padding and the holes of strides do not count."""
        # 8 pixels, 3 of the kernel, stride 2: 4 × 3 pairs per dimension, minus one in the padding.
        convolution = 2 * 4 * 8 * 3 * 11 ** 2
        for name, want in {'forward': convolution, 'kernel_gradient': convolution, 'images_gradient': convolution, 'mean': 0, 'pooled': 0,
                           'logits': 2 * 16 * 8 * 16, 'weights_gradient': 2 * 16 * 8 * 16, 'distances': 2 * 8 * 2 * 8}.items():
            self.assertEqual(self.step.flops(self.step.entry[name]), want, name)

    def test_bytes(self):
        self.assertEqual(self.step.bytes(self.step.entry['centred']), 4 * (512 + 512 + 16))
        self.assertEqual(self.step.bytes(self.step.entry['classes']), 4 * (4 + 4))

    def test_counts(self):
        """Counts cover all computations. The text may have names with and without %, and computations with and without their type."""
        want = {'instructions': TEXT.count(' = '), 'fusions': 11, 'library_fusions': 2}
        self.assertEqual(hlo.counts(TEXT), want)
        short = '\n'.join(line.split(' (')[0] + ' {' if line.startswith(('%', 'ENTRY')) else line for line in TEXT.splitlines())
        self.assertEqual(hlo.counts(short.replace('%', '')), want)

    def test_no_module(self):
        with self.assertRaisesRegex(ValueError, 'no entry'):
            hlo.Step('HloModule empty')


def op(thread, name, start, end, run=1):
    return Event(thread, name, start, end, {'hlo_op': name, 'run_id': run})


def at(thread, name, time, **stats):
    return Event(thread, name, time, time, stats)


class TestTimeline(unittest.TestCase):
    def shares(self, *events):
        return dict(timeline.shares(events))

    def test_at_once(self):
        """No moment counts twice, and idle time does not count."""
        self.assertEqual(self.shares(op(1, 'a', 0, 10), op(2, 'b', 4, 8), op(1, 'c', 15, 16)), {'a': 8, 'b': 2, 'c': 1})

    def test_handed_over(self):
        """An op that has returned goes on in its task on another thread, and the task's time belongs to the op."""
        self.assertEqual(self.shares(op(1, 'a', 0, 2), at(1, RECORD, 1, _p=7), at(2, START, 2, _c=7), op(1, 'b', 3, 5), at(2, STOP, 5),
                                     op(1, 'c', 5, 9), at(1, END + 'a', 9)), {'a': 2 + 1 + 1, 'b': 1, 'c': 4})

    def test_help_after_the_end(self):
        """The task of an op that is done only helps others, whose own time counts."""
        self.assertEqual(self.shares(op(1, 'a', 0, 2), at(1, RECORD, 1, _p=7), at(1, END + 'a', 2), at(1, START, 2, _c=7), at(1, STOP, 9),
                                     op(2, 'b', 0, 10)), {'a': 1, 'b': 1 + 8})

    def test_nested(self):
        """Of nested ops, the innermost runs."""
        self.assertEqual(self.shares(op(1, 'a', 0, 1), at(1, RECORD, 0.5, _p=7), at(2, START, 1, _c=7), op(2, 'b', 2, 4), at(2, STOP, 6),
                                     at(2, END + 'a', 6)), {'a': 2 + 2, 'b': 2})

    def test_task_of_nobody(self):
        self.assertEqual(self.shares(at(1, RECORD, 0, _p=7), at(2, START, 1, _c=7), at(2, STOP, 3), at(2, START, 3, _c=8), at(2, STOP, 4)), {})

    def test_steps(self):
        first, second = [op(1, 'a', 5, 6, run=-9), op(2, 'b', 7, 8, run=-9), at(2, END + 'b', 8)], [op(1, 'a', 9, 10, run=4)]
        self.assertEqual(timeline.steps([at(1, STOP, 4)] + second + first), [first, second])

    def test_work(self):
        """Times are means over the faster half of the runs and add up to the measured time."""
        step = hlo.Step(TEXT)
        run = lambda ms: (ms / 1e3, [op(1, 'forward', 0, 3e6), op(1, 'centred', 3e6, 4e6), op(1, 'normalized', 4e6, 6e6),
                                     op(2, 'sorted', 6e6, ms * 1e6)])
        ms, ops = timeline.work(step, [run(12), run(90), run(10), run(80)])
        self.assertAlmostEqual(ms, 11)
        self.assertEqual([(o['op'], o['kind'], round(o['ms'], 6)) for o in ops], [
            ('sorted', 'other', 5), ('forward', 'convolutions, forward', 3), ('normalized', 'elementwise, forward', 2),
            ('centred', 'elementwise, forward', 1)])
        self.assertEqual(ops[1]['does'], 'f32[4,8,8,3] and f32[3,3,3,8] to f32[4,4,4,8]')
        self.assertAlmostEqual(ops[1]['gflop'] * 1e9, step.flops(step.entry['forward']))
        self.assertEqual(timeline.total(ops[2:]), {'ms': ops[2]['ms'] + ops[3]['ms'], 'gflop': 0, 'gbyte': ops[2]['gbyte'] + ops[3]['gbyte']})


class TestReport(unittest.TestCase):
    def profile(self, norm, ms, other):
        work = {kind: {'ms': 0.0, 'gflop': 0.0, 'gbyte': 0.0} for kind in hlo.KINDS}
        work |= {'convolutions, forward': {'ms': 20.0, 'gflop': 4.0, 'gbyte': 1.0}, 'other': {'ms': other, 'gflop': 0.0, 'gbyte': 0.1}}
        ops = [{'op': 'sort.1', 'does': 'f32[8] to f32[8]', 'kind': 'other', **work['other']}] if other > 1 else []
        return {'net': 'resnet18', 'norm': norm, 'images': 16, 'size': 224, 'threads': 2, 'backend': 'xla:cpu 1', 'profiler': 'jaxlib 1',
                'bench_step_ms': ms - 1, 'step_ms': ms, 'compile_seconds': ms / 10, 'instructions': 100, 'fusions': 20, 'library_fusions': 2,
                'kernels': 10, 'jaxlib_fusions': 21, 'product_gflops': 400.0, 'product_side': 1024, 'pass_gbytes': 60.0, 'work': work, 'ops': ops}

    def test_document(self):
        profiles = [[self.profile('bn', 40.0, 0.3), self.profile('rn', 50.0, 5.0)]]
        text = report.document(profiles, 1)
        for row in ('| convolutions, forward | 20.0 | 50.0% | 200 GFLOP/s | 20.0 | 40.0% | 200 GFLOP/s | +0.0 |',
                    '| other | 0.3 | 0.8% | 333 GB/s | 5.0 | 10.0% | 20 GB/s | +4.7 |',
                    '| not in an op | 19.7 | 49.2% |  | 25.0 | 50.0% |  | +5.3 |',
                    "| of it convolutions and products | 20.0 | 50.0% | 200 GFLOP/s, 50% of the product's",
                    '| resnet18 | rn | 100 (1.00) | 20 (1.00) | 2 (1.00) | 10 (1.00) | 5.0 (1.25) | 21 (1.00) |',
                    '| resnet18 | rn | sort.1 | other | f32[8] to f32[8] | 5.0 | 20 GB/s |'):
            self.assertIn(row, text)
        self.assertEqual(text.splitlines()[-1], 'resnet18, rn: sort.1, f32[8] to f32[8], 5.0 ms, has no known kind')
        self.assertNotIn('slowest ops', report.document(profiles, 0))


if __name__ == '__main__':
    unittest.main()
