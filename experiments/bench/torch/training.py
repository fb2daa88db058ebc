"""A training step of a torchvision ResNet in eager PyTorch."""
import gc
import time

import torch
import torchvision
from torch.nn import functional

import reciprocal

CLASSES = 1000  # ImageNet's
FRAMEWORK = f'torch {torch.__version__}'


class Training:
    """A network with its optimizer and one batch of noise, the same for every norm."""

    def __init__(self, options, norm):
        torch.manual_seed(0)
        self.device, self.bfloat16 = options.device, options.activations == 'bfloat16'
        layout = torch.channels_last if options.channels_last else torch.contiguous_format
        self.network = torchvision.models.get_model(options.net, weights=None, num_classes=CLASSES)
        if norm == 'rn':
            reciprocal.replace_batch_norms(self.network)
        self.network.to(self.device, memory_format=layout)
        self.norms = [m for m in self.network.modules() if isinstance(m, reciprocal.ReciprocalNorm)]
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=1e-3, momentum=0.9, nesterov=True, weight_decay=1e-3)
        images = 2 * options.per_domain
        self.images = torch.rand(images, 3, options.size, options.size).to(self.device, memory_format=layout)
        self.labels = torch.randint(CLASSES, (images,)).to(self.device)

    def step(self):
        """Forward pass, cross-entropy over all rows, backward pass, update, projection of the gates. Returns the loss."""
        self.optimizer.zero_grad()
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bfloat16):
            logits = self.network(self.images)
        loss = functional.cross_entropy(logits.float(), self.labels)
        loss.backward()
        self.optimizer.step()
        for norm in self.norms:
            norm.project()
        return loss.detach()

    def seconds(self):
        """Takes a step and waits for its end on the device."""
        self.synchronize()
        began = time.perf_counter()
        self.step()
        self.synchronize()
        return time.perf_counter() - began

    def synchronize(self):
        if self.device == 'cuda':
            torch.cuda.synchronize()


def measure(options, norm):
    """The seconds of each timed step, and what only PyTorch can say of the run."""
    torch.set_num_threads(options.threads)
    if options.device == 'cuda':
        # XLA allows TF32 too, and tries several kernels for each convolution.
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    training = Training(options, norm)
    for _ in range(options.warmup):
        training.seconds()
    seconds = [training.seconds() for _ in range(options.steps)]
    facts = {'framework': FRAMEWORK}
    if options.device == 'cuda':
        facts |= {'device': torch.cuda.get_device_name(), 'peak_device_mib': torch.cuda.max_memory_allocated() >> 20}
    return seconds, facts
