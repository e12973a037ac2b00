/// Packages whose content we know: a name of theirs that is not on the allow-list fails a file.
///
/// The standard library's top-level modules (`sys.stdlib_module_names` of CPython 3.11, and names that older versions had),
/// then libraries that are common beside models and hold functions that run things.
enum KnownPackages {
    static let names = Set(
        """
        Crypto Cython IPython PIL Pyro4 Queue StringIO __builtin__ __future__ _abc _aix_support _ast _asyncio _bisect
        _blake2 _bootlocale _bootsubprocess _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr
        _codecs_tw _collections _collections_abc _compat_pickle _compression _contextvars _crypt _csv _ctypes _curses
        _curses_panel _datetime _dbm _decimal _distutils_hack _elementtree _frozen_importlib
        _frozen_importlib_external _functools _gdbm _hashlib _heapq _imp _io _json _locale _lsprof _lzma _markupbase
        _md5 _msi _multibytecodec _multiprocessing _opcode _operator _osx_support _overlapped _pickle _posixshmem
        _posixsubprocess _py_abc _pydecimal _pyio _pytest _queue _random _scproxy _sha1 _sha256 _sha3 _sha512 _signal
        _sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct _symtable _thread
        _threading_local _tkinter _tokenize _tracemalloc _typing _uuid _warnings _weakref _weakrefset _winapi _winreg
        _zoneinfo abc aifc aiohttp antigravity argparse array ast asynchat asyncio asyncore atexit attr attrs audioop
        azure base64 bdb binascii binhex bisect boto3 botocore bs4 builtins bz2 cPickle cProfile cStringIO calendar
        catboost category_encoders celery certifi cffi cgi cgitb chunk click cloudpickle cmath cmd code codecs codeop
        collections colorsys commands compileall concurrent configparser contextlib contextvars copy copy_reg copyreg
        crypt cryptography csv ctypes curses cv2 cython dask dataclasses datasets datetime dbm decimal decorator
        difflib dill dis distributed distutils django docker doctest duckdb dummy_threading eli5 email encodings
        ensurepip enum errno eventlet exceptions execnet fabric fastapi faulthandler fcntl filecmp fileinput flask
        flax fnmatch formatter fractions fsspec ftplib functools gc gcsfs genericpath gensim getopt getpass gettext
        gevent glob google graphlib greenlet grp grpc gzip h5py hashlib heapq hmac html html5lib http httplib httpx
        huggingface_hub hypothesis idlelib idna imageio imaplib imblearn imghdr imp importlib inspect invoke io
        ipaddress ipykernel itertools jax jinja2 joblib json jupyter jwt keras keyword kubernetes lib2to3 lightgbm
        lime linecache llvmlite locale logging lxml lzma macpath mailbox mailcap mako marshal math matplotlib
        mimetypes mlflow mmap modulefinder mpmath msilib msvcrt multiprocessing nacl narwhals netrc networkx nis nltk
        nntplib nose nt ntpath nturl2path numba numbers numpy onnx onnxruntime opcode openpyxl operator optparse
        optuna os ossaudiodev pandas paramiko parser pathlib patsy pdb pexpect pickle pickle5 pickletools pip pipes
        pkg_resources pkgutil platform plistlib plotly plumbum polars popen2 poplib posix posixpath pprint profile
        pstats psutil psycopg2 pty ptyprocess pwd py_compile pyarrow pyclbr pycparser pydantic pydoc pydoc_data
        pyexpat pymongo pymysql pyspark pytest queue quopri random ray re readline redis reprlib requests resource
        rich rlcompleter rpyc ruamel runpy s3fs safetensors sched scipy seaborn secrets select selectors
        sentence_transformers setproctitle setuptools sh shap shelve shlex shutil signal site six sklearn skops smtpd
        smtplib sndhdr socket socketserver spacy spwd sqlalchemy sqlite3 sre_compile sre_constants sre_parse ssl
        starlette stat statistics statsmodels string stringprep struct subprocess sunau symbol sympy symtable sys
        sysconfig syslog tables tabnanny tarfile telnetlib tempfile tensorflow termios test textwrap this thread threading
        threadpoolctl time timeit tkinter token tokenize tokenizers toml tomllib toolz torch torchvision tornado tqdm
        trace traceback tracemalloc transformers tty turtle turtledemo twisted typer types typing unicodedata unittest
        urllib urllib2 urllib3 urlparse uu uuid uvicorn venv wandb warnings wave weakref webbrowser werkzeug wheel
        winreg winsound wrapt wsgiref xdrlib xgboost xlrd xml xmlrpc yaml zarr zipapp zipfile zipimport zlib zmq
        zoneinfo
        """.split(whereSeparator: \.isWhitespace).map(String.init)
    )
}
