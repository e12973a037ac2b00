"""Writes hostile files: every way to run code that is known to us, in every container. Nothing here is ever loaded.

    python scripts/make_hostile_corpus.py FOLDER        (lz4 is needed)
"""

import bz2
import gzip
import io
import lzma
import pickle
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import lz4.frame

target = Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)

# Module, name and argument of functions that run, read, write or load; from the lists of published scanners and their bypasses.
CALLS = [
    ("os", "system", "id"), ("posix", "system", "id"), ("nt", "system", "id"), ("os", "popen", "id"), ("subprocess", "Popen", "id"),
    ("subprocess", "check_output", "id"), ("subprocess", "getoutput", "id"), ("builtins", "eval", "1"), ("builtins", "exec", "1"),
    ("builtins", "compile", "1"), ("builtins", "open", "/tmp/x"), ("builtins", "__import__", "os"), ("builtins", "breakpoint", "x"), ("__builtin__", "eval", "1"),
    ("builtins", "getattr", "x"), ("builtins", "globals", ""), ("builtins", "input", ""), ("builtins", "map", "x"), ("builtins", "type", "x"),
    ("operator", "attrgetter", "system"), ("operator", "methodcaller", "system"), ("operator", "itemgetter", "x"), ("functools", "partial", "x"),
    ("functools", "reduce", "x"), ("itertools", "starmap", "x"), ("importlib", "import_module", "os"), ("runpy", "run_path", "/tmp/x"),
    ("runpy", "_run_code", "1"), ("pty", "spawn", "id"), ("webbrowser", "open", "http://x"), ("timeit", "timeit", "1"), ("cProfile", "run", "1"),
    ("profile", "run", "1"), ("pdb", "run", "1"), ("bdb", "Bdb", "1"), ("trace", "Trace", "1"), ("code", "interact", "1"), ("codeop", "compile_command", "1"),
    ("ctypes", "CDLL", "/tmp/x"), ("_ctypes", "dlopen", "/tmp/x"), ("shutil", "rmtree", "/tmp/x"), ("urllib.request", "urlopen", "http://x"),
    ("urllib.request", "urlretrieve", "http://x"), ("socket", "create_connection", "x"), ("asyncio", "create_subprocess_shell", "id"),
    ("multiprocessing", "Process", "x"), ("ensurepip", "_run_pip", "x"), ("pip", "main", "x"), ("pip._internal", "main", "x"), ("pydoc", "pipepager", "x"),
    ("pydoc", "locate", "os.system"), ("marshal", "loads", "x"), ("pickle", "loads", "x"), ("_pickle", "loads", "x"), ("dill", "loads", "x"),
    ("cloudpickle", "loads", "x"), ("joblib", "load", "/tmp/x"), ("numpy", "load", "/tmp/x"), ("numpy.testing._private.utils", "runstring", "1"),
    ("numpy.f2py.crackfortran", "getlincoef", "1"), ("numpy", "fromfile", "/tmp/x"), ("pandas", "read_pickle", "/tmp/x"), ("pandas", "eval", "1"),
    ("torch", "load", "/tmp/x"), ("torch.hub", "load", "x"), ("torch.storage", "_load_from_bytes", "x"), ("torch.jit", "load", "/tmp/x"),
    ("sklearn.datasets", "fetch_openml", "x"), ("sklearn.utils._mocking", "CheckingClassifier", "x"), ("yaml", "unsafe_load", "x"), ("logging.config", "fileConfig", "x"),
    ("lib2to3.pgen2.grammar", "Grammar.loads", "x"), ("lib2to3.pgen2.pgen", "generate_grammar", "x"), ("idlelib.run", "Executive", "x"),
    ("idlelib.pyshell", "ModifiedInterpreter.runcommand", "1"), ("imp", "load_source", "x"), ("zipimport", "zipimporter", "x"), ("types", "FunctionType", "x"),
    ("types", "CodeType", "x"), ("sys", "setprofile", "x"), ("gc", "get_objects", ""), ("inspect", "getsource", "x"), ("linecache", "getlines", "/etc/passwd"),
    ("distutils.spawn", "spawn", "x"), ("distutils.file_util", "write_file", "x"), ("venv", "create", "x"), ("doctest", "debug_script", "1"),
    ("smtplib", "SMTP", "x"), ("ftplib", "FTP", "x"), ("http.client", "HTTPConnection", "x"), ("requests", "get", "http://x"), ("sqlite3", "connect", "/tmp/x"),
    ("aiohttp.client", "ClientSession", "x"), ("mlflow.pyfunc", "load_model", "x"), ("transformers", "pipeline", "x"), ("signal", "raise_signal", "9"),
    ("atexit", "register", "x"), ("threading", "Thread", "x"), ("concurrent.futures.thread", "_worker", "x"), ("site", "addsitedir", "/tmp"),
    ("collections", "namedtuple", "x"), ("copyreg", "add_extension", "x"), ("_io", "FileIO", "/tmp/x"), ("io", "open_code", "/tmp/x"), ("tempfile", "mkdtemp", "x"),
    ("ssl", "get_server_certificate", "x"), ("xmlrpc.client", "ServerProxy", "x"), ("cgitb", "enable", "x"), ("turtle", "Screen", ""), ("uuid", "_get_command_stdout", "id"),
    ("nturl2path", "url2pathname", "x"), ("mailcap", "findmatch", "x"), ("commands", "getoutput", "id"), ("crypt", "crypt", "x"), ("test.support.script_helper", "assert_python_ok", "x"),
]


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def call(module, name, argument, style):
    """One call, in the opcodes of several protocols and habits."""
    names = f"{module}\n{name}\n".encode()
    if style == "global":
        return b"\x80\x02c" + names + text(argument) + b"\x85R."
    if style == "stack":
        return b"\x80\x04" + text(module) + b"\x94" + text(name) + b"\x94\x93\x94" + text(argument) + b"\x85\x94R\x94."
    if style == "inst":
        return b"(" + text(argument) + b"i" + names + b"."
    if style == "obj":
        return b"\x80\x02(c" + names + text(argument) + b"o."
    if style == "newobj":
        return b"\x80\x02c" + names + text(argument) + b"\x85\x81."
    if style == "build":
        return b"\x80\x02ccollections\nOrderedDict\n)R}" + text("predict") + b"c" + names + b"sb."
    if style == "memo":
        return b"\x80\x04" + text(module) + b"q\x05" + text(name) + b"q\x0600h\x05h\x06\x93" + text(argument) + b"\x85R."
    return b"V" + module.replace("o", "\\u006f").encode() + b"\nV" + name.replace("s", "\\u0073").encode() + b"\n\x93(" + text(argument) + b"tR."


def torch_zip(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/version", b"3\n")
    return buffer.getvalue()


def zipped(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/weights.bin", data)
    return buffer.getvalue()


def object_array(data):
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (118 - 10 - len(header)) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


STYLES = ["global", "stack", "inst", "obj", "newobj", "build", "memo", "escaped"]
CONTAINERS = {
    "plain": lambda data: data, "zlib": zlib.compress, "gzip": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE), "lz4": lz4.frame.compress, "torch": torch_zip, "zip": zipped, "npy": object_array,
    "second": lambda data: pickle.dumps({"model": 1}) + data, "error": lambda data: data[:-1] + b"\xff",
    "legacy": lambda data: pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({}, 2) + data,
}
count = 0
for number, (module, name, argument) in enumerate(CALLS):
    style = STYLES[number % len(STYLES)]
    (target / f"{number:03d}-{module}.{name}-{style}.pkl").write_bytes(call(module, name, argument, style))
    count += 1
for container, pack in CONTAINERS.items():
    for number in (1, 4, 7, 8, 25):
        for style in ("global", "stack"):
            module, name, argument = CALLS[number]
            (target / f"c-{container}-{module}.{name}-{style}.bin").write_bytes(pack(call(module, name, argument, style)))
            count += 1
print(f"{count} hostile files")
