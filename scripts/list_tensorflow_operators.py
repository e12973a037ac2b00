"""Writes Sources/Formats/Graphs/KnownTensorFlowOperators.swift from the TensorFlow that is installed here."""

import sys
import textwrap
from pathlib import Path

import tensorflow
from tensorflow.core.framework import op_def_pb2
from tensorflow.python.client import pywrap_tf_session

operators = op_def_pb2.OpList()
operators.ParseFromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
names = " ".join(sorted(operator.name for operator in operators.op))
body = textwrap.fill(names, 130, initial_indent=" " * 8, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False)
Path(sys.argv[1]).write_text(
    f'''/// The operators that TensorFlow {tensorflow.__version__} brings along; every other one needs a native library.
/// Written by scripts/list_tensorflow_operators.py.
enum KnownTensorFlowOperators {{
    static let names = Set(
        """
{body}
        """.split(whereSeparator: \\.isWhitespace).map(String.init)
    )
}}
'''
)
