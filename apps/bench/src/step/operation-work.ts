import type {
  Conv2dShape,
  GemmOptions,
  MappedGemmOptions,
  NeighbourOptions,
  ObservedCall,
  PatchHeadsOptions,
  RowPairOptions,
} from "simd-kernels";

/** Multiply-adds of the matrix product that an operation of simd-kernels is asked for; 0 for other operations. */
export function multiplyAddsOf({ operation, args }: ObservedCall): number {
  switch (operation) {
    case "gemm": {
      const { m, n, k } = args[3] as GemmOptions;
      return m * n * k;
    }
    case "mappedGemm":
    case "mappedGemmInputGradient":
    case "mappedGemmWeightGradient": {
      const { map, cin, cout } = args[3] as MappedGemmOptions;
      return map.inputs.length * cin * cout;
    }
    case "conv2d":
    case "conv2dBiasRelu":
    case "conv2dInputGradient":
    case "conv2dFilterGradient": {
      const s = args.at(-1) as Conv2dShape;
      const filter = s.filterHeight * s.filterWidth * s.inChannels * s.outChannels;
      return s.batch * s.outHeight * s.outWidth * filter;
    }
    case "patchHeads": {
      const { lines, width, inChannels, side, channels, outputs } = args[2] as PatchHeadsOptions;
      return lines * width * side * side * channels * (inChannels + outputs);
    }
    case "rowPairDistances": {
      const { rows, dims } = args[2] as RowPairOptions;
      return rows * rows * dims;
    }
    case "kthNeighbours": {
      const { images, dims, samples } = args[2] as NeighbourOptions;
      return (images * dims * samples * (samples + 1)) / 2; // one half of a symmetric product
    }
    default:
      return 0;
  }
}
