// The instructions of AMX in plain C++, after the pseudocode of Intel's manual (SDM, volume 2: LDTILECFG, TILELOADD, TDPBF16PS …),
// for kernels on processors that lack them. Where the processor would fault, and where a kernel leaves tiles behind or asks
// for more than it has set up, the program ends and says why.
#pragma once
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct EmulatedTiles {
  struct Tile {
    int rows, rowBytes;
    float words[16][16];
  };
  bool configured = false;
  Tile tiles[8];
};
inline thread_local EmulatedTiles emulated;

inline void require(bool holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "tiles: %s\n", what);
  exit(1);
}

struct TileInstructions {
  static void configure(const void* shapes) {
    require(!emulated.configured, "configured twice");
    unsigned char bytes[64];
    memcpy(bytes, shapes, sizeof bytes);
    require(bytes[0] == 1 && bytes[1] == 0, "expected palette 1 and row 0 to start from");
    for (int i = 2; i < 16; i++) require(bytes[i] == 0, "a reserved byte");
    for (int tile = 0; tile < 16; tile++) {
      const int rowBytes = bytes[16 + 2 * tile] | bytes[17 + 2 * tile] << 8, rows = bytes[48 + tile];
      require(rows <= (tile < 8 ? 16 : 0) && rowBytes <= (tile < 8 ? 64 : 0), "a tile larger than there are");
      require((rows == 0) == (rowBytes == 0), "rows without bytes");
      if (tile < 8) emulated.tiles[tile] = {rows, rowBytes, {}};
    }
    emulated.configured = true;
  }
  static void release() {
    require(emulated.configured, "released twice");
    emulated.configured = false;
  }
  template <int Tile>
  static void zero() {
    auto& tile = existing(Tile);
    memset(tile.words, 0, sizeof tile.words);
  }
  template <int Tile>
  static void load(const float* from, unsigned long apart) {
    auto& tile = existing(Tile);
    for (int row = 0; row < tile.rows; row++) memcpy(tile.words[row], bytesAt(from, row * apart), size_t(tile.rowBytes));
  }
  template <int Tile>
  static void store(float* to, unsigned long apart) {
    auto& tile = existing(Tile);
    for (int row = 0; row < tile.rows; row++)
      memcpy(const_cast<char*>(bytesAt(to, row * apart)), tile.words[row], size_t(tile.rowBytes));
  }
  template <int C, int A, int B>
  static void multiply() {
    static_assert(C != A && C != B && A != B);
    auto &c = existing(C), &a = existing(A), &b = existing(B);
    require(c.rows == a.rows && c.rowBytes == b.rowBytes && a.rowBytes == 4 * b.rows, "shapes that do not fit");
    require(a.rowBytes % 4 == 0 && b.rowBytes % 4 == 0, "half a pair");
    for (int m = 0; m < a.rows; m++)
      for (int n = 0; n < c.rowBytes / 4; n++) {
        float even = 0, odd = 0;
        for (int k = 0; k < b.rows; k++) {
          even = flushed(fmaf(number(a.words[m][k], 0), number(b.words[k][n], 0), even));
          odd = flushed(fmaf(number(a.words[m][k], 1), number(b.words[k][n], 1), odd));
        }
        c.words[m][n] = flushed(flushed(c.words[m][n]) + flushed(even + odd));
      }
  }

 private:
  static EmulatedTiles::Tile& existing(int tile) {
    require(emulated.configured, "not configured");
    require(emulated.tiles[tile].rows > 0, "a tile without rows");
    return emulated.tiles[tile];
  }
  static const char* bytesAt(const float* p, unsigned long offset) { return reinterpret_cast<const char*>(p) + offset; }
  static float flushed(float x) { return fabsf(x) < 0x1p-126f ? copysignf(0, x) : x; }
  // The lower or the upper number of a word.
  static float number(float word, int upper) {
    unsigned bits;
    memcpy(&bits, &word, sizeof bits);
    bits = upper ? bits & 0xffff0000 : bits << 16;
    memcpy(&word, &bits, sizeof word);
    return flushed(word);
  }
};
