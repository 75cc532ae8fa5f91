"""Cases of products with matrices, normalisations and reductions."""

from __future__ import annotations

from oracles.operators.case import IMAGE, case, ints, node, single, weights

LINEAR = [
    case("gemm", (1, 5), node("Gemm", "x w b"), w=weights(5, 3), b=weights(3)),
    case(
        "gemm_factors",
        (1, 5),
        node("Gemm", "x w b", alpha=0.5, beta=2.0, transB=1),
        w=weights(3, 5),
        b=weights(1, 3),
    ),
    case(
        "gemm_scalar_bias", (1, 5), node("Gemm", "x w b"), (7, 13), w=weights(5, 3), b=single(2.0)
    ),
    case("gemm_no_bias", (1, 5), node("Gemm", "x w"), (11, 13, 18), w=weights(5, 3)),
    case("gemm_trans_a", (1, 5), node("Gemm", "x w b", transA=1), w=weights(1, 3), b=weights(5, 1)),
    case(
        "gemm_right",
        (1, 5),
        node("Gemm", "w x b", transB=1, alpha=2.0),
        w=weights(4, 5),
        b=weights(4, 1),
    ),
    case(
        "gemm_symbolic_c", (1, 3), node("Gemm", "a w x", beta=0.5), a=weights(2, 5), w=weights(5, 3)
    ),
    case("gemm_residual", (1, 3), node("Gemm", "x w x", beta=0.5), w=weights(3, 3)),
    case("matmul", (1, 5), node("MatMul", "x w"), w=weights(5, 3)),
    case("matmul_vector", (1, 5), node("MatMul", "x w"), w=weights(5)),
    case("matmul_left", (1, 5, 2), node("MatMul", "w x"), w=weights(3, 5)),
    case("matmul_left_vector", (1, 5, 2), node("MatMul", "w x"), w=weights(5)),
    case("matmul_rank3", (1, 4, 5), node("MatMul", "x w"), w=weights(5, 3)),
    case("matmul_batched", (1, 2, 4, 5), node("MatMul", "x w"), w=weights(2, 5, 3)),
    case("matmul_grows", (1, 4, 5), node("MatMul", "x w"), w=weights(3, 1, 5, 2)),
    case("matmul_left_batched", (1, 2, 4, 5), node("MatMul", "w x"), w=weights(2, 3, 4)),
    case(
        "batch_norm",
        IMAGE,
        node("BatchNormalization", "x s b m v", epsilon=0.01),
        (7, 9, 13, 15),
        s=weights(4),
        b=weights(4),
        m=weights(4),
        v=weights(4) ** 2,
    ),
    case(
        "batch_norm_flat",
        (1, 4),
        node("BatchNormalization", "x s b m v"),
        (9, 15),
        s=weights(4),
        b=weights(4),
        m=weights(4),
        v=weights(4) ** 2,
    ),
    case("reduce_sum_attribute", IMAGE, node("ReduceSum", axes=[2, 3], keepdims=0), (7, 11)),
    case("reduce_sum_input", IMAGE, node("ReduceSum", "x a", keepdims=1), (13, 18), a=ints(-1, 1)),
    case("reduce_sum_all", IMAGE, node("ReduceSum", keepdims=0), (7, 13)),
    case("reduce_sum_none", IMAGE, node("ReduceSum", noop_with_empty_axes=1), (13,)),
    case("reduce_mean", IMAGE, node("ReduceMean", axes=[1], keepdims=1), (7, 11, 13)),
    case("reduce_mean_input", IMAGE, node("ReduceMean", "x a"), (18,), a=ints(2)),
    case("reduce_max", IMAGE, node("ReduceMax", axes=[-1]), (7, 11, 13)),
    case("reduce_max_input", IMAGE, node("ReduceMax", "x a"), (18,), a=ints(2, 3)),
    case("reduce_min", IMAGE, node("ReduceMin", axes=[2], keepdims=0), (7, 13)),
]
