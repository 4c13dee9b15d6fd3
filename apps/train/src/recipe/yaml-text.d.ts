/** A YAML file as text; the bundler and the test runner inline it. */
declare module "*.yaml?raw" {
  const text: string;
  export default text;
}
