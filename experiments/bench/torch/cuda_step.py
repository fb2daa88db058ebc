#!/usr/bin/env python3
"""Seconds of the training step of torch_step.py (its network, norms, optimizer and batch) on an NVIDIA GPU: one JSON line a norm.

    python cuda_step.py --peer ../shared/bench/torch_step.py --net resnet50 --per-domain 32 --steps 20

TF32 is allowed, as XLA allows it; --activations bfloat16 is autocast with float32 weights. A step is timed to its end on the device, after three
that are not counted.
"""
import argparse, importlib.util, json, time
import torch, torch.nn.functional as F, torchvision

p = argparse.ArgumentParser()
p.add_argument('--peer', required=True)
p.add_argument('--net', default='resnet50'); p.add_argument('--per-domain', type=int, default=32); p.add_argument('--size', type=int, default=224)
p.add_argument('--steps', type=int, default=20); p.add_argument('--norms', default='bn,rn'); p.add_argument('--channels-last', action='store_true')
p.add_argument('--activations', default='float32', choices=['float32', 'bfloat16'])
a = p.parse_args()
spec = importlib.util.spec_from_file_location('torch_step', a.peer); peer = importlib.util.module_from_spec(spec); spec.loader.exec_module(peer)
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
torch.backends.cudnn.benchmark = True
layout = torch.channels_last if a.channels_last else torch.contiguous_format
for norm in a.norms.split(','):
    torch.manual_seed(0); net = getattr(torchvision.models, a.net)(weights=None)
    if norm == 'rn': peer.swap(net)
    net = net.cuda().to(memory_format=layout)
    opt = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, nesterov=True, weight_decay=1e-3)
    x = torch.randn(2 * a.per_domain, 3, a.size, a.size, device='cuda').to(memory_format=layout)
    y, ts = torch.randint(0, 1000, (2 * a.per_domain,), device='cuda'), []
    torch.cuda.reset_peak_memory_stats()
    for i in range(3 + a.steps):
        torch.cuda.synchronize(); t = time.perf_counter(); opt.zero_grad()
        with torch.autocast('cuda', torch.bfloat16, enabled=a.activations == 'bfloat16'): loss = F.cross_entropy(net(x).float(), y)
        loss.backward(); opt.step()
        if norm == 'rn':
            with torch.no_grad(): [m.gate.clamp_(0.5, 1) for m in net.modules() if isinstance(m, peer.RN)]
        torch.cuda.synchronize()
        if i >= 3: ts.append(time.perf_counter() - t)
    print(json.dumps({'framework': 'torch ' + torch.__version__, 'device': torch.cuda.get_device_name(), 'net': a.net, 'norm': norm, 'images': 2 * a.per_domain,
                      'size': a.size, 'activations': a.activations, 'channels_last': a.channels_last, 'step_seconds_min': round(min(ts), 5),
                      'step_seconds_median': round(sorted(ts)[len(ts) // 2], 5), 'peak_device_mib': torch.cuda.max_memory_allocated() >> 20}), flush=True)
    del net, opt, x, loss; torch.cuda.empty_cache()
