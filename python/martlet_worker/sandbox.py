"""The second wall: a seccomp program that the server compiled, put up before the model's bytes are touched."""

import ctypes
import os
import platform

SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_TSYNC = 1  # all threads, also those that libraries started
PR_SET_NO_NEW_PRIVS = 38
SYSCALL = {"x86_64": 317, "aarch64": 277}


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def install(program):
    """Installs a compiled program (8 bytes an instruction); raises OSError when the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    buffer = ctypes.create_string_buffer(bytes(program), len(program))
    filters = Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p).value)
    number = SYSCALL[platform.machine()]
    result = libc.syscall(number, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(filters))
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
