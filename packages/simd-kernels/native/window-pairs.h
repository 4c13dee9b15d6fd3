// Which cells of an output grid a window reaches from some sites, and from which: the pairs of a strided convolution.
//
// Limits. At most 2²⁰ cells along an axis of the input, 2³⁰ output cells in the batch and 31 taps along all axes together; fewer than 2³¹ pairs. Memory for a bit and
// a half of each output cell.
#pragma once
#include "core.h"

namespace SIMD_VARIANT {

// A window over one axis: coordinate i reaches cell (i + padding - tap * dilation) / stride if that is whole and inside.
struct AxisWindow {
  Index length, outLength, kernel, stride, padding, dilation;
};

struct WindowSize {
  Index rows, batches;
  AxisWindow axes[3];  // z, y, x; at most 31 taps together
};

struct WindowPairs {
  int* inputs;
  int* outputs;
  int* cells;
  int* cellCount;
  int* starts;
};

// A coordinate reaches a cell under a tap if coordinate + padding and tap * dilation leave the same remainder modulo the
// stride: the cell is the difference of their quotients. Cells are unsigned: the number of one in the grid is right modulo
// 2^32, however far outside the way to it begins.
struct WindowTap {
  int remainder;  // numbered as they occur
  unsigned shift;
  long long offset;
};

struct WindowCoordinate {
  int remainder;  // -1 if no tap has it
  unsigned quotient;
  int inside;  // bit k: tap k stays in the grid, if the remainder is its own
};

struct AxisReach {
  int remainders;  // different ones of the taps
  WindowTap* taps;
  WindowCoordinate* coordinates;
  unsigned outLength;
};

static bool findReach(Runtime& runtime, const AxisWindow& axis, AxisReach& out) {
  out = {0, scratch<WindowTap>(runtime, axis.kernel), scratch<WindowCoordinate>(runtime, axis.length),
         static_cast<unsigned>(axis.outLength)};
  if (!out.taps || !out.coordinates) return false;
  // The number of a remainder that one of the first taps has, or -1.
  const auto numberOf = [&](long long remainder, Index taps) {
    for (Index tap = 0; tap < taps; tap++)
      if (out.taps[tap].offset % axis.stride == remainder) return out.taps[tap].remainder;
    return -1;
  };
  for (Index tap = 0; tap < axis.kernel; tap++) {
    const long long offset = static_cast<long long>(tap) * axis.dilation;
    const int known = numberOf(offset % axis.stride, tap);
    out.taps[tap] = {known < 0 ? out.remainders++ : known, static_cast<unsigned>(offset / axis.stride), offset};
  }
  for (Index i = 0; i < axis.length; i++) {
    const long long padded = static_cast<long long>(i) + axis.padding, quotient = padded / axis.stride;
    int inside = 0;
    for (Index tap = 0; tap < axis.kernel; tap++) {
      const long long cell = quotient - out.taps[tap].offset / axis.stride;
      inside |= (cell >= 0 && cell < axis.outLength) << tap;
    }
    out.coordinates[i] = {numberOf(padded % axis.stride, axis.kernel), static_cast<unsigned>(quotient), inside};
  }
  return true;
}

struct WindowSite {
  int row;
  unsigned cell;  // where a tap without shift leads
  int inside;     // the bits of the three axes side by side
};

// Sites sorted into classes by their remainders: all of a class reach cells under the same taps. In each they keep their
// order. Those that no tap reaches are the last class.
struct WindowClasses {
  Index* starts;  // [classes + 2]
  WindowSite* sites;
};

static bool classify(Runtime& runtime, const int* coords, const int* order, const WindowSize& size,
                     const AxisReach* reach, WindowClasses& out) {
  const AxisReach &z = reach[0], &y = reach[1], &x = reach[2];
  const int classes = z.remainders * y.remainders * x.remainders;
  out = {scratch<Index>(runtime, classes + 2), scratch<WindowSite>(runtime, size.rows)};
  Index* next = scratch<Index>(runtime, classes + 1);
  if (!out.starts || !out.sites || !next) return false;
  const auto classOf = [&](const int* site) {
    const int a = z.coordinates[site[1]].remainder, b = y.coordinates[site[2]].remainder,
              c = x.coordinates[site[3]].remainder;
    return (a | b | c) < 0 ? classes : (a * y.remainders + b) * x.remainders + c;
  };
  for (Index i = 0; i <= classes; i++) next[i] = 0;
  for (Index row = 0; row < size.rows; row++) next[classOf(coords + 4 * row)]++;
  out.starts[0] = 0;
  for (Index i = 0; i <= classes; i++) {
    out.starts[i + 1] = out.starts[i] + next[i];
    next[i] = out.starts[i];
  }

  const Index yBits = size.axes[0].kernel, xBits = yBits + size.axes[1].kernel;
  for (Index i = 0; i < size.rows; i++) {
    const int* site = coords + 4 * order[i];
    const WindowCoordinate &a = z.coordinates[site[1]], &b = y.coordinates[site[2]], &c = x.coordinates[site[3]];
    const unsigned layer = static_cast<unsigned>(site[0]) * z.outLength + a.quotient;
    const unsigned cell = (layer * y.outLength + b.quotient) * x.outLength + c.quotient;
    out.sites[next[classOf(site)]++] = {order[i], cell, a.inside | b.inside << yBits | c.inside << xBits};
  }
  return true;
}

// Lists what every tap reaches, tap after tap; outputs are numbers of cells. Returns how many there are. A site whose cell
// is outside is written too, and overwritten by the next pair: with such a site there are less than the most.
static Index followTaps(const WindowClasses& classes, const WindowSize& size, const AxisReach* reach,
                        const WindowPairs& out) {
  const AxisReach &z = reach[0], &y = reach[1], &x = reach[2];
  const Index yBits = size.axes[0].kernel, xBits = yBits + size.axes[1].kernel;
  Index next = 0;
  int* start = out.starts;
  for (Index kz = 0; kz < size.axes[0].kernel; kz++)
    for (Index ky = 0; ky < size.axes[1].kernel; ky++)
      for (Index kx = 0; kx < size.axes[2].kernel; kx++) {
        *start++ = static_cast<int>(next);
        const WindowTap &a = z.taps[kz], &b = y.taps[ky], &c = x.taps[kx];
        const int own = (a.remainder * y.remainders + b.remainder) * x.remainders + c.remainder;
        const int bits = 1 << kz | 1 << (yBits + ky) | 1 << (xBits + kx);
        const unsigned shift = (a.shift * y.outLength + b.shift) * x.outLength + c.shift;
        for (Index i = classes.starts[own]; i < classes.starts[own + 1]; i++) {
          const WindowSite& site = classes.sites[i];
          out.inputs[next] = site.row;
          out.outputs[next] = static_cast<int>(site.cell - shift);
          next += (site.inside & bits) == bits;
        }
      }
  *start = static_cast<int>(next);
  return next;
}

using Word = unsigned long long;
constexpr Index wordBits = 64;

// A bit for each cell of the grid, so that the reached ones come out ascending without being sorted; then their ranks from
// the number of bits before. In each tap the pairs ascend with the sites in both columns.
static int windowPairs(Runtime& runtime, const int* coords, const int* order, const WindowSize& size,
                       const WindowPairs& out) {
  const AxisWindow* axes = size.axes;
  *out.cellCount = 0;
  if (size.rows == 0) {
    for (Index i = 0; i <= axes[0].kernel * axes[1].kernel * axes[2].kernel; i++) out.starts[i] = 0;
    return done;
  }
  AxisReach reach[3];
  for (Index axis = 0; axis < 3; axis++)
    if (!findReach(runtime, axes[axis], reach[axis])) return outOfMemory;
  WindowClasses classes;
  if (!classify(runtime, coords, order, size, reach, classes)) return outOfMemory;
  const Index words =
      divideUp(size.batches * axes[0].outLength * axes[1].outLength * axes[2].outLength, wordBits);
  Word* marked = scratch<Word>(runtime, words);
  int* before = scratch<int>(runtime, words);
  if (!marked || !before) return outOfMemory;

  const Index count = followTaps(classes, size, reach, out);
  for (Index i = 0; i < words; i++) marked[i] = 0;
  for (Index i = 0; i < count; i++) marked[out.outputs[i] / wordBits] |= Word{1} << (out.outputs[i] % wordBits);
  int cells = 0;
  for (Index i = 0; i < words; i++) {
    before[i] = cells;
    for (Word left = marked[i]; left != 0; left &= left - 1)
      out.cells[cells++] = static_cast<int>(wordBits * i + __builtin_ctzll(left));
  }
  *out.cellCount = cells;
  for (Index i = 0; i < count; i++) {
    const Index word = out.outputs[i] / wordBits, bit = out.outputs[i] % wordBits;
    out.outputs[i] = before[word] + __builtin_popcountll(marked[word] & ((Word{1} << bit) - 1));
  }
  return done;
}

static int run(Runtime& runtime, const WindowPairsArguments& a) {
  const auto axis = [&](int i) -> AxisWindow {
    return {.length = a.shape[i],
            .outLength = a.outputShape[i],
            .kernel = a.kernel[i],
            .stride = a.stride[i],
            .padding = a.padding[i],
            .dilation = a.dilation[i]};
  };
  return windowPairs(runtime, a.coords, a.order, {a.rows, a.batchSize, {axis(0), axis(1), axis(2)}},
                     {a.inputs, a.outputs, a.cells, a.cellCount, a.starts});
}

}  // namespace SIMD_VARIANT
