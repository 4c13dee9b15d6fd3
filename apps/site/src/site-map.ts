/** A page that is made from one text of the repository. */
export interface Place {
  /** the text, from the root */
  readonly source: string;
  /** address on the site, without the leading slash and ending */
  readonly path: string;
  /** name in the navigation */
  readonly text: string;
}

export interface Group {
  readonly text: string;
  readonly places: readonly Place[];
}

const guide = (name: string, text: string): Place => ({ source: `docs/${name}.md`, path: `guides/${name}`, text });

/**
 * Every text of `docs` has a place here or under `design`: a test says which has none. A place whose text is not written yet
 * is left out of the site.
 */
export const guides: readonly Group[] = [
  {
    text: "Begin",
    places: [
      { source: "README.md", path: "guides/start", text: "Three commands" },
      guide("pretrained", "Trained weights"),
      guide("kitti", "KITTI"),
      guide("own-data", "Your own scans"),
    ],
  },
  {
    text: "The paper",
    places: [
      guide("paper", "The claim and our verdict"),
      guide("results", "Results"),
      guide("protocol", "Protocol of the replication"),
      guide("unusual-input", "Unusual input"),
    ],
  },
  {
    text: "Running it",
    places: [
      guide("backends", "Backends"),
      guide("determinism", "Determinism"),
      guide("precision", "Precision"),
      guide("deploy", "Deployment"),
    ],
  },
  {
    text: "More machines",
    places: [
      guide("scale", "Scale"),
      guide("queues", "Queues"),
      guide("sweeps", "Sweeps"),
      guide("tracking", "Watching runs"),
    ],
  },
];

export const design: readonly Group[] = [
  {
    text: "Design",
    places: [
      { source: "docs/architecture.md", path: "design/architecture", text: "Architecture" },
      { source: "docs/conventions.md", path: "design/conventions", text: "Conventions" },
    ],
  },
  {
    text: "The project",
    places: [
      { source: "CONTRIBUTING.md", path: "design/contributing", text: "Contributing" },
      { source: "SECURITY.md", path: "design/security", text: "Security" },
      { source: "RELEASING.md", path: "design/releasing", text: "Releasing" },
    ],
  },
];

/** Texts that stand beside the README of a package, by the package's folder. */
export const packageTexts: readonly Place[] = [
  {
    source: "packages/kitti-sim/docs/believability.md",
    path: "packages/kitti-sim-believability",
    text: "Beside real frames",
  },
];

/** Every package of the workspace, by name, in the order of the navigation. As with texts, what is not there yet is left out. */
export const packageGroups: readonly { readonly text: string; readonly names: readonly string[] }[] = [
  { text: "The command", names: ["eloss"] },
  { text: "Data", names: ["kitti-io", "point-cloud-io", "kitti-sim", "lidar-augment", "voxelize"] },
  { text: "Detectors", names: ["second-detector", "second-weights", "detector-onnx", "kitti-eval"] },
  { text: "Entropy", names: ["entropy-loss", "knn-entropy"] },
  { text: "Computing", names: ["simd-kernels", "tfjs-backend-simd", "sparse-conv", "mpi-collectives"] },
  { text: "Tools of this repository", names: ["@eloss/playground", "@eloss/bench", "@eloss/fuzz", "@eloss/site"] },
  {
    text: "Inside",
    names: ["report-page", "open-backend", "checked-text", "addon-compiler", "test-support"],
  },
];
