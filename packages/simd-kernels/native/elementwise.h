// Elementwise operations with broadcasting, and the fused optimiser step.
#pragma once
#include "passes.h"

namespace SIMD_VARIANT {

static inline Vector squareRoot(Vector v) {
  Vector out;
  for (Index i = 0; i < lanes; i++) out[i] = __builtin_sqrtf(v[i]);
  return out;
}

// Calls step(i, count) for all vectors of 0..length; `count` is as in forVectors.
template <class Step>
static void forFlat(Runtime& runtime, Index length, const Step& step) {
  constexpr Index block = 16384;
  parallel(runtime, divideUp(length, block), 8.0 * length, [&](Index task) {
    const Step own = step;  // see writeFlat
    const Index first = task * block;
    forVectorsOfHalves(least(block, length - first), [&](Index i, Index n) { own(first + i, n); });
  });
}

// An operand of [rows, columns]: full, one row for all, one value per row, one value.
enum Broadcast { full = 0, perColumn = 1, perRow = 2, single = 3 };

struct BroadcastOperand {
  const float* data;
  Broadcast mode;
  Index columns;

  bool spread() const { return mode == perRow || mode == single; }
};

// An operand as a loop sees it: whether a row has one value for all its columns is known when it is compiled.
template <bool Spread>
struct OperandRows {
  const float* data;
  Index stride;  // of rows

  explicit OperandRows(const BroadcastOperand& from)
      : data(from.data), stride(from.mode == full ? from.columns : from.mode == perRow ? 1 : 0) {}
  Vector at(Index row, Index column, Index count) const {
    if constexpr (Spread) return broadcast(data[row * stride]);
    else return loadUpTo(data + row * stride + column, count);
  }
};

template <bool SpreadA, bool SpreadB, class Operator>
static int binaryOf(Runtime& runtime, const BroadcastOperand& a, const BroadcastOperand& b, float* out, Index rows,
                    Index columns, const Operator& op) {
  const OperandRows<SpreadA> left(a);
  const OperandRows<SpreadB> right(b);
  const bool flat = (a.mode == full || a.mode == single) && (b.mode == full || b.mode == single);
  if (flat) {  // rows do not matter
    writeFlat(runtime, out, rows * columns, [=](Index i, Index n) { return op(left.at(0, i, n), right.at(0, i, n)); });
  } else {
    writeMatrix(runtime, out, columns, rows, columns,
                [=](Index row, Index c, Index n) { return op(left.at(row, c, n), right.at(row, c, n)); });
  }
  return done;
}

template <class Operator>
static int binaryWith(Runtime& runtime, const BroadcastOperand& a, const BroadcastOperand& b, float* out, Index rows,
                      Index columns, const Operator& op) {
  if (a.spread())
    return b.spread() ? binaryOf<true, true>(runtime, a, b, out, rows, columns, op)
                      : binaryOf<true, false>(runtime, a, b, out, rows, columns, op);
  return b.spread() ? binaryOf<false, true>(runtime, a, b, out, rows, columns, op)
                    : binaryOf<false, false>(runtime, a, b, out, rows, columns, op);
}

// NaN if either is NaN.
static inline Vector larger(Vector a, Vector b) { return ((a > b) | (a != a)) ? a : b; }
static inline Vector smaller(Vector a, Vector b) { return ((a < b) | (a != a)) ? a : b; }

static int binary(Runtime& runtime, int operation, const BroadcastOperand& a, const BroadcastOperand& b, float* out,
                  Index rows, Index columns) {
  const auto with = [&](const auto& op) { return binaryWith(runtime, a, b, out, rows, columns, op); };
  switch (operation) {
    case 0: return with([](Vector x, Vector y) { return x + y; });
    case 1: return with([](Vector x, Vector y) { return x - y; });
    case 2: return with([](Vector x, Vector y) { return x * y; });
    case 3: return with([](Vector x, Vector y) { return x / y; });
    case 4: return with([](Vector x, Vector y) { return larger(x, y); });
    case 5: return with([](Vector x, Vector y) { return smaller(x, y); });
    case 6: return with([](Vector x, Vector y) { return (x - y) * (x - y); });
  }
  return unknownOperation;
}

static int unary(Runtime& runtime, int operation, const float* x, float* out, Index length) {
  const auto with = [&](const auto& op) {
    writeFlat(runtime, out, length, [=](Index i, Index n) { return op(loadUpTo(x + i, n)); });
    return done;
  };
  const Vector one = broadcast(1);
  switch (operation) {
    case 0: return with([](Vector v) { return positive(v); });
    case 1: return with([](Vector v) { return -v; });
    case 2: return with([](Vector v) { return v < Vector{} ? -v : v + Vector{}; });  // + 0 clears the sign of -0
    case 3: return with([](Vector v) { return v * v; });
    case 4: return with([](Vector v) { return squareRoot(v); });
    case 5: return with([=](Vector v) { return one / squareRoot(v); });
    case 6: return with([=](Vector v) { return one / v; });
    case 7: return with([=](Vector v) { return v > Vector{} ? one : (v != v ? v : Vector{}); });
  }
  return unknownOperation;
}

struct AdamwFactors {
  float keep, rate, beta1, grow1, beta2, grow2, correction, epsilon, scale;  // grow = 1 - β, rounded once
};

template <class Float>
struct AdamwArrays {
  Float* p;
  Float* m;
  Float* v;
};

// With g the scaled gradient: m = β1·m + (1-β1)·g, v = β2·v + (1-β2)·g², p = p·keep - rate·m / (sqrt(v)·correction + ε)
// Each of `to` may be its own of `from`.
static int adamw(Runtime& runtime, const AdamwArrays<const float>& from, const float* g, const AdamwArrays<float>& to,
                 Index length, const AdamwFactors& f) {
  forFlat(runtime, length, [=](Index i, Index n) {
    const Vector gradient = f.scale * loadUpTo(g + i, n);
    const Vector mean = f.beta1 * loadUpTo(from.m + i, n) + f.grow1 * gradient;
    const Vector square = f.beta2 * loadUpTo(from.v + i, n) + f.grow2 * gradient * gradient;
    storeUpTo(to.m + i, mean, n);
    storeUpTo(to.v + i, square, n);
    const Vector step = f.rate * mean / (squareRoot(square) * f.correction + f.epsilon);
    storeUpTo(to.p + i, loadUpTo(from.p + i, n) * f.keep - step, n);
  });
  return done;
}

}  // namespace SIMD_VARIANT
