"""python3 -m unittest discover -s experiments/bench/torch -p '*_test.py'

Needs no torch. `make bench-peer` has it, and first compares the RN layer with the golden files (peer.py --check).
"""
import contextlib
import gzip
import io
import json
import pathlib
import tempfile
import unittest
from unittest import mock

import golden
import peer


class TestArguments(unittest.TestCase):
    def test_rn_bench_peer(self):
        """The arguments that `rn bench peer` passes."""
        options = peer.arguments('--net resnet18 --norms rn --per-domain 8 --size 64 --threads 2 --steps 7'.split())
        self.assertEqual((options.net, options.norms, options.per_domain, options.size, options.threads, options.steps),
                         ('resnet18', ['rn'], 8, 64, 2, 7))

    def test_warmup(self):
        """CUDA needs more steps before the first that counts, unless the caller says how many."""
        for argv, want in ([], 1), (['--device', 'cuda'], 3), (['--device', 'cuda', '--warmup', '5'], 5):
            self.assertEqual(peer.arguments(argv).warmup, want, argv)

    def test_refused(self):
        for argv, want in ('--steps 0', 'not positive'), ('--norms bn,dsbn', 'unknown norm "dsbn"'), ('--device tpu', 'tpu'):
            with self.subTest(argv), contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(SystemExit):
                peer.arguments(argv.split())
            self.assertIn(want, said.getvalue())


class TestReport(unittest.TestCase):
    def test_fields(self):
        """All fields that `rn bench peer` reads; the median of four steps is the third."""
        options = peer.arguments('--net resnet18 --per-domain 8 --size 64 --threads 2'.split())
        line = peer.report(options, 'rn', [0.4, 0.1, 0.3, 0.2], {'framework': 'torch 2'}, 512)
        want = {'framework': 'torch 2', 'net': 'resnet18', 'norm': 'rn', 'images': 16, 'size': 64, 'threads': 2, 'steps': 4, 'warmup': 1,
                'step_seconds_min': 0.1, 'step_seconds_median': 0.3, 'peak_rss_mib': 512}
        self.assertEqual({key: line[key] for key in want}, want)
        self.assertEqual(json.loads(json.dumps(line)), line)

    def test_peak_rss(self):
        """The peak is in MiB: a Python process takes a few, and 64 more once it has filled as many."""
        before = peer.peak_rss_mib()
        self.assertTrue(4 < before < 2048, before)
        filled = bytearray(b'x') * (64 << 20)
        self.assertGreater(peer.peak_rss_mib(), max(before, len(filled) >> 20))


class TestCheck(unittest.TestCase):
    def test_worst_decides(self):
        """One file that disagrees fails the check, wherever it stands."""
        close, far = golden.TOLERANCE / 2, golden.TOLERANCE * 2
        for differences, want in ([close, close], True), ([far, close], False), ([close, far], False), ([float('nan')], False):
            with mock.patch.object(golden, 'worst', side_effect=differences), contextlib.redirect_stdout(io.StringIO()) as said:
                self.assertIs(peer.check(['file'] * len(differences)), want, differences)
            self.assertEqual(said.getvalue().count('file: '), len(differences))

    def test_read(self):
        """Golden files are read with and without compression; other cases are refused."""
        case = {'kind': 'layer', 'distance': 'l2'}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, 'case')
            for encode in bytes, gzip.compress:
                path.write_bytes(encode(json.dumps(case).encode()))
                self.assertEqual(golden.read(path), case)
            for other in {**case, 'distance': 'l1'}, {'kind': 'norm'}:
                path.write_text(json.dumps(other), encoding='utf-8')
                with self.assertRaisesRegex(ValueError, 'distance l2'):
                    golden.read(path)


if __name__ == '__main__':
    unittest.main()
