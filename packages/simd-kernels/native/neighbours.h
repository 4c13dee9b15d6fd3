// The k-th nearest other sample of each sample, samples being the columns of [dims, samples].
//
//   Gram matrix in float32 ─► squared distances ± a proven bound ─► which samples may be the k-th ─► their distances in
//   float64 ─► the k-th
#pragma once
#include "gram.h"

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

constexpr double infinity = __builtin_inf();

// The smallest `count` of the values added, ascending, equal ones in order of arrival. NaN and infinity do not count.
struct Smallest {
  double* value;
  int* index;
  Index count;

  void clear() const {
    for (Index i = 0; i < count; i++) {
      value[i] = infinity;
      index[i] = -1;
    }
  }
  void add(double v, Index i) const {
    if (v < value[count - 1]) insert(v, i);
  }
  void insert(double v, Index i) const {
    Index at = count - 1;
    for (; at > 0 && value[at - 1] > v; at--) {
      value[at] = value[at - 1];
      index[at] = index[at - 1];
    }
    value[at] = v;
    index[at] = static_cast<int>(i);
  }
};

struct Interval {
  double low, high;
};

struct SamplePairs {
  int* first;
  int* second;
  Index count;
};

static inline Doubles loadDoubles(const float* p) { return widen(loadHalf(p)); }
static inline Doubles loadDoubles(const double* p) { return *reinterpret_cast<const UnalignedDoubles*>(p); }

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

// What is known of the distances before any is measured.
struct Estimates {
  const double* squared;  // [samples][stride]
  const double* norms;    // [samples]
  Interval* limits;       // [samples] of the k-th smallest squared distance
  Index samples, stride;
  bool trusted;

  double bound(Index i, Index j) const { return relativeBound * (norms[i] + norms[j]) + absoluteBound; }

  void limit(Index i, const Smallest& nearest) const {
    limits[i] = {-infinity, infinity};
    if (!trusted) return;
    const double* row = squared + i * stride;
    nearest.clear();
    for (Index j = 0; j < samples; j++)
      if (j != i) nearest.add(row[j] - bound(i, j), j);
    limits[i].low = nearest.value[nearest.count - 1];
    nearest.clear();
    for (Index j = 0; j < samples; j++)
      if (j != i) nearest.add(row[j] + bound(i, j), j);
    limits[i].high = nearest.value[nearest.count - 1];
  }

  // Calls open(j) for every sample j that may be the k-th neighbour of i; returns how many are surely nearer.
  template <class Open>
  Index divide(Index i, const Open& open) const {
    const double* row = squared + i * stride;
    const Interval limit = limits[i];
    Index nearer = 0;
    for (Index j = 0; j < samples; j++) {
      if (j == i) continue;
      if (trusted) {
        const double margin = bound(i, j);
        if (row[j] - margin > limit.high) continue;
        if (row[j] + margin < limit.low) {
          nearer++;
          continue;
        }
      }
      open(j);
    }
    return nearer;
  }
};

// Working space of one image.
template <class T>
struct NeighbourRoom {
  double* grams;     // [parts][samples][stride]
  float* packed;     // [parts][stride][gramRows]
  T* turned;         // [parts][samples][turnedDims]
  double* norms;     // [samples]
  Interval* limits;  // [samples]
  double* values;    // [groups][k]
  int* indices;      // [groups][k]
  int* twins;        // [samples]
  int* pairOf;       // [samples, samples]
  char* differs;     // [parts][samples]
  SamplePairs pairs;
  double* squares;  // [samples·(samples - 1)/2] of the pairs
  Doubles* sums;    // [parts][pairsPerSample·samples]
};

struct NeighbourSize {
  Index images, dims, samples, k;
};

// Samples are shared out in this many groups, each with its own list of nearest ones.
constexpr Index sampleGroups = 32;
template <class Body>
static void forSamples(Runtime& runtime, Index samples, const Body& body) {
  const Index share = divideUp(samples, sampleGroups);
  parallel(runtime, divideUp(samples, share), 8.0 * samples * samples, [&](Index group) {
    for (Index i = group * share; i < least(samples, (group + 1) * share); i++) body(i, group);
  });
}

// Squared norms, then squared distances in place of the first part's Gram matrix. False where float32 products cannot be
// trusted.
static bool squaredDistances(Runtime& runtime, Index samples, Index parts, double* grams, double* norms) {
  const Index stride = divideUp(samples, tileColumns) * tileColumns, size = samples * stride;
  double largest = 0;
  bool finite = true;
  for (Index i = 0; i < samples; i++) {
    norms[i] = 0;
    for (Index part = 0; part < parts; part++) norms[i] += grams[part * size + i * stride + i];
    finite = finite && norms[i] <= largestNorm;
    if (norms[i] > largest) largest = norms[i];
  }
  forSamples(runtime, samples, [&](Index i, Index) {
    for (Index j = i; j < samples; j++) {
      double product = 0;
      for (Index part = 0; part < parts; part++) product += grams[part * size + i * stride + j];
      grams[i * stride + j] = grams[j * stride + i] = norms[i] + norms[j] - 2 * product;
    }
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
  partGrams(runtime, x, samples, parts, room.packed, room.grams);
  const bool trusted = squaredDistances(runtime, samples, parts.count, room.grams, room.norms);
  firstEqualSamples(runtime, x, samples, parts, room.norms, room.pairs, room.differs, room.twins);
  const Estimates estimates{room.grams, room.norms,
                            room.limits, samples,
                            divideUp(samples, tileColumns) * tileColumns, trusted};
  forSamples(runtime, samples, [&](Index i, Index group) {
    estimates.limit(i, {room.values + group * k, room.indices + group * k, k});
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
    estimates.divide(i, [&](Index j) {
      int& pair = pairOf(i, j);
      if (pair >= 0 || room.twins[i] == room.twins[j]) return;
      pairs.first[pairs.count] = room.twins[i];
      pairs.second[pairs.count] = room.twins[j];
      pair = static_cast<int>(pairs.count++);
    });
  measurePairs(runtime, x, samples, parts, pairs, room);

  forSamples(runtime, samples, [&](Index i, Index group) {
    const Index nearer = estimates.divide(i, [](Index) {});
    const Smallest nearest{room.values + group * k, room.indices + group * k, k - nearer};
    nearest.clear();
    estimates.divide(i, [&](Index j) {
      nearest.add(room.twins[i] == room.twins[j] ? 0 : room.squares[pairOf(i, j)], j);
    });
    neighbours[i] = nearest.index[nearest.count - 1];
    radii[i] = neighbours[i] < 0 ? __builtin_nan("") : __builtin_sqrt(nearest.value[nearest.count - 1]);
  });
}

// radii[images, samples] and neighbours[images, samples] of x[images, dims, samples]; 1 ≤ k < samples.
template <class T>
static int kthNeighbours(Runtime& runtime, const T* x, const NeighbourSize& size, double* radii, int* neighbours) {
  const Index samples = size.samples, stride = divideUp(samples, tileColumns) * tileColumns;
  const Index fitting = most(1, partRoom / (samples * stride));
  const Parts parts{size.dims, gramRows, most(1, least(least(mostDistanceParts, fitting), divideUp(size.dims, gramRows)))};
  const Index groups = least(sampleGroups, samples), mostPairs = samples * (samples - 1) / 2;
  const NeighbourRoom<T> room{scratch<double>(runtime, parts.count * samples * stride),
                              scratch<float>(runtime, parts.count * gramRows * stride),
                              scratch<T>(runtime, parts.count * samples * turnedDims),
                              scratch<double>(runtime, samples),
                              scratch<Interval>(runtime, samples),
                              scratch<double>(runtime, groups * size.k),
                              scratch<int>(runtime, groups * size.k),
                              scratch<int>(runtime, samples),
                              scratch<int>(runtime, samples * samples),
                              scratch<char>(runtime, parts.count * samples),
                              {scratch<int>(runtime, mostPairs), scratch<int>(runtime, mostPairs), 0},
                              scratch<double>(runtime, mostPairs),
                              scratch<Doubles>(runtime, parts.count * pairsPerSample * samples)};
  if (!room.grams || !room.packed || !room.turned || !room.norms || !room.limits || !room.values || !room.indices ||
      !room.twins || !room.pairOf || !room.differs || !room.pairs.first || !room.pairs.second || !room.squares ||
      !room.sums)
    return outOfMemory;
  for (Index image = 0; image < size.images; image++)
    imageNeighbours(runtime, x + image * size.dims * samples, size, parts, room, radii + image * samples,
                    neighbours + image * samples);
  return done;
}

}  // namespace SIMD_VARIANT
