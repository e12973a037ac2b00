/// Names outside the generated list that a model file may import, each group with its reason.
enum AllowedCoreNames {
    /// Of functions that a model holds and that nothing calls while it is loaded.
    private static let referenceReason = "a function of numpy that computes on arrays and nothing else"

    /// Whether a model only refers to the name.
    static func isReference(_ name: PickleGlobal) -> Bool {
        let module = name.module
        return (references.contains(name.name) && (module == "numpy" || module.hasSuffix("._multiarray_umath"))) || module == "torch.nn.functional"
            || ["sklearn.metrics._classification", "sklearn.metrics._regression", "sklearn.metrics._ranking"].contains(module)
            || module.hasSuffix("._aliases") || name == PickleGlobal(module: "sklearn.metrics._scorer", name: "_passthrough_scorer")
            || name == PickleObjectRules.arrayCheck
    }

    private static let references: Set<String> = {
        let lines = groups.first { $0.reason == referenceReason }?.lines ?? ""
        return Set(lines.split(separator: "\n").flatMap { $0.split(separator: " ").dropFirst() }.map(String.init))
    }()

    /// Reason, then `module name name …` a line.
    static let groups: [(reason: String, lines: String)] = [
        (
            "a plain value of Python",
            """
            builtins set frozenset bytearray complex slice range object list dict tuple int float str bytes bool
            __builtin__ set frozenset bytearray complex slice xrange object list dict tuple int float str unicode long bool bytes
            collections OrderedDict defaultdict Counter deque
            datetime date datetime time timedelta timezone
            decimal Decimal
            fractions Fraction
            uuid UUID
            """
        ),
        (
            "makes an object of a class that is itself on the list",
            """
            copyreg _reconstructor __newobj__ __newobj_ex__
            copy_reg _reconstructor __newobj__ __newobj_ex__
            """
        ),
        (
            "turns text into bytes, as protocols 0 to 2 write them",
            """
            _codecs encode
            """
        ),
        (
            "a datatype or array of numpy",
            """
            numpy ndarray dtype matrix generic bool bool_ number integer floating complexfloating str_ bytes_ object_ void
            numpy int8 int16 int32 int64 uint8 uint16 uint32 uint64 intc uintc intp uintp longlong ulonglong
            numpy float16 float32 float64 longdouble complex64 complex128 clongdouble datetime64 timedelta64
            numpy.core.multiarray _reconstruct scalar
            numpy._core.multiarray _reconstruct scalar
            numpy.core.numeric _frombuffer
            numpy._core.numeric _frombuffer
            numpy.ma MaskedArray
            numpy.ma.core _mareconstruct MaskedArray MaskedConstant
            """
        ),
        (
            referenceReason,
            """
            numpy abs absolute fabs sqrt cbrt square exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh
            numpy cosh tanh arcsinh arccosh arctanh reciprocal negative positive sign floor ceil rint trunc isnan isfinite isinf
            numpy logical_not conjugate deg2rad rad2deg add subtract multiply divide maximum minimum power
            numpy.core._multiarray_umath abs absolute fabs sqrt cbrt square exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh
            numpy.core._multiarray_umath cosh tanh arcsinh arccosh arctanh reciprocal negative positive sign floor ceil rint trunc isnan isfinite isinf
            numpy.core._multiarray_umath logical_not conjugate deg2rad rad2deg add subtract multiply divide maximum minimum power
            numpy._core._multiarray_umath abs absolute fabs sqrt cbrt square exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh
            numpy._core._multiarray_umath cosh tanh arcsinh arccosh arctanh reciprocal negative positive sign floor ceil rint trunc isnan isfinite isinf
            numpy._core._multiarray_umath logical_not conjugate deg2rad rad2deg add subtract multiply divide maximum minimum power
            scipy._lib.array_api_compat.numpy._aliases asarray
            """
        ),
        (
            "a function of scikit-learn that models only refer to: it scores an estimator, or checks that rows are numbers",
            """
            sklearn.metrics._scorer _passthrough_scorer
            sklearn.utils.validation check_array
            """
        ),
        (
            "options for the function that checks rows, and for no other: histogram boosting keeps it since 1.4",
            """
            functools partial
            """
        ),
        (
            "a loss of scikit-learn, under the short name that its compiled module has since 1.4",
            """
            _loss CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss CyHalfPoissonLoss
            _loss CyHalfSquaredError CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss CyLossFunction CyPinballLoss
            _loss __pyx_unpickle_CyAbsoluteError __pyx_unpickle_CyExponentialLoss __pyx_unpickle_CyHalfBinomialLoss
            _loss __pyx_unpickle_CyHalfGammaLoss __pyx_unpickle_CyHalfMultinomialLoss __pyx_unpickle_CyHalfPoissonLoss
            _loss __pyx_unpickle_CyHalfSquaredError __pyx_unpickle_CyHalfTweedieLoss __pyx_unpickle_CyHalfTweedieLossIdentity
            _loss __pyx_unpickle_CyHuberLoss __pyx_unpickle_CyLossFunction __pyx_unpickle_CyPinballLoss
            """
        ),
        (
            "a random generator of numpy, from its state",
            """
            numpy.random._pickle __randomstate_ctor __generator_ctor __bit_generator_ctor
            numpy.random._mt19937 MT19937
            numpy.random._pcg64 PCG64 PCG64DXSM
            numpy.random._philox Philox
            numpy.random._sfc64 SFC64
            numpy.random.bit_generator SeedSequence __pyx_unpickle_SeedSequence
            numpy.random._bit_generator SeedSequence
            numpy.random.mtrand RandomState
            numpy.random._generator Generator
            """
        ),
        (
            "an array in joblib's stream",
            """
            joblib.numpy_pickle NumpyArrayWrapper
            """
        ),
        (
            "a sparse matrix of scipy",
            """
            scipy.sparse._csr csr_matrix csr_array
            scipy.sparse._csc csc_matrix csc_array
            scipy.sparse._coo coo_matrix coo_array
            scipy.sparse.csr csr_matrix
            scipy.sparse.csc csc_matrix
            """
        ),
        (
            "a table, column or index of pandas",
            """
            pandas DataFrame Series Index RangeIndex MultiIndex DatetimeIndex CategoricalIndex StringDtype CategoricalDtype DatetimeTZDtype Categorical Timestamp
            pandas.arrays StringArray IntegerArray FloatingArray BooleanArray
            pandas.core.frame DataFrame
            pandas.core.series Series
            pandas.core.internals.managers BlockManager SingleBlockManager
            pandas.core.internals.blocks new_block
            pandas._libs.internals _unpickle_block
            pandas.core.indexes.base Index _new_Index
            pandas.core.indexes.range RangeIndex
            pandas.core.indexes.multi MultiIndex
            pandas.core.indexes.datetimes DatetimeIndex _new_DatetimeIndex
            pandas.core.dtypes.dtypes CategoricalDtype DatetimeTZDtype
            pandas.core.arrays.categorical Categorical
            pandas._libs.arrays __pyx_unpickle_NDArrayBacked
            """
        ),
    ]
}
