// Elementwise operations with broadcasting, and the fused optimiser step.
//
// Limits. One correctly rounded float32 step per entry, but for rsqrt (two) and AdamW (some ten); NaN passes through.
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
  parallel(runtime, divideUp(length, taskEntries), 8.0 * length, [&](Index task) {
    const Step own = step;  // see forRows
    const Index first = task * taskEntries;
    forVectors(least(taskEntries, length - first), [&](Index i, Index n) { own(first + i, n); });
  });
}

// An operand of [rows, columns]: all of it, one row for all, one value per row, one value.
struct BroadcastOperand {
  const float* data;
  Broadcast mode;
  Index columns;

  bool spread() const { return mode == Broadcast::column || mode == Broadcast::scalar; }
  bool rowsAlike() const { return mode == Broadcast::full || mode == Broadcast::scalar; }
};

// An operand as a loop sees it: whether a row has one value for all its columns is known when it is compiled.
template <bool Spread>
struct OperandRows {
  const float* data;
  Index stride;  // of rows

  explicit OperandRows(const BroadcastOperand& from)
      : data(from.data), stride(from.mode == Broadcast::full     ? from.columns
                                  : from.mode == Broadcast::column ? 1
                                                                   : 0) {}
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
  if (a.rowsAlike() && b.rowsAlike()) {  // where rows end does not matter
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

static int run(Runtime& runtime, const BinaryArguments& g) {
  const BroadcastOperand a{g.a, g.aMode, g.columns}, b{g.b, g.bMode, g.columns};
  const auto with = [&](const auto& op) { return binaryWith(runtime, a, b, g.out, g.rows, g.columns, op); };
  switch (g.operation) {
    case BinaryOperation::add: return with([](Vector x, Vector y) { return x + y; });
    case BinaryOperation::sub: return with([](Vector x, Vector y) { return x - y; });
    case BinaryOperation::mul: return with([](Vector x, Vector y) { return x * y; });
    case BinaryOperation::div: return with([](Vector x, Vector y) { return x / y; });
    case BinaryOperation::max: return with([](Vector x, Vector y) { return larger(x, y); });
    case BinaryOperation::min: return with([](Vector x, Vector y) { return smaller(x, y); });
    case BinaryOperation::squaredDifference: return with([](Vector x, Vector y) { return (x - y) * (x - y); });
  }
  return unknownOperation;
}

static int run(Runtime& runtime, const UnaryArguments& g) {
  const auto with = [&](const auto& op) {
    const float* const x = g.x;
    writeFlat(runtime, g.out, g.length, [=](Index i, Index n) { return op(loadUpTo(x + i, n)); });
    return done;
  };
  const Vector one = broadcast(1);
  switch (g.operation) {
    case UnaryOperation::relu: return with([](Vector v) { return positive(v); });
    case UnaryOperation::neg: return with([](Vector v) { return -v; });
    case UnaryOperation::abs: return with([](Vector v) { return v < Vector{} ? -v : v + Vector{}; });  // + 0 clears the sign of -0
    case UnaryOperation::square: return with([](Vector v) { return v * v; });
    case UnaryOperation::sqrt: return with([](Vector v) { return squareRoot(v); });
    case UnaryOperation::rsqrt: return with([=](Vector v) { return one / squareRoot(v); });
    case UnaryOperation::reciprocal: return with([=](Vector v) { return one / v; });
    case UnaryOperation::step: return with([=](Vector v) { return v > Vector{} ? one : (v != v ? v : Vector{}); });
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

static int run(Runtime& runtime, const AdamwArguments& a) {
  const auto round = [](double x) { return static_cast<float>(x); };
  const AdamwFactors factors{.keep = round(a.keep),
                             .rate = round(a.rate),
                             .beta1 = round(a.beta1),
                             .grow1 = round(1 - a.beta1),
                             .beta2 = round(a.beta2),
                             .grow2 = round(1 - a.beta2),
                             .correction = round(a.correction),
                             .epsilon = round(a.epsilon),
                             .scale = round(a.gradientScale)};
  return adamw(runtime, {a.parameters, a.firstMoment, a.secondMoment}, a.gradient,
               {a.outputsParameters, a.outputsFirstMoment, a.outputsSecondMoment}, a.length, factors);
}

}  // namespace SIMD_VARIANT
