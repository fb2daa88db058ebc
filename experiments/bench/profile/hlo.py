"""Reads the text of a compiled training step: the kind of work that each op does, and its floating-point operations."""
import collections
import math
import re

Op = collections.namedtuple('Op', 'name shape opcode operands attributes root')

# Opcodes that move or map single values. The others do work of their own: products, reductions, windows.
ELEMENTWISE = frozenset(
    '''abs add and bitcast bitcast-convert broadcast ceil clamp compare concatenate constant convert copy divide exponential
    exponential-minus-one floor fusion get-tuple-element iota is-finite log log-plus-one maximum minimum multiply negate not or pad
    parameter power reshape reverse round-nearest-even rsqrt select sign slice sqrt subtract tanh transpose tuple xor'''.split())

WIDTHS = {'pred': 1, 's8': 1, 'u8': 1, 'bf16': 2, 'f16': 2, 's32': 4, 'u32': 4, 'f32': 4, 's64': 8, 'u64': 8, 'f64': 8}  # bytes


def parse(line):
    """Parses the op of a line such as `ROOT %y = f32[2]{0} add(%a, %b), metadata={...}`."""
    root, name, rest = re.match(r'\s*(ROOT )?%?([\w.-]+) = (.*)', line).groups()
    shape, rest = (rest[:closing(rest) + 1], rest[closing(rest) + 1:]) if rest[0] == '(' else rest.split(' ', 1)
    opcode, rest = rest.strip().split('(', 1)
    end = closing('(' + rest)
    operands = re.sub(r'\[[^]]*]|{[^}]*}|/\*.*?\*/', '', rest[:end - 1])  # of shapes, layouts, comments
    return Op(name, shape, opcode, [o.split()[-1].lstrip('%') for o in operands.split(',') if o.split()], rest[end:], bool(root))


def closing(text):
    """The index of the parenthesis that closes the first one; the text begins with an opening one."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c == '(') - (c == ')')
        if depth == 0:
            return i
    raise ValueError(f'no end of {text[:60]}')


def dimensions(shape):
    """The dimensions in an array's shape, such as f32[2,3]{1,0}."""
    return [int(d) for d in re.match(r'\w+\[([\d,]*)]', shape)[1].split(',') if d]


def computations(text):
    """The computations of a module by name, each as a dict of ops by name, and the entry computation."""
    found, entry = {}, None
    for line in text.splitlines():
        head = re.match(r'(ENTRY )?%?([\w.-]+) (\(.*\) -> .*)?{$', line)
        if head:
            ops = found[head[2]] = {}
            entry = ops if head[1] else entry
        elif re.match(r'\s+(ROOT )?%?[\w.-]+ = ', line):
            op = parse(line)
            ops[op.name] = op
    if not entry:
        raise ValueError('no entry computation: not the text of a module')
    return found, entry


def counts(text):
    """Counts a module's ops, its fusions, and the fusions that a library of kernels runs."""
    ops = [op for computation in computations(text)[0].values() for op in computation.values()]
    fusions = [op for op in ops if op.opcode == 'fusion']
    return {'instructions': len(ops), 'fusions': len(fusions), 'library_fusions': sum('"__ynn_fusion"' in op.attributes for op in fusions)}


def product_flops(op, ops):
    """The multiplications and additions of a dot or a convolution in ops, without those on the padding or the holes of a window."""
    left, right = (dimensions(ops[name].shape) for name in op.operands[:2])
    out = dimensions(op.shape)
    if op.opcode == 'dot':
        contracted = re.search(r'lhs_contracting_dims={([\d,]+)}', op.attributes)[1]
        return 2 * math.prod(out) * math.prod(left[int(d)] for d in contracted.split(','))
    if 'batch_group_count' in op.attributes:
        raise ValueError(f'{op.name} has groups of the batch, which have no count here')
    image, kernel, result = re.search(r'dim_labels=(\w+)_(\w+)->(\w+)', op.attributes).groups()
    window = dict(re.findall(r'(\w+)=([^ }]+)', (re.search(r'window={([^}]*)}', op.attributes) or ('', ''))[1]))
    of = lambda key, d, default: window[key].split('x')[d] if key in window else default
    flops = 2 * out[result.index('b')] * out[result.index('f')] * right[kernel.index('i')]
    for d in range(len(image) - 2):
        stride, hole, step = (int(of(key, d, 1)) for key in ('stride', 'lhs_dilate', 'rhs_dilate'))
        before = int(of('pad', d, '0_0').split('_')[0])
        last = (left[image.index(str(d))] - 1) * hole
        at = (o * stride + k * step - before for o in range(out[result.index(str(d))]) for k in range(right[kernel.index(str(d))]))
        flops *= sum(0 <= i <= last and i % hole == 0 for i in at)
    return flops


KINDS = (
    'convolutions, forward', "convolutions, inputs' gradients", "convolutions, weights' gradients",
    'products, forward', "products, inputs' gradients", "products, weights' gradients",
    'copies in another layout', 'pooling and strides', 'elementwise, forward', 'elementwise, backward', 'reductions, forward', 'reductions, backward',
    'statistics: products', 'statistics: elementwise', 'statistics: reductions', 'update of the variables', 'other',
)


class Step:
    """The text of a training step after XLA's optimization. The arguments of the step are images, labels, and variables.

    The kind of an op follows from the op itself, from what its result depends on (images: forward; labels too: backward), and from what depends
    on it; names do not count. "Statistics" are arrays whose size differs from every activation's: those of norms over channels, and the loss's.
    """

    def __init__(self, text):
        self.computations, self.entry = computations(text)
        self.of_images, self.of_labels, self.of_variables = set(), set(), set()
        users = collections.defaultdict(list)
        for op in self.entry.values():  # operands come before their users
            if op.opcode == 'parameter':
                {'0': self.of_images, '1': self.of_labels}.get(op.operands[0], self.of_variables).add(op.name)
            for of in (self.of_images, self.of_labels, self.of_variables):
                if of.intersection(op.operands):
                    of.add(op.name)
            for operand in op.operands:
                users[operand].append(op)
        self.of_data = self.of_images | self.of_labels
        self.to_product, self.to_work = set(), set()  # ops that products depend on, and that any non-elementwise op depends on
        for op in reversed(self.entry.values()):
            for user in users[op.name]:
                opcodes = self.opcodes(user)
                if user.name in self.to_product or opcodes & {'dot', 'convolution'}:
                    self.to_product.add(op.name)
                if user.name in self.to_work or opcodes - ELEMENTWISE:
                    self.to_work.add(op.name)
        convolved = [op for op in self.entry.values() if self.kind_of_product(op) in KINDS[:2]]
        smallest = min((self.size(op) for op in convolved), default=0)
        multiplied = [op for op in self.entry.values() if self.kind_of_product(op) in KINDS[3:5] and self.size(op) >= smallest]
        self.activations = {self.size(self.entry[name]) for op in convolved + multiplied
                            for name in [op.name, *op.operands] if name in self.of_data}

    def body(self, op):
        """The ops inside an op of the entry, by name: those of the computation that a fusion calls, else the op itself."""
        called = op.opcode == 'fusion' and re.search(r'calls=%?([\w.-]+)', op.attributes)
        return self.computations[called[1]] if called else {op.name: op}

    def opcodes(self, op):
        return {o.opcode for o in self.body(op).values()}

    @staticmethod
    def size(op):
        """The number of values in an array; 0 for a tuple."""
        return 0 if op.shape[0] == '(' else math.prod(dimensions(op.shape))

    def flops(self, op):
        """The floating-point operations of an op's products and convolutions."""
        body = self.body(op)
        scope = body if op.opcode == 'fusion' else self.entry
        return sum(product_flops(o, scope) for o in body.values() if o.opcode in ('dot', 'convolution'))

    def bytes(self, op):
        """The bytes of an op's operands and result, each counted once."""
        return sum(math.prod(dimensions(array)) * WIDTHS[array.split('[')[0]]
                   for o in (op, *map(self.entry.get, op.operands)) for array in re.findall(r'\w+\[[\d,]*]', o.shape))

    def describe(self, op):
        """Describes an op by the shapes of its largest two operands and of its result."""
        largest = sorted((self.entry[name] for name in op.operands), key=self.size, reverse=True)[:2]
        return f"{' and '.join(o.shape.split('{')[0] for o in largest)} to {op.shape.split('{')[0]}"

    def kind_of_product(self, op):
        """The kind of an op that convolves or multiplies matrices; None for other ops."""
        opcodes = self.opcodes(op)
        what = 'convolutions' if 'convolution' in opcodes else 'products' if 'dot' in opcodes else None
        if not what:
            return None
        backward = op.name in self.of_labels
        if any(o in self.of_variables and o not in self.of_data for o in op.operands):
            return f"{what}, inputs' gradients" if backward else f'{what}, forward'
        if backward and op.name not in self.to_product:
            return f"{what}, weights' gradients"
        return 'statistics: products' if what == 'products' else 'other'

    def kind(self, op):
        """The kind of work that an op of the entry does, one of KINDS."""
        product = self.kind_of_product(op)
        if product:
            return product
        body, opcodes = self.body(op).values(), self.opcodes(op)
        windows = opcodes & {'reduce-window', 'select-and-scatter'}
        rest = opcodes - ELEMENTWISE - windows - {'reduce'}
        if rest:
            return 'other'
        if op.name not in self.to_work and not windows and 'reduce' not in opcodes:
            return 'update of the variables'
        if any(o.root and o.opcode in ('copy', 'transpose') for o in body):
            return 'copies in another layout'
        if windows or any(o.opcode in ('pad', 'slice') and len(dimensions(o.shape)) >= 4 for o in body):
            return 'pooling and strides'
        what = 'reductions' if 'reduce' in opcodes else 'elementwise'
        if not any(self.size(o) in self.activations for o in (op, *(self.entry[name] for name in op.operands))):
            return f'statistics: {what}'
        return f"{what}, {'backward' if op.name in self.of_labels else 'forward'}"
