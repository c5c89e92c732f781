"""Train the classifier of the digits on several processes that share each batch, with the same result as one process.

On one machine, two processes:

    torchrun --standalone --nproc-per-node 2 -m grulib.distributed weights.pt

On two machines, four processes each (the same line on both):

    torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint HOST -m grulib.distributed weights.pt

The chapter "Beyond the loop" explains it and runs the first.
"""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from grulib.runtime import use_one_thread
from grulib.torch_layers import GRUClassifier

BATCH, UPDATES = 64, 50


def train(rank, size, wrap):
    """The classifier after UPDATES steps, in process `rank` of `size`."""
    digits = load_digits()
    x, y = torch.tensor(digits.images / 16), torch.tensor(digits.target)  # (1797, 8, 8)
    torch.manual_seed(0)  # the same initial weights and batches in every process
    model = wrap(GRUClassifier(8, 64, 10).double())
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(UPDATES):
        rows = torch.randint(len(y), (BATCH,))[rank::size]  # this process's share
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()  # a wrapped model averages its gradients here
        optimizer.step()
    return model


def main():
    parser = argparse.ArgumentParser(prog="torchrun -m grulib.distributed")
    parser.add_argument("file", help="where the weights are written to")
    file = parser.parse_args().file
    use_one_thread()
    distributed.init_process_group("gloo")  # "nccl" for GPUs
    rank, size = distributed.get_rank(), distributed.get_world_size()
    if BATCH % size:
        raise SystemExit(f"the number of processes must divide the batch of {BATCH}, got {size}")
    model = train(rank, size, DistributedDataParallel)
    if rank == 0:
        torch.save(model.module.state_dict(), file)
    distributed.destroy_process_group()


if __name__ == "__main__":
    main()
