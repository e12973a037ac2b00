"""The worker's loop: imports, wall, model, requests."""

import importlib
import os
import resource
import socket
import sys
import time
import traceback
import warnings

from . import frames

REQUESTS, FILES = 3, 4


def main():
    requests = socket.socket(fileno=REQUESTS)
    kind, request, header, filter_program = frames.receive(requests)
    started = time.perf_counter()
    for name in header["imports"]:
        try:
            importlib.import_module(name)
        except Exception:
            pass  # the environment does not have it
    from . import models, sandbox, tensors

    if filter_program:
        sandbox.install(filter_program)
    milliseconds = (time.perf_counter() - started) * 1000
    frames.send(requests, frames.READY, request, {"python": sys.version.split()[0], "import_ms": milliseconds})

    model = None
    while True:
        kind, request, header, payload = frames.receive(requests)
        try:
            if kind == frames.LOAD:
                model, answer = load(models, header)
                frames.send(requests, frames.LOADED, request, answer)
            elif kind == frames.PREDICT:
                predict(requests, request, model, tensors.decode(header, payload))
            elif kind == frames.CONVERT:
                data, tools = model.convert()
                sys.stdout.flush()
                frames.send(requests, frames.CONVERTED, request, {"tools": tools}, [data])
            else:
                raise ValueError(f"unknown frame {kind}")
        except MemoryError:
            report(requests, request, "MemoryError", "the model needs more memory than the sandbox gives it")
        except EOFError:
            raise
        except BaseException as error:  # a model may raise anything, SystemExit too
            traceback.print_exc()
            report(requests, request, type(error).__name__, str(error))


def load(models, header):
    descriptors = receive_descriptors(2 if header["custom"] else 1)
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = models.load(header["format"], *descriptors)
    sys.stdout.flush()
    answer = model.describe()
    answer["load_ms"] = (time.perf_counter() - started) * 1000
    # A deprecation speaks of the library's own calls, not of the model.
    told = [warning for warning in caught if not issubclass(warning.category, DeprecationWarning)]
    answer["warnings"] = sorted({f"{warning.category.__name__}: {warning.message}"[:500] for warning in told})[:20]
    answer["memory_mb"] = memory()
    return model, answer


def predict(requests, request, model, inputs):
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = model.predict(inputs)
    milliseconds = (time.perf_counter() - started) * 1000
    sys.stdout.flush()
    named = getattr(model, "named", False)
    header = {"outputs": [description for description, _ in outputs], "named": named, "ms": milliseconds, "memory_mb": memory()}
    frames.send(requests, frames.PREDICTED, request, header, [data for _, data in outputs])


def receive_descriptors(count):
    with socket.socket(fileno=os.dup(FILES)) as channel:
        _, descriptors, _, _ = socket.recv_fds(channel, 1, count) if hasattr(socket, "recv_fds") else recv_fds(channel, count)
    return list(descriptors)


def recv_fds(channel, count):
    """socket.recv_fds of Python 3.9, for 3.8."""
    import array

    numbers = array.array("i")
    data, ancillary, flags, address = channel.recvmsg(1, socket.CMSG_LEN(count * numbers.itemsize))
    for _, _, content in ancillary:
        numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
    return data, list(numbers), flags, address


def memory():
    """Resident memory at its peak, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(requests, request, name, message):
    frames.send(requests, frames.ERROR, request, {"type": name, "message": message[:2000]})


def run():
    sys.modules["__main__"].__dict__.clear()  # nothing there that a pickle could name
    try:
        main()
    except (EOFError, ConnectionError):
        os._exit(0)
