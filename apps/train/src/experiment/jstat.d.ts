/** The part of jstat, which has no types of its own, that is used here. */
declare module "jstat" {
  interface StudentT {
    cdf(x: number, freedom: number): number;
    inv(probability: number, freedom: number): number;
  }
  const jstat: { readonly studentt: StudentT };
  export default jstat;
}
