"""Imitates what Hugging Face's package `spaces` does with generators on ZeroGPU, without a GPU.

Each call is a forked process of its own; what it is given and what it gives is pickled. As there, an error
comes back without its class.
"""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

FORKING = multiprocessing.get_context("fork")


def GPU(task: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """As `spaces.GPU`."""

    def handler(*args: Any, **kwargs: Any) -> Iterator[Any]:
        here, there = FORKING.Pipe()
        worker = FORKING.Process(target=_work, args=(task, there, here), daemon=True)
        worker.start()
        there.close()
        try:
            here.send_bytes(pickle.dumps((args, kwargs)))
            while (result := pickle.loads(here.recv_bytes())) is not None:
                if isinstance(result, str):
                    raise RuntimeError(result)
                yield result[0]
        finally:
            here.close()
            worker.join(20)

    return handler


def _work(task: Callable[..., Iterator[Any]], there: Connection, here: Connection) -> None:
    import torch

    here.close()  # the other process's end: open here too, it would never break
    torch.set_num_threads(1)  # GNU OpenMP's threads do not live on in a forked process
    args, kwargs = pickle.loads(there.recv_bytes())
    try:
        for step in task(*args, **kwargs):
            there.send_bytes(pickle.dumps((step,)))
        there.send_bytes(pickle.dumps(None))
    except BrokenPipeError:
        return  # nobody wants any more
    except Exception as error:
        there.send_bytes(pickle.dumps(type(error).__name__))
