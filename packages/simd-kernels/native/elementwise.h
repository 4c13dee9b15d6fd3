// Elementwise operations with broadcasting, and the fused optimiser step.
#pragma once
#include "columns.h"

namespace SIMD_VARIANT {

static inline Vector squareRoot(Vector v) {
  Vector out;
  for (Index i = 0; i < lanes; i++) out[i] = __builtin_sqrtf(v[i]);
  return out;
}

// An operand of [rows, columns]: full, one row for all, one value per row, one value.
enum Broadcast { full = 0, perColumn = 1, perRow = 2, single = 3 };

struct BroadcastOperand {
  const float* data;
  Broadcast mode;
  Index columns;

  Vector at(Index row, Index column, Index count) const {
    if (mode == full) return loadUpTo(data + row * columns + column, count);
    if (mode == perColumn) return loadUpTo(data + column, count);
    return broadcast(mode == perRow ? data[row] : *data);
  }
};

template <class Operator>
static int binaryWith(Runtime& runtime, BroadcastOperand a, BroadcastOperand b, float* out, Index rows, Index columns,
                      const Operator& op) {
  const bool flat = (a.mode == full || a.mode == single) && (b.mode == full || b.mode == single);
  if (flat) {  // rows do not matter: cut into long ones
    const Index total = rows * columns;
    constexpr Index block = 8192;
    a.columns = b.columns = block;
    parallel(runtime, divideUp(total, block), 8.0 * total, [&](Index row) {
      forVectors(least(block, total - row * block), [&](Index c, Index n) {
        storeUpTo(out + row * block + c, op(a.at(row, c, n), b.at(row, c, n)), n);
      });
    });
    return done;
  }
  forRows(runtime, rows, columns, [&](Index row) {
    forVectors(columns, [&](Index c, Index n) {
      storeUpTo(out + row * columns + c, op(a.at(row, c, n), b.at(row, c, n)), n);
    });
  });
  return done;
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
    constexpr Index block = 16384;
    parallel(runtime, divideUp(length, block), 8.0 * length, [&](Index task) {
      const Index first = task * block;
      forVectors(least(block, length - first), [&](Index i, Index n) {
        storeUpTo(out + first + i, op(loadUpTo(x + first + i, n)), n);
      });
    });
    return done;
  };
  const Vector one = broadcast(1);
  switch (operation) {
    case 0: return with([](Vector v) { return positive(v); });
    case 1: return with([](Vector v) { return -v; });
    case 2: return with([](Vector v) { return v < Vector{} ? -v : v + Vector{}; });  // + 0 clears the sign of -0
    case 3: return with([](Vector v) { return v * v; });
    case 4: return with([](Vector v) { return squareRoot(v); });
    case 5: return with([&](Vector v) { return one / squareRoot(v); });
    case 6: return with([&](Vector v) { return one / v; });
    case 7: return with([&](Vector v) { return v > Vector{} ? one : (v != v ? v : Vector{}); });
  }
  return unknownOperation;
}

struct AdamwFactors {
  float keep, rate, beta1, grow1, beta2, grow2, correction, epsilon, scale;  // grow = 1 - β, rounded once
};

// With g the scaled gradient: m = β1·m + (1-β1)·g, v = β2·v + (1-β2)·g², p = p·keep - rate·m / (sqrt(v)·correction + ε)
static int adamw(Runtime& runtime, float* p, const float* g, float* m, float* v, Index length, const AdamwFactors& f) {
  constexpr Index block = 8192;
  parallel(runtime, divideUp(length, block), 32.0 * length, [&](Index task) {
    const Index first = task * block;
    forVectors(least(block, length - first), [&](Index j, Index n) {
      const Index i = first + j;
      const Vector gradient = f.scale * loadUpTo(g + i, n);
      const Vector mean = f.beta1 * loadUpTo(m + i, n) + f.grow1 * gradient;
      const Vector square = f.beta2 * loadUpTo(v + i, n) + f.grow2 * gradient * gradient;
      storeUpTo(m + i, mean, n);
      storeUpTo(v + i, square, n);
      const Vector step = f.rate * mean / (squareRoot(square) * f.correction + f.epsilon);
      storeUpTo(p + i, loadUpTo(p + i, n) * f.keep - step, n);
    });
  });
  return done;
}

}  // namespace SIMD_VARIANT
