// Which of some ascending numbers lie a given shift apart. Numbers of cells of a grid: a shift is one step in one direction.
//
// Limits. Keys and shifts are whole numbers below 2⁵³ in size; keys times shifts below 2³¹. Below 2²⁹ they are compared as int32.
#pragma once
#include "core.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace SIMD_VARIANT {

struct ShiftedPairs {
  int* inputs;
  int* outputs;
  int* starts;
};

// Walks that run side by side, so that one's loads pass while another waits for its own: a 3×3×3 window has five.
constexpr Index walks = 5;

// In row w of bounds [count, rows + 1], entry i is the first place whose key is at least keys[i] + shifts[w]. Without a
// branch that depends on the keys: which of two is less is a coin toss to a processor, and a wrong guess costs more than a
// step. Each step moves i or j by one, so that after 2·rows of them both stand at keys[rows], which is above all.
template <Index count, class Key>
static void boundKeys(const Key* keys, const Key* shifts, int* bounds, Index rows) {
  Index j[count] = {};
  for (Index step = 0; step < 2 * rows; step++)
    for (Index w = 0; w < count; w++) {
      const Index i = step - j[w];
      bounds[w * (rows + 1) + i] = static_cast<int>(j[w]);
      j[w] += keys[j[w]] < keys[i] + shifts[w];
    }
}

// Appends the pairs of one shift of the places from `first` on; returns how many pairs there are then. A place without a
// partner is written too, and overwritten by the next. The bounds become those of a shift that is more by 1, as the next
// cell's is.
template <class Key>
static Index appendPairs(const Key* keys, Key shift, int* bounds, Index first, Index rows, const ShiftedPairs& out,
                         Index next) {
  for (Index i = first; i < rows; i++) {
    const Index j = bounds[i];
    const Index isEqual = keys[j] == keys[i] + shift;
    out.inputs[next] = static_cast<int>(j);
    out.outputs[next] = static_cast<int>(i);
    next += isEqual;
    bounds[i] = static_cast<int>(j + isEqual);
  }
  return next;
}

#if defined(__AVX512F__)
// The same, 16 places at a time: those with a partner move to the front of their vector.
static Index appendPairs(const int* keys, int shift, int* bounds, Index first, Index rows, const ShiftedPairs& out,
                         Index next) {
  __m512i place = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (; first + 16 <= rows; first += 16) {
    const __m512i bound = _mm512_loadu_si512(bounds + first);
    const __m512i reached = _mm512_mask_i32gather_epi32(place, 0xffff, bound, keys, 4);
    const __m512i wanted = _mm512_add_epi32(_mm512_loadu_si512(keys + first), _mm512_set1_epi32(shift));
    const __mmask16 isEqual = _mm512_cmpeq_epi32_mask(reached, wanted);
    _mm512_storeu_si512(out.inputs + next, _mm512_maskz_compress_epi32(isEqual, bound));
    _mm512_storeu_si512(out.outputs + next, _mm512_maskz_compress_epi32(isEqual, place));
    next += __builtin_popcount(isEqual);
    _mm512_storeu_si512(bounds + first, _mm512_mask_add_epi32(bound, isEqual, bound, _mm512_set1_epi32(1)));
    place = _mm512_add_epi32(place, _mm512_set1_epi32(16));
  }
  return appendPairs<int>(keys, shift, bounds, first, rows, out, next);
}
#endif

// What one tap pairs, another one pairs the other way round if its shift is the opposite.
static bool mirrors(const double* shifts, Index tap, Index taps) {
  const Index other = taps - 1 - tap;
  return other < tap && shifts[other] == -shifts[tap];
}

// Turns places into rows, and each tap's pairs into the order of their outputs. A tap has an output once at most, so that a
// bit for each row that it has sorts them.
static bool orderByRow(Runtime& runtime, const int* order, Index rows, Index taps, const ShiftedPairs& pairs) {
  using Word = unsigned long long;
  constexpr Index wordBits = 64;
  const Index words = divideUp(rows, wordBits);
  Word* marked = scratch<Word>(runtime, words);
  int* inputOf = scratch<int>(runtime, rows);
  if (!marked || !inputOf) return false;
  for (Index word = 0; word < words; word++) marked[word] = 0;
  for (Index tap = 0; tap < taps; tap++) {
    Index next = pairs.starts[tap];
    for (Index i = next; i < pairs.starts[tap + 1]; i++) {
      const int row = order[pairs.outputs[i]];
      marked[row / wordBits] |= Word{1} << (row % wordBits);
      inputOf[row] = order[pairs.inputs[i]];
    }
    for (Index word = 0; word < words; word++) {
      for (Word left = marked[word]; left != 0; left &= left - 1, next++) {
        const Index row = wordBits * word + __builtin_ctzll(left);
        pairs.inputs[next] = inputOf[row];
        pairs.outputs[next] = static_cast<int>(row);
      }
      marked[word] = 0;
    }
  }
  return true;
}

// The pairs of all taps as places in `keys`, of which the one behind the last is above all sums of a key and a shift.
template <class Key>
static bool pairPlaces(Runtime& runtime, const double* numbers, Key above, const double* shifts, const ShiftedPairs& out,
                       Index rows, Index taps) {
  Key* keys = scratch<Key>(runtime, rows + 1);
  Key* firstShifts = scratch<Key>(runtime, taps);
  if (!keys || !firstShifts) return false;
  for (Index i = 0; i < rows; i++) keys[i] = static_cast<Key>(numbers[i]);
  keys[rows] = above;

  // A walk for each run of shifts s, s + 1, s + 2, …
  const auto continues = [&](Index tap) {
    return tap > 0 && !mirrors(shifts, tap - 1, taps) && shifts[tap] == shifts[tap - 1] + 1;
  };
  Index runs = 0;
  for (Index tap = 0; tap < taps; tap++)
    if (!mirrors(shifts, tap, taps) && !continues(tap)) firstShifts[runs++] = static_cast<Key>(shifts[tap]);
  int* bounds = scratch<int>(runtime, runs, rows + 1);
  if (!bounds) return false;
  const auto boundsOf = [&](Index run) { return bounds + run * (rows + 1); };
  Index run = 0;
  for (; run + walks <= runs; run += walks) boundKeys<walks>(keys, firstShifts + run, boundsOf(run), rows);
  for (; run < runs; run++) boundKeys<1>(keys, firstShifts + run, boundsOf(run), rows);

  Index next = 0;
  out.starts[0] = 0;
  run = -1;
  for (Index tap = 0; tap < taps; tap++) {
    if (mirrors(shifts, tap, taps)) {
      const Index other = taps - 1 - tap;
      for (Index i = out.starts[other]; i < out.starts[other + 1]; i++, next++) {
        out.inputs[next] = out.outputs[i];
        out.outputs[next] = out.inputs[i];
      }
    } else {
      run += !continues(tap);
      next = appendPairs(keys, static_cast<Key>(shifts[tap]), boundsOf(run), 0, rows, out, next);
    }
    out.starts[tap + 1] = static_cast<int>(next);
  }
  return true;
}

// Under tap t, output row order[o] meets input row order[i] if keys[i] = keys[o] + shifts[t].
static int shiftedPairs(Runtime& runtime, const double* keys, const int* order, const double* shifts,
                        const ShiftedPairs& out, Index rows, Index taps) {
  constexpr int mostSmall = 1 << 29;  // twice as much is above every sum of two, and three times as much an int
  bool isSmall = rows == 0 || keys[rows - 1] < mostSmall;
  for (Index tap = 0; tap < taps; tap++) isSmall &= -mostSmall < shifts[tap] && shifts[tap] < mostSmall;
  const bool found = isSmall ? pairPlaces(runtime, keys, 2 * mostSmall, shifts, out, rows, taps)
                             : pairPlaces(runtime, keys, 1LL << 62, shifts, out, rows, taps);
  bool ascends = true;
  for (Index i = 0; i < rows; i++) ascends &= order[i] == i;
  return found && (ascends || orderByRow(runtime, order, rows, taps, out)) ? done : outOfMemory;
}

static int run(Runtime& runtime, const ShiftedPairsArguments& a) {
  return shiftedPairs(runtime, a.keys, a.order, a.shifts, {a.inputs, a.outputs, a.starts}, a.rows, a.taps);
}

}  // namespace SIMD_VARIANT
