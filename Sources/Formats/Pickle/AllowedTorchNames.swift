/// Names of PyTorch that a checkpoint or a whole module may import, each group with its reason.
enum AllowedTorchNames {
    /// Reason, then `module name name …` a line.
    static let groups: [(reason: String, lines: String)] = [
        (
            "a storage of PyTorch, named by a persistent id",
            """
            torch BFloat16Storage BoolStorage ByteStorage CharStorage ComplexDoubleStorage ComplexFloatStorage DoubleStorage FloatStorage
            torch HalfStorage IntStorage LongStorage QInt32Storage QInt8Storage QUInt2x4Storage QUInt4x2Storage QUInt8Storage ShortStorage
            torch Storage TypedStorage UntypedStorage
            torch.storage UntypedStorage TypedStorage
            """
        ),
        (
            "a datatype, shape or device of PyTorch",
            """
            torch bcomplex32 bfloat16 bit bits16 bits1x8 bits2x4 bits4x2 bits8 bool cdouble cfloat chalf complex128 complex32 complex64
            torch double float float16 float32 float4_e2m1fn_x2 float64 float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz
            torch float8_e8m0fnu half int int1 int16 int2 int3 int32 int4 int5 int6 int64 int7 int8 long qint32 qint8 quint2x4 quint4x2
            torch quint8 short uint1 uint16 uint2 uint3 uint32 uint4 uint5 uint6 uint64 uint7 uint8
            torch Size device memory_format strided sparse_coo sparse_csr
            torch.serialization _get_layout
            """
        ),
        (
            "makes a tensor from a storage of the file",
            """
            torch._utils _rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state
            torch._utils _rebuild_qtensor _rebuild_sparse_tensor _rebuild_nested_tensor _rebuild_meta_tensor_no_storage
            torch._tensor _rebuild_from_type_v2
            torch Tensor
            torch.nn.parameter Parameter Buffer UninitializedParameter UninitializedBuffer
            """
        ),
        (
            "a layer of PyTorch",
            """
            torch.nn.modules.activation CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish
            torch.nn.modules.activation MultiheadAttention PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus
            torch.nn.modules.activation Softshrink Softsign Tanh Tanhshrink Threshold
            torch.nn.modules.adaptive AdaptiveLogSoftmaxWithLoss
            torch.nn.modules.batchnorm BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d SyncBatchNorm
            torch.nn.modules.batchnorm _BatchNorm _LazyNormBase _NormBase
            torch.nn.modules.channelshuffle ChannelShuffle
            torch.nn.modules.container Container ModuleDict ModuleList ParameterDict ParameterList Sequential
            torch.nn.modules.conv Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConv1d LazyConv2d LazyConv3d
            torch.nn.modules.conv LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d _ConvNd _ConvTransposeMixin _ConvTransposeNd
            torch.nn.modules.distance CosineSimilarity PairwiseDistance
            torch.nn.modules.dropout AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout _DropoutNd
            torch.nn.modules.flatten Flatten Unflatten
            torch.nn.modules.fold Fold Unfold
            torch.nn.modules.instancenorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d
            torch.nn.modules.instancenorm LazyInstanceNorm3d _InstanceNorm
            torch.nn.modules.linear Bilinear Identity LazyLinear Linear NonDynamicallyQuantizableLinear
            torch.nn.modules.loss BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss
            torch.nn.modules.loss HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss LinearCrossEntropyLoss MSELoss MarginRankingLoss
            torch.nn.modules.loss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss NLLLoss2d PoissonNLLLoss
            torch.nn.modules.loss SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss _Loss _WeightedLoss
            torch.nn.modules.module Module
            torch.nn.modules.normalization CrossMapLRN2d GroupNorm LayerNorm LocalResponseNorm RMSNorm
            torch.nn.modules.padding CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d
            torch.nn.modules.padding ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d
            torch.nn.modules.padding ZeroPad2d ZeroPad3d _CircularPadNd _ConstantPadNd _ReflectionPadNd _ReplicationPadNd
            torch.nn.modules.pixelshuffle PixelShuffle PixelUnshuffle
            torch.nn.modules.pooling AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d
            torch.nn.modules.pooling AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d FractionalMaxPool2d FractionalMaxPool3d LPPool1d
            torch.nn.modules.pooling LPPool2d LPPool3d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d
            torch.nn.modules.pooling _AdaptiveAvgPoolNd _AdaptiveMaxPoolNd _AvgPoolNd _LPPoolNd _MaxPoolNd _MaxUnpoolNd
            torch.nn.modules.rnn GRU GRUCell LSTM LSTMCell RNN RNNBase RNNCell RNNCellBase
            torch.nn.modules.sparse Embedding EmbeddingBag
            torch.nn.modules.transformer Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer
            torch.nn.modules.upsampling Upsample UpsamplingBilinear2d UpsamplingNearest2d
            """
        ),
        (
            "an activation that layers refer to; computes on tensors only",
            """
            torch.nn.functional relu gelu silu tanh sigmoid softmax log_softmax elu selu leaky_relu mish hardtanh hardswish softplus
            torch relu tanh sigmoid softmax
            """
        ),
        (
            "a list or tensor of TorchScript",
            """
            torch.jit._pickle build_intlist build_tensorlist build_doublelist build_boollist build_tensor_from_id restore_type_tag
            """
        ),
        (
            "a hook table of a layer",
            """
            torch.utils.hooks BackwardHook RemovableHandle
            """
        ),
    ]
}
