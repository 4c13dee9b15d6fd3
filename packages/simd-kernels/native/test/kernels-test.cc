// Runs every kernel on awkward sizes with heap buffers of exactly the right size, for the address and undefined
// behaviour sanitizers: any read or write outside a buffer, scratch included, ends the program. Values are the business
// of test/*.test.ts. Build it with -DSIMD_VARIANT=tested together with ../kernels.cc and ../pool.cc.
#include <stdio.h>
#include <stdlib.h>

#include <initializer_list>

#include "../core.h"
#include "../pool.h"

namespace tested {
int run(int operation, const double* sizes, void* const* arrays, Runtime& runtime);
}

namespace {

constexpr int mostBuffers = 512;
void* buffers[mostBuffers];
int bufferCount = 0;
unsigned state = 1;
long calls = 0;

unsigned random32() {
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

void* exactly(Size bytes) {
  void* buffer = malloc(bytes);
  if (bufferCount == mostBuffers) abort();
  buffers[bufferCount++] = buffer;
  return buffer;
}

void releaseAll() {
  while (bufferCount > 0) free(buffers[--bufferCount]);
}

float* floats(Index count) {
  float* out = static_cast<float*>(exactly(static_cast<Size>(count) * sizeof(float)));
  for (Index i = 0; i < count; i++) out[i] = static_cast<float>(random32() % 2001) / 1000 - 1;
  return out;
}

int* integers(Index count, Index low, Index high) {
  int* out = static_cast<int*>(exactly(static_cast<Size>(count) * sizeof(int)));
  for (Index i = 0; i < count; i++) out[i] = static_cast<int>(low + static_cast<Index>(random32()) % (high - low));
  return out;
}

struct Call {
  int operation;
  const double* sizes;
  void* const* arrays;
};

int runCall(void* context, Runtime& runtime) {
  const Call& call = *static_cast<Call*>(context);
  return tested::run(call.operation, call.sizes, call.arrays, runtime);
}

void* exactScratch(Runtime*, Size bytes) { return exactly(bytes); }

void runInOrder(Runtime*, Index tasks, void (*task)(void*, Index), void* context) {
  for (Index i = tasks; i > 0; i--) task(context, i - 1);
}

template <int Sizes, int Arrays>
void check(int operation, const double (&sizes)[Sizes], void* const (&arrays)[Arrays]) {
  // Exact copies: the callers' lists may not be read beyond their ends either.
  double* size = static_cast<double*>(exactly(sizeof sizes));
  void** array = static_cast<void**>(exactly(sizeof arrays));
  for (int i = 0; i < Sizes; i++) size[i] = sizes[i];
  for (int i = 0; i < Arrays; i++) array[i] = arrays[i];
  Call call{operation, size, array};
  Runtime plain{1, exactScratch, runInOrder};
  Runtime divided{5, exactScratch, runInOrder};
  int status = runCall(&call, plain);
  status |= runCall(&call, divided);
  status |= withPool(3, runCall, &call);
  calls += 3;
  if (status) {
    fprintf(stderr, "operation %d returned %d\n", operation, status);
    exit(1);
  }
}

double real(Index x) { return static_cast<double>(x); }

void checkGemm(Index m, Index n, Index k) {
  for (int form = 0; form < 8; form++) {
    check(opGemm, {real(m), real(n), real(k), real(form & 1), real(form >> 1 & 1), real(form >> 2)},
          {floats(m * k), floats(k * n), floats(m * n)});
    releaseAll();
  }
}

void checkMapped(Index taps, Index pairs, Index rows, Index cin, Index cout) {
  int* starts = static_cast<int*>(exactly(static_cast<Size>(taps + 1) * sizeof(int)));
  for (Index t = 0; t <= taps; t++) starts[t] = static_cast<int>(pairs * t / taps);
  const Index outRows = rows + 2;
  int* from = integers(pairs, 0, rows);
  int* to = integers(pairs, 0, outRows);
  const double sizes[] = {real(taps), real(pairs), real(rows), real(outRows), real(cin), real(cout)};
  float* x = floats(rows * cin);
  float* w = floats(taps * cin * cout);
  float* y = floats(outRows * cout);
  check(opMappedGemm, sizes, {x, w, starts, from, to, y});
  check(opMappedGemmInputGradient, sizes, {y, w, starts, from, to, x});
  check(opMappedGemmWeightGradient, sizes, {x, y, starts, from, to, w});
  releaseAll();
}

void checkConvolution(Index size, Index filter, Index stride, Index padding, Index cin, Index cout) {
  const Index out = size + 2 * padding >= filter ? (size + 2 * padding - filter) / stride + 1 : 0;
  const double sizes[] = {2,           real(size),   real(size + 1), real(cin),    real(out),
                          real(out),   real(cout),   real(filter),   real(filter), real(stride),
                          real(stride), real(padding), real(padding), 1,            1};
  float* x = floats(2 * size * (size + 1) * cin);
  float* w = floats(filter * filter * cin * cout);
  float* y = floats(2 * out * out * cout);
  check(opConv2d, sizes, {x, w, y});
  check(opConv2dInputGradient, sizes, {y, w, x});
  check(opConv2dFilterGradient, sizes, {x, y, w});
  releaseAll();
}

void checkRows(Index rows, Index columns) {
  float* x = floats(rows * columns);
  float* out = floats(rows * columns);
  float* perColumn[6];
  for (auto& p : perColumn) p = floats(columns);
  const double norm[] = {real(rows), real(columns), 1e-3, 1};
  check(opBatchNormReluForward, norm, {x, perColumn[0], perColumn[1], out, perColumn[2], perColumn[3]});
  check(opBatchNormReluBackward, norm,
        {x, floats(rows * columns), perColumn[0], perColumn[1], perColumn[2], perColumn[3], out, perColumn[4], perColumn[5]});
  check(opScaleShiftRelu, {real(rows), real(columns), 1}, {x, perColumn[0], perColumn[1], out});
  check(opGatherRows, {real(rows), real(columns), real(rows)}, {x, integers(rows, -1, rows), out});
  check(opCopyColumns, {real(rows), real(columns), real(columns + 3), 2, real(columns + 1), 1},
        {floats(rows * (columns + 3)), floats(rows * (columns + 1))});
  check(opSegmentSum, {real(rows), real(columns), real(rows + 3)},
        {x, integers(rows, -2, rows + 3), floats((rows + 3) * columns)});
  for (int operation = 0; operation < 4; operation++)
    for (int axis = 0; axis < 2; axis++)
      check(opReduce, {real(operation), real(rows), real(columns), real(axis)}, {x, floats(axis ? columns : rows)});
  releaseAll();
  const auto operand = [&](int mode) {
    return floats(mode == 0 ? rows * columns : mode == 1 ? columns : mode == 2 ? rows : 1);
  };
  for (int operation = 0; operation < 7; operation++)
    for (int modes = 0; modes < 16; modes++) {
      check(opBinary, {real(operation), real(rows), real(columns), real(modes % 4), real(modes / 4)},
            {operand(modes % 4), operand(modes / 4), floats(rows * columns)});
      releaseAll();
    }
  const Index length = rows * columns;
  for (int operation = 0; operation < 8; operation++) {
    check(opUnary, {real(operation), real(length)}, {floats(length), floats(length)});
    releaseAll();
  }
  const double step[] = {real(length), 0.99, 0.01, 0.9, 0.99, 1.0, 1e-8, 0.5};
  float* moved[7];
  for (auto& array : moved) array = floats(length);
  check(opAdamw, step, {moved[0], moved[1], moved[2], moved[3], moved[4], moved[5], moved[6]});
  check(opAdamw, step, {moved[0], moved[1], moved[2], moved[3], moved[0], moved[2], moved[3]});
  check(opMultiplyAddChain, {real(length), 3, 0.5, 0.25}, {floats(length)});
  check(opCopy, {real(length)}, {floats(length), floats(length)});
  check(opFindOutside, {real(length), 0, 5}, {integers(length, 0, 6), exactly(sizeof(double))});
  releaseAll();
}

double* doubles(Index count) {
  double* out = static_cast<double*>(exactly(static_cast<Size>(count) * sizeof(double)));
  for (Index i = 0; i < count; i++) out[i] = random32() % 3;
  return out;
}

void checkNeighbours(Index images, Index dims, Index samples, Index k) {
  const Index count = images * dims * samples, found = images * samples;
  check(opKthNeighbours, {real(images), real(dims), real(samples), real(k), 0},
        {floats(count), doubles(found), integers(found, 0, 1)});
  // few different values: equal samples, and distances that float32 cannot tell apart
  check(opKthNeighbours, {real(images), real(dims), real(samples), real(k), 1},
        {doubles(count), doubles(found), integers(found, 0, 1)});
  check(opEdgeGradient, {real(images), real(dims), real(samples)},
        {floats(count), integers(found, -1, samples), doubles(found), floats(count)});
  releaseAll();
}

// Points on a line of leaves, in a tree of as many levels as it takes.
void checkTree(Index samples, Index count, Index dims, Index leaves, Index k) {
  int* index = integers(count, 0, 1);
  for (Index i = 0; i < count; i++) index[i] = static_cast<int>(samples - 1 - i);
  int* starts = integers(2 * leaves, 0, 1);
  int* ends = integers(2 * leaves, 0, 1);
  double* boxes = doubles(2 * leaves * 2 * dims);
  for (Index node = 2 * leaves - 1; node > 0; node--) {
    const Index leaf = node - leaves;
    starts[node] = node >= leaves ? static_cast<int>(count * leaf / leaves) : starts[2 * node];
    ends[node] = node >= leaves ? static_cast<int>(count * (leaf + 1) / leaves) : ends[2 * node + 1];
    for (Index d = 0; d < dims; d++) {
      boxes[node * 2 * dims + d] = -1;
      boxes[(node * 2 + 1) * dims + d] = 1;
    }
  }
  for (const double largest : {0.0, 1.0})
    check(opTreeNeighbours, {real(samples), real(count), real(dims), real(leaves), real(k), largest},
          {doubles(count * dims), index, starts, ends, boxes, doubles(samples * k), integers(samples * k, -1, 0)});
  for (const Index width : {Index{1}, samples, samples + 40})
    check(opBoundedNeighbours,
          {real(samples / 3), 0, 5, real(width), real(samples), real(dims), real(k), 0.5, 1e-30, 1e20},
          {floats(5 * width), doubles(samples * dims), doubles(samples * k), integers(samples * k, 0, samples)});
  releaseAll();
}

// Some cells of a grid [2, 3, 5, length], ascending, and a window over them.
void checkRulebook(Index length, Index kernel, Index stride, Index padding, Index dilation) {
  const Index cells = 2 * 3 * 5 * length, kernels[] = {least(kernel, 3), least(kernel, 3), kernel};
  Index rows = 0;
  double* all = doubles(cells);
  for (Index cell = 0; cell < cells; cell++)
    if (random32() % 3) all[rows++] = real(cell);
  double* keys = doubles(rows);
  int* coords = integers(4 * rows, 0, 1);
  int* order = integers(rows, 0, 1);
  for (Index i = 0; i < rows; i++) {
    const Index cell = static_cast<Index>(all[i]), line = cell / length;
    keys[i] = all[i];
    order[i] = static_cast<int>(rows - 1 - i);
    const Index site[] = {line / 15, line / 5 % 3, line % 5, cell % length};
    for (Index j = 0; j < 4; j++) coords[4 * i + j] = static_cast<int>(site[j]);
  }
  check(opSortKeys, {real(rows)}, {keys, doubles(rows), integers(rows, 0, 1)});
  check(opSortSites, {real(rows), 2, 3, 5, real(length), 1, 1, 1},
        {coords, doubles(rows), integers(rows, 0, 1), integers(2, 0, 1)});
  double* shifts = doubles(5);
  for (Index t = 0; t < 5; t++) shifts[t] = t < 2 ? real(t - length) : t == 2 ? 0 : real(length + 3 - t);
  for (double far : {0.0, 1e12}) {  // keys that fit an int, and that do not
    for (Index i = 0; i < rows; i++) keys[i] = all[i] + far;
    check(opShiftedPairs, {real(rows), 5},
          {keys, order, shifts, integers(5 * rows, 0, 1), integers(5 * rows, 0, 1), integers(6, 0, 1)});
  }

  const Index shape[] = {3, 5, length};
  Index out[3], taps = 1, perSite = 1;
  for (Index axis = 0; axis < 3; axis++) {
    const Index left = shape[axis] + 2 * padding - dilation * (kernels[axis] - 1) - 1;
    out[axis] = left < 0 ? 1 : left / stride + 1;
    taps *= kernels[axis];
    perSite *= stride == 1 || dilation % stride == 0 ? kernels[axis] : divideUp(kernels[axis], stride);
  }
  const Index pairs = rows * perSite;
  check(opWindowPairs,
        {real(rows), 2, 3, 5, real(length), real(out[0]), real(out[1]), real(out[2]), real(kernels[0]),
         real(kernels[1]), real(kernels[2]), real(stride), real(stride), real(stride), real(padding), real(padding),
         real(padding), real(dilation), real(dilation), real(dilation)},
        {coords, order, integers(pairs, 0, 1), integers(pairs, 0, 1), integers(pairs, 0, 1), integers(1, 0, 1),
         integers(taps + 1, 0, 1)});
  releaseAll();
}

}  // namespace

int main() {
  const Index channels[] = {0, 1, 3, 7, 13, 40};
  const Index rows[] = {0, 1, 5, 6, 7, 12, 25, 100};
  for (Index m : rows)
    for (Index n : channels)
      for (Index k : {Index{0}, Index{1}, Index{13}, Index{257}}) checkGemm(m, n, k);
  for (Index cin : channels)
    for (Index cout : channels) {
      for (Index pairs : {Index{0}, Index{1}, Index{7}, Index{300}})
        for (Index taps : {Index{1}, Index{5}}) checkMapped(taps, pairs, 9, cin, cout);
      for (Index size : {Index{1}, Index{2}, Index{7}})
        for (Index filter : {Index{1}, Index{2}, Index{3}})
          for (Index stride : {Index{1}, Index{2}, Index{5}})
            for (Index padding : {Index{0}, Index{2}}) checkConvolution(size, filter, stride, padding, cin, cout);
    }
  checkConvolution(31, 3, 1, 1, 40, 40);  // several blocks of windows
  checkConvolution(9, 3, 1, 1, 140, 17);
  for (Index n : rows)
    for (Index dims : {Index{0}, Index{1}, Index{13}, Index{300}}) {
      check(opRowPairDistances, {real(n), real(dims)}, {floats(n * dims), floats(n * n)});
      releaseAll();
    }
  for (Index dims : {Index{0}, Index{1}, Index{33}, Index{129}, Index{700}})
    for (Index samples : {Index{2}, Index{3}, Index{13}, Index{40}, Index{65}}) {
      checkNeighbours(2, dims, samples, 1 + samples / 10);
      checkNeighbours(1, dims, samples, samples - 1);
      checkTree(samples, samples - 1, dims, 8, 3);
    }
  for (Index n : rows)
    for (Index columns : {Index{0}, Index{1}, Index{3}, Index{7}, Index{13}, Index{40}, Index{2000}})
      if (columns < 2000 || n < 8) checkRows(n, columns);
  for (Index length : {Index{1}, Index{2}, Index{13}, Index{70}})
    for (Index kernel : {Index{1}, Index{3}, Index{20}})
      for (Index stride : {Index{1}, Index{2}, Index{3}})
        for (Index padding : {Index{0}, Index{2}})
          for (Index dilation : {Index{1}, Index{2}}) checkRulebook(length, kernel, stride, padding, dilation);
  printf("%ld calls, no access outside a buffer\n", calls);
  return 0;
}
