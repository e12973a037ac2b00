"""Writes net.onnx (30-100-100-2), convolution.onnx (10 MB, images of 3 x 64 x 64) and a body for each into a folder."""

import json
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

generator = numpy.random.default_rng(0)


def save(name, nodes, extents, constants, outputs):
    value = helper.make_tensor_value_info
    weights = [numpy_helper.from_array((generator.normal(size=shape) / numpy.sqrt(numpy.prod(shape[1:]))).astype("float32"), key) for key, shape in constants.items()]
    graph = helper.make_graph(nodes, name, [value("input", TensorProto.FLOAT, ["N", *extents])], [value("y", TensorProto.FLOAT, ["N", outputs])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), f"{sys.argv[1]}/{name}.onnx")
    row = generator.normal(size=extents).round(3).tolist()
    open(f"{sys.argv[1]}/{name}.body", "w").write(json.dumps({"data": row}, separators=(",", ":")))


node = helper.make_node
save("net", [node("MatMul", ["input", "a"], ["1"]), node("Relu", ["1"], ["2"]), node("MatMul", ["2", "b"], ["3"]), node("Relu", ["3"], ["4"]),
             node("MatMul", ["4", "c"], ["5"]), node("Softmax", ["5"], ["y"])], [30], {"a": (30, 100), "b": (100, 100), "c": (100, 2)}, 2)
save("convolution", [node("Conv", ["input", "a"], ["1"], strides=[2, 2]), node("Relu", ["1"], ["2"]), node("Conv", ["2", "b"], ["3"], strides=[2, 2]),
                     node("Relu", ["3"], ["4"]), node("Conv", ["4", "c"], ["5"], strides=[2, 2]), node("Relu", ["5"], ["6"]), node("Flatten", ["6"], ["7"]),
                     node("MatMul", ["7", "d"], ["8"]), node("Relu", ["8"], ["9"]), node("MatMul", ["9", "e"], ["y"])],
     [3, 64, 64], {"a": (16, 3, 3, 3), "b": (32, 16, 3, 3), "c": (64, 32, 3, 3), "d": (3136, 768), "e": (768, 10)}, 10)
