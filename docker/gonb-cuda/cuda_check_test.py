"""python3 -m unittest discover -s docker/gonb-cuda -p '*_test.py'

Covers what make cuda-check does around XLA's compiler; needs neither JAX nor the compiler.
"""
import json
import pathlib
import sys
import unittest
from unittest import mock

import cuda_compile
import cuda_table

OPTIMIZED = '''HloModule step

%fused (a: f32[2]) -> f32[2] {
  ROOT %inner = f32[2] fusion(%a), kind=kLoop, calls=%other
}

ENTRY %main (p: f32[2]) -> f32[2] {
  %p = f32[2] parameter(0)
  %one = f32[2] fusion(%p), kind=kLoop, calls=%fused
  %two = f32[2] fusion(%one), kind=kInput, calls=%fused
  %dot = f32[2] custom-call(%two), custom_call_target="__cublas$gemm"
  %sum = f32[2] all-reduce-start(%dot), to_apply=%add
  %done = f32[2] all-reduce-done(%sum)
  ROOT %all = f32[2] all-gather(%done)
}
'''


def python(code):
    return [sys.executable, '-c', code]


class TestModule(unittest.TestCase):
    def test_module_proto(self):
        """The first field is the module, whatever follows; its length takes one byte or several."""
        for module, length in (b'module', b'\x06'), (b'm' * 300, b'\xac\x02'):
            self.assertEqual(cuda_compile.module_proto(b'\x0a' + length + module), module)
            self.assertEqual(cuda_compile.module_proto(b'\x0a' + length + module + b'\x1a\x00'), module)

    def test_no_module(self):
        for data in b'', b'HloModule step', b'\x0a', b'\x0a\x06mod':
            with self.assertRaisesRegex(ValueError, 'not an HloProto'):
                cuda_compile.module_proto(data)

    def test_kernels(self):
        """Only the entry computation launches kernels; the two halves of an exchange count once."""
        self.assertEqual(cuda_compile.kernels(OPTIMIZED), {'fusions': 2, 'custom_calls': 1, 'exchanges': {'all-reduce': 1, 'all-gather': 1}})


class TestAttempts(unittest.TestCase):
    def test_default_flags(self):
        """A compiler that succeeds gets only the flags that switch autotuning off, and no GPU."""
        code = 'import json, os; print(json.dumps({"flags_seen": os.environ["XLA_FLAGS"], "platform": os.environ["JAX_PLATFORMS"]}))'
        self.assertEqual(cuda_compile.result('step.pb', python(code)), {
            'module': 'step.pb', 'ok': True, 'flags': 'default', 'flags_seen': cuda_compile.NO_AUTOTUNING, 'platform': 'cpu'})

    def test_abort(self):
        """A compiler that aborts is tried again with other flags, and its failed check is kept."""
        code = '''import os, sys
if 'triton_gemm=false' not in os.environ['XLA_FLAGS']:
    sys.stderr.write('noise\\nF0000 x.cc:7] Check failed: tiles > 0 (0 vs. 0)\\n*** stack ***\\n')
    sys.stderr.flush()
    os.abort()
print('{"temp_bytes": 1}')'''
        found = cuda_compile.result('step.pb', python(code))
        self.assertEqual((found['ok'], found['flags'], found['temp_bytes']), (True, cuda_compile.ATTEMPTS[1], 1))
        [failure] = found['failures']
        self.assertEqual(failure['flags'], 'default')
        self.assertRegex(failure['why'], r'^exit status -\d+: F0000 x\.cc:7\] Check failed')

    def test_never(self):
        """The reason of an exception is its last line."""
        found = cuda_compile.result('step.pb', python('raise ValueError("Error: too large")'))
        self.assertFalse(found['ok'])
        self.assertEqual([f['why'] for f in found['failures']], ['exit status 1: ValueError: Error: too large'] * len(cuda_compile.ATTEMPTS))

    def test_too_long(self):
        with mock.patch.object(cuda_compile, 'TIMEOUT', 0.1):
            found, why = cuda_compile.attempt(python('import time; time.sleep(60)'), '')
        self.assertIsNone(found)
        self.assertEqual(why, 'not compiled after 0.1 s')


class TestTable(unittest.TestCase):
    def test_readme(self):
        """README.md has the table of the recorded results."""
        here = pathlib.Path(__file__).resolve().parent
        recorded = here.parents[1] / 'experiments' / 'results' / 'cuda-check' / 'compiled.jsonl'
        rows, missed = cuda_table.table([json.loads(line) for line in recorded.read_text(encoding='utf-8').splitlines()])
        self.assertEqual(missed, [])
        self.assertIn('\n\n' + ''.join(f"| {' | '.join(row)} |\n" for row in rows) + '\n', (here / 'README.md').read_text(encoding='utf-8'))

    def line(self, norm, memory, kernels, batch=32, **more):
        return {'module': f'resnet18.{norm}.{batch}.float32.pb', 'ok': True, 'temp_bytes': memory, 'fusions': kernels - 1, 'custom_calls': 1, **more}

    def test_within_targets(self):
        rows, missed = cuda_table.table([self.line('bn', 100e6, 100), self.line('rn', 104e6, 160)])
        self.assertEqual(rows[-1], ['resnet18', '32 + 32', 'float32', 'rn', 'with default flags', '104', '160', '1.04', '1.60'])
        self.assertEqual(missed, [])

    def test_missed(self):
        """Too many kernels count for every batch, too much memory from 32 images per domain on."""
        for batch, want in (32, ['1.10 times the memory', '1.70 times the kernels']), (4, ['1.70 times the kernels']):
            _, missed = cuda_table.table([self.line('bn', 100e6, 100, batch), self.line('rn', 110e6, 170, batch)])
            self.assertEqual(len(missed), len(want), missed)
            for sentence, part in zip(missed, want):
                self.assertIn(f'resnet18, rn, {batch} + {batch}, float32: {part}', sentence)

    def test_not_compiled(self):
        """Default flags that fail are a missed target, even where other flags succeed."""
        failures = [{'flags': 'default', 'why': 'an abort'}]
        other = self.line('bn', 1e6, 10, flags='--other', failures=failures)
        rows, missed = cuda_table.table([other, {'module': 'resnet18.rn.32.float32.pb', 'ok': False, 'failures': failures}])
        self.assertEqual([row[4] for row in rows[2:]], ['only with --other', 'no'])
        self.assertEqual(missed, ['resnet18, bn, 32 + 32, float32: does not compile with default flags: an abort',
                                  'resnet18, rn, 32 + 32, float32: does not compile: an abort'])


if __name__ == '__main__':
    unittest.main()
