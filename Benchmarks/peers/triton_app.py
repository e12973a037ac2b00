"""The same with Triton's server and its Python back end, through PyTriton."""

import os

import joblib
import numpy
from pytriton.decorators import batch
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

model = joblib.load(os.environ["MODEL"])


@batch
def infer(rows):
    return [model.predict_proba(rows)]


port = int(os.environ["PORT"])
with Triton(config=TritonConfig(http_port=port, grpc_port=port + 1, metrics_port=port + 2)) as triton:
    triton.bind(
        model_name="m", infer_func=infer, inputs=[Tensor(name="rows", dtype=numpy.float64, shape=(model.n_features_in_,))],
        outputs=[Tensor(name="probabilities", dtype=numpy.float64, shape=(-1,))], config=ModelConfig(max_batch_size=64))
    triton.serve()
