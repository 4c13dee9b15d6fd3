// Runs every kernel on awkward sizes with heap buffers of exactly the right size, for the address and undefined
// behaviour sanitizers: any read or write outside a buffer, scratch included, ends the program. Values are the business
// of test/*.test.ts. Build it with -DSIMD_VARIANT=tested together with ../pool.cc.
#include <stdio.h>
#include <stdlib.h>

#include <initializer_list>

#include "../kernels.cc"
#include "../pool.h"

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

void* exactScratch(Runtime*, Size bytes) { return exactly(bytes); }

void runInOrder(Runtime*, Index tasks, void (*task)(void*, Index), void* context) {
  for (Index i = tasks; i > 0; i--) task(context, i - 1);
}

template <class Arguments>
int runIn(void* context, Runtime& runtime) {
  return tested::run(runtime, *static_cast<Arguments*>(context));
}

template <class Arguments>
void check(Arguments arguments) {
  Runtime plain{1, exactScratch, runInOrder};
  Runtime divided{5, exactScratch, runInOrder};
  int status = runIn<Arguments>(&arguments, plain);
  status |= runIn<Arguments>(&arguments, divided);
  status |= withPool(3, runIn<Arguments>, &arguments);
  calls += 3;
  if (status) {
    fprintf(stderr, "%s returned %d\n", __PRETTY_FUNCTION__, status);
    exit(1);
  }
}

void checkGemm(Index m, Index n, Index k) {
  for (int form = 0; form < 16; form++) {
    check(GemmArguments{.m = m,
                        .n = n,
                        .k = k,
                        .transposeA = (form & 1) != 0,
                        .transposeB = (form & 2) != 0,
                        .accumulate = (form & 4) != 0,
                        .precision = form & 8 ? Precision::bfloat16 : Precision::float32,
                        .a = floats(m * k),
                        .b = floats(k * n),
                        .out = floats(m * n)});
    releaseAll();
  }
}

void checkMapped(Index taps, Index pairs, Index rows, Index cin, Index cout) {
  int* starts = static_cast<int*>(exactly(static_cast<Size>(taps + 1) * sizeof(int)));
  for (Index t = 0; t <= taps; t++) starts[t] = static_cast<int>(pairs * t / taps);
  const Index outRows = rows + 2;
  int* from = integers(pairs, 0, rows);
  int* to = integers(pairs, 0, outRows);
  float* x = floats(rows * cin);
  float* w = floats(taps * cin * cout);
  float* y = floats(outRows * cout);
  for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
    check(MappedGemmArguments{taps, pairs, rows, outRows, cin, cout, precision, x, w, starts, from, to, y});
    check(MappedGemmInputGradientArguments{taps, pairs, rows, outRows, cin, cout, precision, y, w, starts, from, to, x});
    check(MappedGemmWeightGradientArguments{taps, pairs, rows, outRows, cin, cout, precision, x, y, starts, from, to, w});
  }
  releaseAll();
}

void checkConvolution(Index size, Index filter, Index stride, Index padding, Index cin, Index cout) {
  const Index out = size + 2 * padding >= filter ? (size + 2 * padding - filter) / stride + 1 : 0;
  const ConvolutionSizes shape{.batch = 2,
                               .inHeight = size,
                               .inWidth = size + 1,
                               .inChannels = cin,
                               .outHeight = out,
                               .outWidth = out,
                               .outChannels = cout,
                               .filterHeight = filter,
                               .filterWidth = filter,
                               .strideHeight = stride,
                               .strideWidth = stride,
                               .padTop = padding,
                               .padLeft = padding,
                               .dilationHeight = 1,
                               .dilationWidth = 1};
  float* x = floats(2 * size * (size + 1) * cin);
  float* w = floats(filter * filter * cin * cout);
  float* y = floats(2 * out * out * cout);
  for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
    check(Conv2dArguments{shape, precision, x, w, y});
    check(Conv2dInputGradientArguments{shape, precision, y, w, x});
    check(Conv2dFilterGradientArguments{shape, precision, x, y, w});
  }
  releaseAll();
}

void checkRows(Index rows, Index columns) {
  const Index length = rows * columns;
  float* x = floats(length);
  float* out = floats(length);
  float* row[6];
  for (auto& each : row) each = floats(columns);
  check(BatchNormReluForwardArguments{rows, columns, 1e-3, true, x, row[0], row[1], out, row[2], row[3]});
  check(BatchNormReluBackwardArguments{.rows = rows,
                                       .channels = columns,
                                       .epsilon = 1e-3,
                                       .relu = true,
                                       .x = x,
                                       .outGradient = floats(length),
                                       .gamma = row[0],
                                       .beta = row[1],
                                       .mean = row[2],
                                       .variance = row[3],
                                       .inputGradient = out,
                                       .gammaGradient = row[4],
                                       .betaGradient = row[5]});
  check(ScaleShiftReluArguments{rows, columns, true, x, row[0], row[1], out});
  check(GatherRowsArguments{rows, columns, rows, x, integers(rows, -1, rows), out});
  check(CopyColumnsArguments{.rows = rows,
                             .columns = columns,
                             .xColumns = columns + 3,
                             .xFirst = 2,
                             .outColumns = columns + 1,
                             .outFirst = 1,
                             .x = floats(rows * (columns + 3)),
                             .out = floats(rows * (columns + 1))});
  check(SegmentSumArguments{rows, columns, rows + 3, x, integers(rows, -2, rows + 3), floats((rows + 3) * columns)});
  for (int operation = 0; operation < 4; operation++)
    for (const Axis axis : {Axis::inner, Axis::outer})
      check(ReduceArguments{static_cast<Reduction>(operation), axis, rows, columns, x,
                            floats(axis == Axis::outer ? columns : rows)});
  releaseAll();
  const auto operand = [&](Broadcast mode) {
    return floats(mode == Broadcast::full     ? length
                  : mode == Broadcast::row    ? columns
                  : mode == Broadcast::column ? rows
                                              : 1);
  };
  for (int operation = 0; operation < 7; operation++)
    for (int modes = 0; modes < 16; modes++) {
      const auto a = static_cast<Broadcast>(modes % 4), b = static_cast<Broadcast>(modes / 4);
      check(BinaryArguments{static_cast<BinaryOperation>(operation), rows, columns, a, b, operand(a), operand(b),
                            floats(length)});
      releaseAll();
    }
  for (int operation = 0; operation < 8; operation++) {
    check(UnaryArguments{static_cast<UnaryOperation>(operation), length, floats(length), floats(length)});
    releaseAll();
  }
  AdamwArguments step{.length = length,
                      .keep = 0.99,
                      .rate = 0.01,
                      .beta1 = 0.9,
                      .beta2 = 0.99,
                      .correction = 1,
                      .epsilon = 1e-8,
                      .gradientScale = 0.5,
                      .parameters = floats(length),
                      .gradient = floats(length),
                      .firstMoment = floats(length),
                      .secondMoment = floats(length),
                      .outputsParameters = floats(length),
                      .outputsFirstMoment = floats(length),
                      .outputsSecondMoment = floats(length)};
  check(step);
  step.parameters = step.outputsParameters;
  step.firstMoment = step.outputsFirstMoment;
  step.secondMoment = step.outputsSecondMoment;
  check(step);
  for (const Precision precision : {Precision::float32, Precision::bfloat16})
    check(MultiplyAddChainArguments{length, 3, 0.5, 0.25, precision, floats(length)});
  check(CopyArguments{length, floats(length), floats(length)});
  check(FindOutsideArguments{length, 0, 5, integers(length, 0, 6), static_cast<double*>(exactly(sizeof(double)))});
  releaseAll();
}

double* doubles(Index count) {
  double* out = static_cast<double*>(exactly(static_cast<Size>(count) * sizeof(double)));
  for (Index i = 0; i < count; i++) out[i] = random32() % 3;
  return out;
}

void checkNeighbours(Index images, Index dims, Index samples, Index k) {
  const Index count = images * dims * samples, found = images * samples;
  check(KthNeighboursArguments{images, dims, samples, k, false, floats(count), doubles(found), integers(found, 0, 1)});
  // few different values: equal samples, and distances that float32 cannot tell apart
  check(KthNeighboursArguments{images, dims, samples, k, true, doubles(count), doubles(found), integers(found, 0, 1)});
  check(EdgeGradientArguments{images, dims, samples, floats(count), integers(found, -1, samples), doubles(found),
                              floats(count)});
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
  for (const Norm norm : {Norm::euclidean, Norm::max})
    check(TreeNeighboursArguments{samples, count, dims, leaves, k, norm, doubles(count * dims), index, starts, ends,
                                  boxes, doubles(samples * k), integers(samples * k, -1, 0)});
  for (const Index width : {Index{1}, samples, samples + 40})
    check(BoundedNeighboursArguments{.row = samples / 3,
                                     .column = 0,
                                     .height = 5,
                                     .width = width,
                                     .samples = samples,
                                     .dims = dims,
                                     .k = k,
                                     .unit = 0.5,
                                     .slack = 1e-30,
                                     .most = 1e20,
                                     .bounds = floats(5 * width),
                                     .values = doubles(samples * dims),
                                     .distances = doubles(samples * k),
                                     .indices = integers(samples * k, 0, samples)});
  releaseAll();
}

// Some cells of a grid [2, 3, 5, length], ascending, and a window over them.
void checkRulebook(Index length, Index kernel, Index stride, Index padding, Index dilation) {
  const Index cells = 2 * 3 * 5 * length, kernels[] = {least(kernel, 3), least(kernel, 3), kernel};
  Index rows = 0;
  double* all = doubles(cells);
  for (Index cell = 0; cell < cells; cell++)
    if (random32() % 3) all[rows++] = static_cast<double>(cell);
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
  check(SortKeysArguments{rows, keys, doubles(rows), integers(rows, 0, 1)});
  check(SortSitesArguments{rows, 2, {3, 5, length}, {1, 1, 1}, coords, doubles(rows), integers(rows, 0, 1),
                           integers(2, 0, 1)});
  double* shifts = doubles(5);
  for (Index t = 0; t < 5; t++) shifts[t] = static_cast<double>(t < 2 ? t - length : t == 2 ? 0 : length + 3 - t);
  for (double far : {0.0, 1e12}) {  // keys that fit an int, and that do not
    for (Index i = 0; i < rows; i++) keys[i] = all[i] + far;
    check(ShiftedPairsArguments{rows, 5, keys, order, shifts, integers(5 * rows, 0, 1), integers(5 * rows, 0, 1),
                                integers(6, 0, 1)});
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
  check(WindowPairsArguments{.rows = rows,
                             .batchSize = 2,
                             .shape = {3, 5, length},
                             .outputShape = {out[0], out[1], out[2]},
                             .kernel = {kernels[0], kernels[1], kernels[2]},
                             .stride = {stride, stride, stride},
                             .padding = {padding, padding, padding},
                             .dilation = {dilation, dilation, dilation},
                             .coords = coords,
                             .order = order,
                             .inputs = integers(pairs, 0, 1),
                             .outputs = integers(pairs, 0, 1),
                             .cells = integers(pairs, 0, 1),
                             .cellCount = integers(1, 0, 1),
                             .starts = integers(taps + 1, 0, 1)});
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
      check(RowPairDistancesArguments{n, dims, floats(n * dims), floats(n * n)});
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
