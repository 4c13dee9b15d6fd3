// Products by the tiles of AMX, on a processor without them: the kernels of that build on emulated instructions
// (emulated-tiles.h), beside sums in float64 of rounded operands. Memory is of exactly the right size and what is not written yet is
// NaN, so that under the address sanitizer a kernel that reads too far or in the wrong place ends the program. Build it with
// -DSIMD_VARIANT=tested -mamx-tile -mamx-bf16 and the flags of AVX-512.
#define SIMD_EMULATED_TILES
#include "emulated-tiles.h"

#include "../conv2d.h"
#include "../gemm.h"
#include "../mapped-gemm.h"

#include <vector>

namespace {

using Floats = std::vector<float>;
using Integers = std::vector<int>;

unsigned state = 1;
unsigned below(unsigned limit) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % limit;
}

// Whole numbers have no roundings: sums of them are exact, transformed ones of minimal filtering too.
enum class Values { whole, fractions };
Values values;

Floats floats(Index count) {
  Floats out(static_cast<Size>(count));
  for (float& each : out)
    each = values == Values::whole ? static_cast<float>(below(9)) - 4 : static_cast<float>(below(20001)) / 10000 - 1;
  return out;
}

float rounded(float x) {
  unsigned bits;
  memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// Memory of one operation.
std::vector<void*> blocks;
void* exactScratch(Runtime*, Size bytes) {
  void* block = malloc(bytes);
  memset(block, 0xff, bytes);  // NaN, also of bfloat16
  blocks.push_back(block);
  return block;
}

// As threads would, in another order, each of which begins and ends without tiles.
void runTasks(Runtime*, Index tasks, void (*task)(void*, Index), void* context) {
  for (Index i = tasks; i > 0; i--) {
    task(context, i - 1);
    require(!emulated.configured, "left behind by a task");
  }
}

template <class Arguments>
void runAs(int threads, const Arguments& arguments) {
  Runtime runtime{threads, exactScratch, runTasks};
  require(tested::run(runtime, arguments) == done, "an operation that failed");
  require(!emulated.configured, "left behind by an operation");
  for (void* block : blocks) free(block);
  blocks.clear();
}

enum class Way { direct, filtered };
long compared = 0;

// Runs the operation into `out` and compares it with the sum of terms(add), where add(o, l, r) adds left[l] · right[r] to entry o,
// and of what stood there with `accumulate`. Direct sums lie within (terms + 4)·2⁻²⁴·Σ|a||b|, the bound of every order of additions, that
// of tiles among them. Minimal filtering rounds sums of operands: its error, by L2, is that of test/bfloat16.test.ts.
template <class Arguments, class Terms>
void compare(const char* name, Way way, Floats& out, bool accumulate, const Arguments& arguments, const Floats& left,
             const Floats& right, const Terms& terms) {
  const Floats before = out;
  std::vector<double> sums(out.size()), magnitudes(out.size()), counts(out.size());
  terms([&](Index o, Index l, Index r) {
    const float a = left[Size(l)], b = right[Size(r)];
    const double product = way == Way::direct ? 1.0 * rounded(a) * rounded(b) : 1.0 * a * b;
    sums[Size(o)] += product;
    magnitudes[Size(o)] += fabs(product);
    counts[Size(o)]++;
  });
  runAs(1, arguments);
  const Floats found = out;
  out = before;
  runAs(5, arguments);
  require(out.empty() || memcmp(out.data(), found.data(), out.size() * sizeof(float)) == 0, "bits that depend on threads");
  double errors = 0, sizes = 0;
  for (Size i = 0; i < out.size(); i++) {
    const double expected = sums[i] + (accumulate ? before[i] : 0);
    const double magnitude = magnitudes[i] + (accumulate ? fabs(before[i]) : 0);
    const double error = fabs(out[i] - expected);
    errors += error * error;
    sizes += expected * expected;
    const double bound = values == Values::whole   ? 0
                         : way == Way::filtered    ? HUGE_VAL
                                                   : (counts[i] + 4) * 0x1p-24 * magnitude;
    if (error <= bound) continue;  // NaN is not
    fprintf(stderr, "%s: entry %zu of %zu is %g, not %g ± %g\n", name, i, out.size(), out[i], expected, bound);
    exit(1);
  }
  if (way == Way::filtered)
    require(sqrt(errors / sizes) < 2.8 * 0x1p-9 * sqrt(2 / 3.0), "minimal filtering that errs too far");
  compared++;
}

void checkGemm(Index m, Index n, Index k) {
  for (int form = 0; form < 8; form++) {
    const bool transposeA = form & 1, transposeB = form & 2, accumulate = form & 4;
    const Floats a = floats(m * k), b = floats(k * n);
    Floats out = floats(m * n);
    const GemmArguments arguments{.m = m,
                                  .n = n,
                                  .k = k,
                                  .transposeA = transposeA,
                                  .transposeB = transposeB,
                                  .accumulate = accumulate,
                                  .precision = Precision::bfloat16,
                                  .a = a.data(),
                                  .b = b.data(),
                                  .out = out.data()};
    char name[99];
    snprintf(name, sizeof name, "gemm %td×%td×%td, form %d", m, n, k, form);
    compare(name, Way::direct, out, accumulate, arguments, a, b, [&](const auto& add) {
      for (Index i = 0; i < m; i++)
        for (Index j = 0; j < n; j++)
          for (Index p = 0; p < k; p++)
            add(i * n + j, transposeA ? p * m + i : i * k + p, transposeB ? j * k + p : p * n + j);
    });
  }
}

// Pairs to few target rows, so that a row stands in a tile more than once.
void checkMapped(Index taps, Index pairs, Index rows, Index cin, Index cout) {
  const Index outRows = rows + 2;
  Integers starts, from, to;
  for (Index t = 0; t <= taps; t++) starts.push_back(static_cast<int>(pairs * t / taps));
  for (Index p = 0; p < pairs; p++) {
    from.push_back(static_cast<int>(below(static_cast<unsigned>(rows))));
    to.push_back(static_cast<int>(below(static_cast<unsigned>(outRows))));
  }
  Floats x = floats(rows * cin), w = floats(taps * cin * cout), y = floats(outRows * cout);
  const auto terms = [&](const auto& add) {
    for (Index t = 0; t < taps; t++)
      for (Index p = starts[Size(t)]; p < starts[Size(t) + 1]; p++)
        for (Index i = 0; i < cin; i++)
          for (Index o = 0; o < cout; o++)
            add(from[Size(p)] * cin + i, (t * cin + i) * cout + o, to[Size(p)] * cout + o);
  };
  constexpr auto precision = Precision::bfloat16;
  Floats out = y, inputGradient = x, weightGradient = w;
  char name[99];
  snprintf(name, sizeof name, "mapped product of %td pairs, %td to %td channels", pairs, cin, cout);
  compare(name, Way::direct, out, false,
          MappedGemmArguments{taps, pairs, rows, outRows, cin, cout, precision, x.data(), w.data(), starts.data(),
                              from.data(), to.data(), out.data()},
          x, w, [&](const auto& add) { terms([&](Index i, Index f, Index o) { add(o, i, f); }); });
  compare(name, Way::direct, inputGradient, false,
          MappedGemmInputGradientArguments{taps, pairs, rows, outRows, cin, cout, precision, y.data(), w.data(),
                                           starts.data(), from.data(), to.data(), inputGradient.data()},
          y, w, [&](const auto& add) { terms([&](Index i, Index f, Index o) { add(i, o, f); }); });
  compare(name, Way::direct, weightGradient, false,
          MappedGemmWeightGradientArguments{taps, pairs, rows, outRows, cin, cout, precision, x.data(), y.data(),
                                            starts.data(), from.data(), to.data(), weightGradient.data()},
          x, y, [&](const auto& add) { terms([&](Index i, Index f, Index o) { add(f, i, o); }); });
}

void checkConvolution(Way way, Index height, Index width, Index filter, Index stride, Index padding, Index cin, Index cout) {
  const auto outOf = [&](Index size) { return (size + 2 * padding - filter) / stride + 1; };
  const Index batch = 2, outHeight = outOf(height), outWidth = outOf(width);
  const ConvolutionSizes shape{.batch = batch,
                               .inHeight = height,
                               .inWidth = width,
                               .inChannels = cin,
                               .outHeight = outHeight,
                               .outWidth = outWidth,
                               .outChannels = cout,
                               .filterHeight = filter,
                               .filterWidth = filter,
                               .strideHeight = stride,
                               .strideWidth = stride,
                               .padTop = padding,
                               .padLeft = padding,
                               .dilationHeight = 1,
                               .dilationWidth = 1};
  Floats x = floats(batch * height * width * cin), w = floats(filter * filter * cin * cout),
         y = floats(batch * outHeight * outWidth * cout);
  const auto terms = [&](const auto& add) {
    for (Index pixel = 0; pixel < batch * outHeight * outWidth; pixel++)
      for (Index tap = 0; tap < filter * filter; tap++) {
        const Index v = pixel / outWidth % outHeight * stride + tap / filter - padding;
        const Index h = pixel % outWidth * stride + tap % filter - padding;
        if (v < 0 || v >= height || h < 0 || h >= width) continue;
        const Index source = (pixel / outWidth / outHeight * height + v) * width + h;
        for (Index i = 0; i < cin; i++)
          for (Index o = 0; o < cout; o++) add(source * cin + i, (tap * cin + i) * cout + o, pixel * cout + o);
      }
  };
  constexpr auto precision = Precision::bfloat16;
  Floats out = y, inputGradient = x, filterGradient = w;
  char name[99];
  snprintf(name, sizeof name, "conv2d %td×%td of [%td, %td], %td to %td channels", filter, filter, height, width, cin, cout);
  compare(name, way, out, false, Conv2dArguments{shape, precision, x.data(), w.data(), out.data()}, x, w,
          [&](const auto& add) { terms([&](Index i, Index f, Index o) { add(o, i, f); }); });
  compare(name, way, inputGradient, false,
          Conv2dInputGradientArguments{shape, precision, y.data(), w.data(), inputGradient.data()}, y, w,
          [&](const auto& add) { terms([&](Index i, Index f, Index o) { add(i, o, f); }); });
  compare(name, way, filterGradient, false,
          Conv2dFilterGradientArguments{shape, precision, x.data(), y.data(), filterGradient.data()}, x, y,
          [&](const auto& add) { terms([&](Index i, Index f, Index o) { add(f, i, o); }); });
}

// What lies behind the end of a row or a panel must not meet an infinite number: 0·∞ is no number.
void checkInfinity(Index k) {
  const Index at = least(k - 1, 20);  // behind the end of the last tile, in the tile before
  for (int form = 0; form < 4; form++) {
    Floats a(Size(k * 3), 1), b(Size(k * 5), 1), out(15);
    for (Index i = 0; i < 3; i++) a[Size(form & 1 ? at * 3 + i : i * k + at)] = HUGE_VALF;
    runAs(1, GemmArguments{.m = 3,
                           .n = 5,
                           .k = k,
                           .transposeA = (form & 1) != 0,
                           .transposeB = (form & 2) != 0,
                           .accumulate = false,
                           .precision = Precision::bfloat16,
                           .a = a.data(),
                           .b = b.data(),
                           .out = out.data()});
    for (const float each : out) require(each == HUGE_VALF, "a product with infinity that is not infinite");
    compared++;
  }
}

}  // namespace

int main() {
  for (Index k : {1, 33, 48, 257, 545}) checkInfinity(k);
  for (const Values each : {Values::whole, Values::fractions}) {
    values = each;
    // Around a pair, a tile, a block of weight gradients and the chunk of 512 numbers of a panel.
    for (Index k : {1, 2, 31, 32, 33, 257, 545})
      for (Index m : {1, 2, 11, 12, 13})
        for (Index n : {1, 15, 16, 17, 31, 32, 33}) checkGemm(m, n, k);
    for (Index pairs : {0, 1, 13, 50, 257})
      for (Index cin : {1, 3, 16, 33, 64})
        for (Index cout : {1, 16, 17, 33}) checkMapped(3, pairs, 4, cin, cout);
    checkMapped(2, 1100, 90, 64, 65);
    checkConvolution(Way::direct, 6, 5, 3, 1, 1, 7, 13);
    checkConvolution(Way::direct, 11, 8, 3, 2, 1, 33, 40);
    checkConvolution(Way::direct, 5, 7, 1, 1, 0, 64, 18);
    checkConvolution(Way::direct, 8, 6, 2, 2, 0, 24, 17);
    checkConvolution(Way::direct, 5, 4, 2, 1, 1, 300, 5);
    checkConvolution(Way::filtered, 6, 5, 3, 1, 1, 16, 16);
    checkConvolution(Way::filtered, 7, 9, 3, 1, 1, 17, 33);
    checkConvolution(Way::filtered, 31, 23, 3, 1, 1, 16, 19);
    checkConvolution(Way::filtered, 5, 7, 3, 1, 1, 140, 131);
  }
  printf("%ld products by tiles are right\n", compared);
  return 0;
}
