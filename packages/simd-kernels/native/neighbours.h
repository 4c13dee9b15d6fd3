// The k-th nearest other sample of each sample, samples being the columns of [dims, samples].
//
// Limits. Differences and sums are float64, the same neighbours as by comparing all pairs so; float32 decides only what its
// error bound proves, and nothing where squared norms leave 1e-20..1e30. Memory for some 3 samples² numbers per image.
//
//   Gram matrix in float32 ─► squared distances ± a proven bound ─► which samples may be the k-th ─► their distances in
//   float64 ─► the k-th
#pragma once
#include "candidates.h"
#include "gram.h"
#include "nearest-list.h"

namespace SIMD_VARIANT {

constexpr Index mostDistanceParts = 8;
constexpr Index partRoom = 1 << 24;     // float64 numbers that the Gram matrices of all parts may take
constexpr Index pairsPerSample = 8;     // pairs that are measured in one pass over the samples, per sample

// The squared distance n_i + n_j - 2 g_ij, with n the squared norms: three float32 sums of gramRows products (each wrong
// by at most (gramRows + 1)·2⁻²⁴ of the sum of its magnitudes) and the rounding of the centred values, so at most this
// times n_i + n_j. The absolute part covers products that vanish below the float32 range.
constexpr double relativeBound = 2.0 * (gramRows + 16) / 16777216;
constexpr double absoluteBound = 1e-30;
// Largest squared norms outside of these would leave the float32 range.
constexpr double smallestNorm = 1e-20, largestNorm = 1e30;

struct SamplePairs {
  int* first;
  int* second;
  Index count;
};

static inline Doubles loadDoubles(const float* p) { return widen(loadHalf(p)); }

// sums[part][pair]: squared distances of the pairs over the part's coordinates, differences and sums in float64; one sum
// per lane.
template <class T>
static void partSquares(Runtime& runtime, const T* x, Index samples, const Parts& parts, const SamplePairs& pairs,
                        T* turned, Doubles* sums) {
  const double work = 2.0 * parts.dims * (samples + pairs.count);
  parallel(runtime, parts.count, work, [&](Index part) {
    Doubles* own = sums + part * pairs.count;
    T* room = turned + part * samples * turnedDims;
    for (Index q = 0; q < pairs.count; q++) own[q] = Doubles{};
    for (Index d = parts.begin(part); d < parts.begin(part + 1); d += turnedDims) {
      const Index rows = least(turnedDims, parts.begin(part + 1) - d);
      if (rows < turnedDims)
        for (Index i = 0; i < samples * turnedDims; i++) room[i] = 0;
      turn(x + d * samples, samples, rows, samples, room, turnedDims);
      for (Index q = 0; q < pairs.count; q++) {
        const T* a = room + pairs.first[q] * turnedDims;
        const T* b = room + pairs.second[q] * turnedDims;
        Doubles even = {}, odd = {};
        for (Index i = 0; i < turnedDims; i += 2 * half) {
          const Doubles u = loadDoubles(a + i) - loadDoubles(b + i);
          const Doubles v = loadDoubles(a + i + half) - loadDoubles(b + i + half);
          even += u * u;
          odd += v * v;
        }
        own[q] += even + odd;
      }
    }
  });
}

// For each sample the first one equal to it: dead channels are often all alike, and a distance to one of them is a
// distance to all. Equal samples have equal norms to the bit; a comparison confirms it. `pairs` and `differs` are room.
template <class T>
static void firstEqualSamples(Runtime& runtime, const T* x, Index samples, const Parts& parts, const double* norms,
                              SamplePairs pairs, char* differs, int* twins) {
  pairs.count = 0;
  for (Index i = 0; i < samples; i++) {
    twins[i] = static_cast<int>(i);
    for (Index j = 0; j < i; j++) {
      if (norms[j] != norms[i]) continue;
      pairs.first[pairs.count] = static_cast<int>(j);
      pairs.second[pairs.count++] = static_cast<int>(i);
      break;
    }
  }
  parallel(runtime, parts.count, 1.0 * parts.dims * pairs.count, [&](Index part) {
    char* own = differs + part * samples;
    for (Index q = 0; q < pairs.count; q++) own[q] = 0;
    for (Index d = parts.begin(part); d < parts.begin(part + 1); d++)
      for (Index q = 0; q < pairs.count; q++)
        own[q] |= x[d * samples + pairs.first[q]] != x[d * samples + pairs.second[q]];
  });
  for (Index q = 0; q < pairs.count; q++) {
    bool equal = true;
    for (Index part = 0; part < parts.count; part++) equal = equal && !differs[part * samples + q];
    if (equal) twins[pairs.second[q]] = pairs.first[q];
  }
}

struct NeighbourSize {
  Index images, dims, samples, k;
};

// Working space of one image.
template <class T>
struct NeighbourRoom {
  double* grams;    // [parts][samples][stride]
  float* packed;    // [parts][stride][gramRows]
  T* turned;        // [parts][samples][turnedDims]
  double* norms;    // [stride]
  int* candidates;  // [samples, samples] of which the first candidateCount[i] in row i: samples that may be the k-th
  int* candidateCount;  // [samples]
  int* nearer;          // [samples] how many are surely nearer than these
  double* distances;    // [groups][k]
  int* indices;         // [groups][k]
  int* twins;           // [samples]
  int* pairOf;          // [samples, samples]
  char* differs;        // [parts][samples]
  SamplePairs pairs;
  double* squares;  // [samples·(samples - 1)/2] of the pairs
  Doubles* sums;    // [parts][pairsPerSample·samples]
};

// Samples are shared out in this many groups, each with its own list of nearest ones.
constexpr Index sampleGroups = 32;

// Hands out pieces of one block of memory; without a block it only counts how much they take.
struct Pieces {
  char* block;
  unsigned long long used = 0;

  template <class T>
  T* take(Index count) {
    T* piece = block ? reinterpret_cast<T*>(block + used) : nullptr;
    used += (static_cast<unsigned long long>(count) * sizeof(T) + 63) / 64 * 64;
    return piece;
  }
};

template <class T>
static NeighbourRoom<T> neighbourRoom(Pieces& pieces, const NeighbourSize& size, Index parts) {
  const Index samples = size.samples, stride = divideUp(samples, tileColumns) * tileColumns;
  const Index groups = least(sampleGroups, samples), mostPairs = samples * (samples - 1) / 2;
  return {.grams = pieces.take<double>(parts * samples * stride),
          .packed = pieces.take<float>(parts * gramRows * stride),
          .turned = pieces.take<T>(parts * samples * turnedDims),
          .norms = pieces.take<double>(stride),
          .candidates = pieces.take<int>(samples * samples),
          .candidateCount = pieces.take<int>(samples),
          .nearer = pieces.take<int>(samples),
          .distances = pieces.take<double>(groups * size.k),
          .indices = pieces.take<int>(groups * size.k),
          .twins = pieces.take<int>(samples),
          .pairOf = pieces.take<int>(samples * samples),
          .differs = pieces.take<char>(parts * samples),
          .pairs = {.first = pieces.take<int>(mostPairs), .second = pieces.take<int>(mostPairs), .count = 0},
          .squares = pieces.take<double>(mostPairs),
          .sums = pieces.take<Doubles>(parts * pairsPerSample * samples)};
}

template <class Body>
static void forSamples(Runtime& runtime, Index samples, const Body& body) {
  const Index share = divideUp(samples, sampleGroups);
  parallel(runtime, divideUp(samples, share), 8.0 * samples * samples, [&](Index group) {
    for (Index i = group * share; i < least(samples, (group + 1) * share); i++) body(i, group);
  });
}

// Squared norms, then squared distances in place of the first part's Gram matrix, infinite on its diagonal and past its
// last column. False where float32 products cannot be trusted.
static bool squaredDistances(Runtime& runtime, Index samples, Index parts, double* grams, double* norms) {
  const Index stride = divideUp(samples, tileColumns) * tileColumns, size = samples * stride;
  double largest = 0;
  bool finite = true;
  for (Index i = 0; i < stride; i++) {
    norms[i] = 0;
    if (i >= samples) continue;
    for (Index part = 0; part < parts; part++) norms[i] += grams[part * size + i * stride + i];
    finite = finite && norms[i] <= largestNorm;
    if (norms[i] > largest) largest = norms[i];
  }
  forSamples(runtime, samples, [&](Index i, Index) {
    for (Index j = i + 1; j < samples; j++) {
      double product = 0;
      for (Index part = 0; part < parts; part++) product += grams[part * size + i * stride + j];
      grams[i * stride + j] = norms[i] + norms[j] - 2 * product;
    }
    grams[i * stride + i] = infinity;
    for (Index j = samples; j < stride; j++) grams[i * stride + j] = infinity;
  });
  forSamples(runtime, samples, [&](Index i, Index) {  // below the diagonal what is above it
    for (Index j = 0; j < i; j++) grams[i * stride + j] = grams[j * stride + i];
  });
  return finite && largest >= smallestNorm;
}

template <class T>
static void measurePairs(Runtime& runtime, const T* x, Index samples, const Parts& parts, const SamplePairs& pairs,
                         const NeighbourRoom<T>& room) {
  for (Index from = 0; from < pairs.count; from += pairsPerSample * samples) {
    const Index count = least(pairsPerSample * samples, pairs.count - from);
    partSquares(runtime, x, samples, parts, {pairs.first + from, pairs.second + from, count}, room.turned, room.sums);
    for (Index q = 0; q < count; q++) {
      Doubles sum = room.sums[q];
      for (Index part = 1; part < parts.count; part++) sum += room.sums[part * count + q];
      room.squares[from + q] = 0;
      for (Index i = 0; i < half; i++) room.squares[from + q] += sum[i];
    }
  }
}

template <class T>
static void imageNeighbours(Runtime& runtime, const T* x, const NeighbourSize& size, const Parts& parts,
                           const NeighbourRoom<T>& room, double* radii, int* neighbours) {
  const Index samples = size.samples, k = size.k;
  const Index stride = divideUp(samples, tileColumns) * tileColumns;
  partGrams(runtime, x, samples, parts, room.packed, room.grams);
  const bool trusted = squaredDistances(runtime, samples, parts.count, room.grams, room.norms);
  firstEqualSamples(runtime, x, samples, parts, room.norms, room.pairs, room.differs, room.twins);
  forSamples(runtime, samples, [&](Index i, Index) {
    int* candidates = room.candidates + i * samples;
    Index count = 0;
    if (trusted) {
      const double* squared = room.grams + i * stride;
      const DistanceEstimates estimates{squared, room.norms, stride, room.norms[i], relativeBound, absoluteBound};
      count = candidatesOfKth(estimates, k, candidates, room.nearer[i]);
    } else {
      for (Index j = 0; j < samples; j++)
        if (j != i) candidates[count++] = static_cast<int>(j);
      room.nearer[i] = 0;
    }
    room.candidateCount[i] = static_cast<int>(count);
  });

  // every pair that must be measured, once
  SamplePairs pairs = room.pairs;
  pairs.count = 0;
  for (Index i = 0; i < samples * samples; i++) room.pairOf[i] = -1;
  const auto pairOf = [&](Index i, Index j) -> int& {
    const int a = room.twins[i], b = room.twins[j];
    return room.pairOf[a < b ? a * samples + b : b * samples + a];
  };
  for (Index i = 0; i < samples; i++)
    for (Index c = 0; c < room.candidateCount[i]; c++) {
      const Index j = room.candidates[i * samples + c];
      int& pair = pairOf(i, j);
      if (pair >= 0 || room.twins[i] == room.twins[j]) continue;
      pairs.first[pairs.count] = room.twins[i];
      pairs.second[pairs.count] = room.twins[j];
      pair = static_cast<int>(pairs.count++);
    }
  measurePairs(runtime, x, samples, parts, pairs, room);

  forSamples(runtime, samples, [&](Index i, Index group) {
    const NearestList nearest{room.distances + group * k, room.indices + group * k, k - room.nearer[i]};
    nearest.clear();
    for (Index c = 0; c < room.candidateCount[i]; c++) {
      const Index j = room.candidates[i * samples + c];
      nearest.add(room.twins[i] == room.twins[j] ? 0 : room.squares[pairOf(i, j)], static_cast<int>(j));
    }
    neighbours[i] = nearest.indices[nearest.k - 1];
    radii[i] = neighbours[i] < 0 ? __builtin_nan("") : __builtin_sqrt(nearest.last());
  });
}

// radii[images, samples] and neighbours[images, samples] of x[images, dims, samples]; 1 ≤ k < samples. As many images as
// there are threads go side by side, each on one thread; the rest one after the other, each on all. Side by side brings a
// third of the operation, 1.2 % of second-mini's step with the loss (two EPYC cores, 2026-11-28).
template <class T>
static int kthNeighbours(Runtime& runtime, const T* x, const NeighbourSize& size, double* radii, int* neighbours) {
  const Index samples = size.samples, gram = samples * divideUp(samples, tileColumns) * tileColumns;
  const Index fitting = most(1, partRoom / gram);
  const Parts parts{size.dims, gramRows, most(1, least(least(mostDistanceParts, fitting), divideUp(size.dims, gramRows)))};
  const bool fits = runtime.threads * parts.count * gram <= partRoom;
  const Index together = fits && size.images >= runtime.threads ? runtime.threads : 1;
  Pieces one{nullptr};
  neighbourRoom<T>(one, size, parts.count);
  char* rooms = scratch<char>(runtime, one.used, together);
  if (!rooms) return outOfMemory;
  const auto room = [&](Index i) {
    Pieces own{rooms + i * static_cast<Index>(one.used)};
    return neighbourRoom<T>(own, size, parts.count);
  };
  const auto ofImage = [&](Runtime& threads, Index image, const NeighbourRoom<T>& own) {
    imageNeighbours(threads, x + image * size.dims * samples, size, parts, own, radii + image * samples,
                    neighbours + image * samples);
  };
  Index image = 0;
  if (together > 1)
    for (; image + together <= size.images; image += together)
      parallel(runtime, together, 0.5 * together * size.dims * samples * samples, [&](Index i) {
        Runtime alone{1, runtime.scratch, runtime.run};
        ofImage(alone, image + i, room(i));
      });
  for (; image < size.images; image++) ofImage(runtime, image, room(0));
  return done;
}

static int run(Runtime& runtime, const KthNeighboursArguments& a) {
  const NeighbourSize size{a.images, a.dims, a.samples, a.k};
  return a.isFloat64 ? kthNeighbours(runtime, static_cast<const double*>(a.x), size, a.radii, a.neighbours)
                     : kthNeighbours(runtime, static_cast<const float*>(a.x), size, a.radii, a.neighbours);
}

}  // namespace SIMD_VARIANT
