"""Reciprocal Normalization (arXiv 2112.10474) as a plain PyTorch layer, written from the paper's formulas."""
import torch
from torch import nn
from torch.nn import functional

LOWEST_GATE = 0.5  # of the projection after each optimizer step


def group_size(channels):
    """The number of adjacent channels that are compared together: 1 below 512 channels, else channels / 512."""
    return max(1, channels // 512)


def compensate(own, other, group):
    """The statistic of the other domain as each own channel sees it: softmax_j(−(own_i − other_j)²) · other_j.

    Distances are between means over groups; the product acts on [channels / group, group], so a channel keeps its place in its group.
    """
    own, other = own.reshape(-1, group), other.reshape(-1, group)
    distance = own.mean(1)[:, None] - other.mean(1)[None, :]
    return (torch.softmax(-distance.square(), 1) @ other).reshape(-1)


class ReciprocalNorm(nn.Module):
    """Normalizes a batch of source rows followed by as many target rows; axes are [row, channel, position...].

    With mean μ and unbiased variance v of a domain, μ̂ and v̂ compensated from the other domain, and gates a:

        μ̃ = a μ + (1 − a) μ̂        ṽ likewise, with gates of its own        y = γ (x − μ̃) / √(ṽ + ε) + β

    Inference uses the running averages of the target's μ̃ and ṽ.
    """

    def __init__(self, channels, momentum=0.1, epsilon=1e-5):
        super().__init__()
        self.group, self.momentum, self.epsilon = group_size(channels), momentum, epsilon
        self.gamma, self.beta = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        # The first row belongs to the source, the second to the target.
        self.mean_gate, self.var_gate = nn.Parameter(torch.ones(2, channels)), nn.Parameter(torch.ones(2, channels))
        self.register_buffer('running_mean', torch.zeros(2, channels))
        self.register_buffer('running_var', torch.ones(2, channels))

    def forward(self, x):
        if not self.training:
            return functional.batch_norm(x, self.running_mean[1], self.running_var[1], self.gamma, self.beta, False, 0, self.epsilon)
        if len(x) % 2:
            raise ValueError(f'a batch of {len(x)} rows does not split into source and target halves')
        domains = x.chunk(2)
        over = [axis for axis in range(x.dim()) if axis != 1]
        variances, means = zip(*(torch.var_mean(rows, over) for rows in domains))
        means, variances = self.aggregate(means, self.mean_gate), self.aggregate(variances, self.var_gate)
        with torch.no_grad():
            self.running_mean.lerp_(means, self.momentum)
            self.running_var.lerp_(variances, self.momentum)
        scales = self.gamma * torch.rsqrt(variances + self.epsilon)
        shifts = self.beta - means * scales
        channels = (-1, *[1] * (x.dim() - 2))
        return torch.cat([rows * scale.view(channels) + shift.view(channels) for rows, scale, shift in zip(domains, scales, shifts)])

    def aggregate(self, statistics, gate):
        """Mixes the statistics of source and target, a pair, with the compensated ones: [2, channels]."""
        source, target = statistics
        compensated = torch.stack([compensate(source, target, self.group), compensate(target, source, self.group)])
        return gate * torch.stack(statistics) + (1 - gate) * compensated

    @torch.no_grad()
    def project(self):
        """Clamps the gates to [0.5, 1]."""
        self.mean_gate.clamp_(LOWEST_GATE, 1)
        self.var_gate.clamp_(LOWEST_GATE, 1)


def replace_batch_norms(module):
    """Puts RN in the place of every BatchNorm2d below the module."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, ReciprocalNorm(child.num_features, momentum=child.momentum, epsilon=child.eps))
        else:
            replace_batch_norms(child)
