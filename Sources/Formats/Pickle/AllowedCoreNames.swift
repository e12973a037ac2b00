/// Names outside the generated list that a model file may import, each group with its reason.
enum AllowedCoreNames {
    /// Reason, then `module name name …` a line.
    static let groups: [(reason: String, lines: String)] = [
        (
            "a plain value of Python",
            """
            builtins set frozenset bytearray complex slice range object list dict tuple int float str bytes bool
            __builtin__ set frozenset bytearray complex slice xrange object list dict tuple int float str unicode long bool
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
            numpy.ma.core _mareconstruct MaskedArray MaskedConstant
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
