/**
 * What an anchor has to predict for a box, as in SECOND:
 * ((x−xₐ)/dₐ, (y−yₐ)/dₐ, (z−zₐ)/dzₐ, ln dx/dxₐ, ln dy/dyₐ, ln dz/dzₐ, yaw − yawₐ) with dₐ = √(dxₐ² + dyₐ²).
 * The yaw difference is not wrapped.
 * @param boxes   [n, 7] x, y, z of the centre, dx, dy, dz > 0, yaw; metres and radians
 * @param anchors [n, 7] likewise
 * @returns       [n, 7]
 * @throws RangeError if the lengths disagree or are no multiple of 7
 */
export function encodeBoxes(boxes: ArrayLike<number>, anchors: ArrayLike<number>): Float64Array {
  checkRows("encodeBoxes", boxes, anchors);
  const codes = new Float64Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 7) {
    const diagonal = Math.sqrt(anchors[i + 3] * anchors[i + 3] + anchors[i + 4] * anchors[i + 4]);
    codes[i] = (boxes[i] - anchors[i]) / diagonal;
    codes[i + 1] = (boxes[i + 1] - anchors[i + 1]) / diagonal;
    codes[i + 2] = (boxes[i + 2] - anchors[i + 2]) / anchors[i + 5];
    codes[i + 3] = Math.log(boxes[i + 3] / anchors[i + 3]);
    codes[i + 4] = Math.log(boxes[i + 4] / anchors[i + 4]);
    codes[i + 5] = Math.log(boxes[i + 5] / anchors[i + 5]);
    codes[i + 6] = boxes[i + 6] - anchors[i + 6];
  }
  return codes;
}

/**
 * The inverse of {@link encodeBoxes}. A size code above about 700 gives an infinite size.
 * @param codes   [n, 7]
 * @param anchors [n, 7]
 * @returns       [n, 7] boxes
 * @throws RangeError if the lengths disagree or are no multiple of 7
 */
export function decodeBoxes(codes: ArrayLike<number>, anchors: ArrayLike<number>): Float64Array {
  checkRows("decodeBoxes", codes, anchors);
  const boxes = new Float64Array(codes.length);
  for (let i = 0; i < codes.length; i += 7) {
    const diagonal = Math.sqrt(anchors[i + 3] * anchors[i + 3] + anchors[i + 4] * anchors[i + 4]);
    boxes[i] = codes[i] * diagonal + anchors[i];
    boxes[i + 1] = codes[i + 1] * diagonal + anchors[i + 1];
    boxes[i + 2] = codes[i + 2] * anchors[i + 5] + anchors[i + 2];
    boxes[i + 3] = Math.exp(codes[i + 3]) * anchors[i + 3];
    boxes[i + 4] = Math.exp(codes[i + 4]) * anchors[i + 4];
    boxes[i + 5] = Math.exp(codes[i + 5]) * anchors[i + 5];
    boxes[i + 6] = codes[i + 6] + anchors[i + 6];
  }
  return boxes;
}

function checkRows(caller: string, first: ArrayLike<number>, anchors: ArrayLike<number>): void {
  if (first.length % 7 !== 0 || first.length !== anchors.length) {
    throw new RangeError(
      `${caller}: expected two arrays [n, 7] of one length, got lengths ${first.length} and ${anchors.length}`,
    );
  }
}
