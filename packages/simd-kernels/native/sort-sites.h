// Sites of a batch of grids, sorted by the numbers of their cells.
//
// Limits. At most 2⁵³ cells with their margins, so that a number is exact in float64; fewer than 2²⁹ sites.
#pragma once
#include "sort-keys.h"

namespace SIMD_VARIANT {

// keys ascend and are the numbers of the cells, row-major with the margin; order holds their rows. faults[0] is the row of
// the first site outside of the grid, with which all ends; faults[1] the place of the first key that equals the one before
// it; -1 where there is none.
static int run(Runtime& runtime, const SortSitesArguments& a) {
  const Index rows = a.rows;
  const Index *const shape = a.shape, *const margin = a.margin;
  const int* const coords = a.coords;
  double* const keys = a.keys;
  int *const order = a.order, *const faults = a.faults;
  faults[0] = faults[1] = -1;
  long long before = -1;
  bool ascends = true;
  for (Index row = 0; row < rows; row++) {
    const Index batch = coords[4 * row], z = coords[4 * row + 1], y = coords[4 * row + 2], x = coords[4 * row + 3];
    if (batch < 0 || batch >= a.batchSize || z < 0 || z >= shape[0] || y < 0 || y >= shape[1] || x < 0 ||
        x >= shape[2]) {
      faults[0] = static_cast<int>(row);
      return done;
    }
    const auto cells = [&](int axis) { return static_cast<long long>(shape[axis]) + margin[axis]; };
    const long long key = ((batch * cells(0) + z) * cells(1) + y) * cells(2) + x;
    keys[row] = static_cast<double>(key);
    order[row] = static_cast<int>(row);
    ascends &= key > before;
    before = key;
  }
  if (ascends) return done;

  double* unsorted = scratch<double>(runtime, rows);
  if (!unsorted) return outOfMemory;
  for (Index i = 0; i < rows; i++) unsorted[i] = keys[i];
  if (sortKeys(runtime, unsorted, keys, order, rows) != done) return outOfMemory;
  for (Index i = rows - 1; i > 0; i--)
    if (keys[i] == keys[i - 1]) faults[1] = static_cast<int>(i);
  return done;
}

}  // namespace SIMD_VARIANT
