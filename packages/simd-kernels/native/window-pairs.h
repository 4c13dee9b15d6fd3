// Which cells of an output grid a window reaches from some sites, and from which: the pairs of a strided convolution.
#pragma once
#include "core.h"

namespace SIMD_VARIANT {

// A window over one axis: coordinate i reaches cell (i + padding - tap * dilation) / stride if that is whole and inside.
struct AxisWindow {
  Index length, outLength, kernel, stride, padding, dilation;
};

struct WindowSize {
  Index rows, batches;
  Index most;          // pairs
  AxisWindow axes[3];  // z, y, x
};

struct WindowPairs {
  int* inputs;
  int* outputs;
  int* cells;
  int* cellCount;
  int* starts;
};

struct Hit {
  int tap, cell;
};

// The taps of one axis that lead from each coordinate into the grid, ascending: those of i are first[i]..first[i + 1].
struct AxisHits {
  Index* first;
  Hit* hits;
};

static bool findHits(Runtime& runtime, const AxisWindow& axis, AxisHits& out) {
  out.first = scratch<Index>(runtime, axis.length + 1);
  out.hits = scratch<Hit>(runtime, axis.length * axis.kernel);
  if (!out.first || !out.hits) return false;
  Index count = 0;
  for (Index i = 0; i < axis.length; i++) {
    out.first[i] = count;
    for (Index tap = 0; tap < axis.kernel; tap++) {
      const Index scaled = i + axis.padding - tap * axis.dilation;
      if (scaled < 0 || scaled % axis.stride != 0 || scaled / axis.stride >= axis.outLength) continue;
      out.hits[count++] = {static_cast<int>(tap), static_cast<int>(scaled / axis.stride)};
    }
  }
  out.first[axis.length] = count;
  return true;
}

struct Pair {
  int row, tap, cell;
};

// Lists every cell that is reached, site after site in the order of `order`; counts[tap] grows by the pairs of the tap.
// Returns how many there are.
static Index followWindow(const int* coords, const int* order, const WindowSize& size, const AxisHits* hits,
                          Pair* pairs, int* counts) {
  const AxisWindow& y = size.axes[1];
  const AxisWindow& x = size.axes[2];
  Index count = 0;
  for (Index i = 0; i < size.rows; i++) {
    const int* site = coords + 4 * order[i];
    const auto begin = [&](Index axis) { return hits[axis].hits + hits[axis].first[site[axis + 1]]; };
    const auto end = [&](Index axis) { return hits[axis].hits + hits[axis].first[site[axis + 1] + 1]; };
    const Hit* const lastX = end(2);
    for (const Hit* a = begin(0); a < end(0); a++)
      for (const Hit* b = begin(1); b < end(1); b++) {
        const Index line = ((site[0] * size.axes[0].outLength + a->cell) * y.outLength + b->cell) * x.outLength;
        const Index tap = (a->tap * y.kernel + b->tap) * x.kernel;
        for (const Hit* c = begin(2); c < lastX; c++) {
          pairs[count++] = {order[i], static_cast<int>(tap + c->tap), static_cast<int>(line + c->cell)};
          counts[tap + c->tap]++;
        }
      }
  }
  return count;
}

using Word = unsigned long long;
constexpr Index wordBits = 64;

// A bit for each cell of the grid, so that the reached ones come out ascending without being sorted; then their ranks from
// the number of bits before. Pairs come tap by tap; in each they ascend with the sites in both columns.
static int windowPairs(Runtime& runtime, const int* coords, const int* order, const WindowSize& size,
                       const WindowPairs& out) {
  const AxisWindow* axes = size.axes;
  const Index taps = axes[0].kernel * axes[1].kernel * axes[2].kernel;
  const Index words =
      divideUp(size.batches * axes[0].outLength * axes[1].outLength * axes[2].outLength, wordBits);
  AxisHits hits[3];
  for (Index axis = 0; axis < 3; axis++)
    if (!findHits(runtime, axes[axis], hits[axis])) return outOfMemory;
  Word* marked = scratch<Word>(runtime, words);
  int* before = scratch<int>(runtime, words);
  int* next = scratch<int>(runtime, taps);
  Pair* pairs = scratch<Pair>(runtime, size.most);
  if (!marked || !before || !next || !pairs) return outOfMemory;

  for (Index tap = 0; tap < taps; tap++) next[tap] = 0;
  const Index count = followWindow(coords, order, size, hits, pairs, next);
  int pairsBefore = 0;
  for (Index tap = 0; tap < taps; tap++) {
    out.starts[tap] = pairsBefore;
    pairsBefore += next[tap];
    next[tap] = out.starts[tap];
  }
  out.starts[taps] = pairsBefore;

  for (Index i = 0; i < words; i++) marked[i] = 0;
  for (Index i = 0; i < count; i++) marked[pairs[i].cell / wordBits] |= Word{1} << (pairs[i].cell % wordBits);
  int cells = 0;
  for (Index i = 0; i < words; i++) {
    before[i] = cells;
    for (Word left = marked[i]; left != 0; left &= left - 1)
      out.cells[cells++] = static_cast<int>(wordBits * i + __builtin_ctzll(left));
  }
  *out.cellCount = cells;

  for (Index i = 0; i < count; i++) {
    const Index word = pairs[i].cell / wordBits, bit = pairs[i].cell % wordBits;
    const int place = next[pairs[i].tap]++;
    out.inputs[place] = pairs[i].row;
    out.outputs[place] = before[word] + __builtin_popcountll(marked[word] & ((Word{1} << bit) - 1));
  }
  return done;
}

}  // namespace SIMD_VARIANT
