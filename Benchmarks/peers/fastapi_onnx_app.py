"""What a user would write for an ONNX model: FastAPI with onnxruntime, one process, one thread for the model."""

import os

import numpy
import onnxruntime
from fastapi import FastAPI, Request

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ.get("THREADS", "1"))
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
app = FastAPI()


@app.post("/predict")
async def predict(request: Request):
    rows = numpy.array([(await request.json())["data"]], "float32")
    return {"prediction": session.run(None, {"input": rows})[0][0].tolist()}
