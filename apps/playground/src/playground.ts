import { element, openView, type PackedImage, select, viewerPanel } from "report-page/browser";
import { ChosenScan } from "./chosen-scan.js";
import type { Found, Range } from "./detector.js";
import { DetectorClient } from "./detector-client.js";
import { startThread } from "./detector-thread.js";
import { aboutDetector, entropySection, timeTable } from "./facts.js";
import { graphicsAdapter } from "./graphics.js";
import type { Answer, Engine } from "./messages.js";
import { type OpenedScan, scanOfFiles } from "./scan-files.js";

/** The whole of the page below its title: where scans come from, what is found in them, and how long it takes. */
export function playground(example: () => Promise<OpenedScan>): HTMLElement {
  const about = element("details", {});
  const entropies = element("div", {});
  const sayOfLayers = (text: string) => entropies.replaceChildren(element("p", { class: "missing" }, text));
  const client = new DetectorClient(startThread, {
    onLoaded: (card) => about.replaceChildren(...aboutDetector(card)),
    onReading: (reading) => entropies.replaceChildren(entropySection(reading)),
    onUnread: (reason) => sayOfLayers(`The layers were not read: ${reason}.`),
  });
  const view = openView();
  const results = element("div", { class: "results" });
  const status = element("p", { class: "status", role: "status" }, "Drop a scan anywhere on this page.");
  const failure = element("p", { class: "caution", role: "alert", hidden: true });
  const cancel = element("button", { type: "button", disabled: true }, "Cancel");
  let range: Range = "ahead";
  let engine: Engine = "wasm";
  const chosen = new ChosenScan<OpenedScan>(release);

  let turn = 0; // a search that another has taken the place of says nothing more
  const look = async (opening: Promise<OpenedScan>) => {
    turn += 1;
    const own = turn;
    client.cancel();
    cancel.disabled = true; // opening is not cancelled
    failure.hidden = true;
    try {
      const { scan, picture } = await opening;
      if (own !== turn) return;
      status.textContent = `Looking at ${scan.name} …`;
      cancel.disabled = false;
      show(await client.find({ scan, range, engine }), picture);
    } catch (error) {
      if (own !== turn) return;
      const { name, message } = error as Error;
      status.textContent = name === "AbortError" ? "Cancelled." : "Nothing was looked at.";
      if (name === "AbortError") return;
      failure.textContent = message;
      failure.hidden = false;
    }
    cancel.disabled = true;
  };
  const show = (answer: Answer, picture: PackedImage | null) => {
    const { found, gaveUp } = answer;
    about.replaceChildren(...aboutDetector(found.card));
    if (gaveUp !== undefined) {
      chooseEngine.remove();
      engine = "wasm";
      failure.textContent = `WebGPU gave up: ${gaveUp.replace(/\.$/, "")}. WebAssembly has taken its place.`;
      failure.hidden = false;
    }
    const seconds = found.times.reduce((sum, [, time]) => sum + time, 0) / 1000;
    const sure = found.objects.filter(({ score }) => score >= 0.3).length;
    status.textContent =
      `${found.name}: ${sure} objects with a score of 0.3 or more among ${found.pointsInView} points, ` +
      `${seconds.toFixed(2)} s. Sizes, places and scores are in the table below the view.${lifted(found)}`;
    results.replaceChildren(foundPanel(found, picture, view), saveButton(found), timeTable(answer));
    sayOfLayers("Reading the layers …");
  };

  const choose = element("input", {
    type: "file",
    multiple: true,
    accept: ".bin,.npy,.pcd,.ply,.las,.laz,.txt,.png,.jpg,.jpeg",
    id: "files",
  });
  choose.addEventListener("change", () => {
    const files = [...(choose.files ?? [])];
    choose.value = ""; // the same file may be chosen again
    if (files.length > 0) void look(chosen.choose(() => scanOfFiles(files)));
  });
  cancel.addEventListener("click", () => {
    client.cancel();
    cancel.disabled = true;
  });
  acceptDrops((files) => void look(chosen.choose(() => scanOfFiles(files))));
  const tryExample = element("button", { type: "button" }, "Try a simulated street");
  tryExample.addEventListener("click", () => void look(chosen.choose(example)));
  const ranges = [
    ["ahead", "42 m ahead, 26 m wide"],
    ["whole", "70 m ahead, 80 m wide"],
    ["round", "51 m all round"],
  ] as const satisfies readonly (readonly [Range, string])[];
  const lookAgain = () => {
    if (chosen.latest !== undefined) void look(chosen.latest);
  };
  const chooseRange = select<Range>("Range", ranges, (value) => {
    range = value;
    lookAgain();
  });
  const engines = [
    ["wasm", "WebAssembly"],
    ["webgpu", "WebGPU"],
  ] as const satisfies readonly (readonly [Engine, string])[];
  const chooseEngine = select<Engine>("Computed by", engines, (value) => {
    engine = value;
    lookAgain();
  });
  void graphicsAdapter().then((adapter) => {
    if (adapter !== null) chooseRange.after(chooseEngine);
  });

  return element(
    "div",
    {},
    element(
      "section",
      { class: "drop", "aria-label": "Scan" },
      element(
        "label",
        { for: "files", class: "choose" },
        "Choose or drop a scan (.bin, .npy, .pcd, .ply, .las, .laz)",
        choose,
      ),
      element(
        "p",
        { class: "note" },
        "With it, if you have them: its calibration (.txt, in KITTI’s format) and image (.png, .jpg), in which the boxes are drawn, too.",
      ),
      element("div", { class: "controls" }, tryExample, chooseRange, cancel),
    ),
    failure,
    status,
    results,
    entropies,
    about,
  );
}

/** That the scan was moved, if it was far, as a sentence. */
function lifted({ lift }: Found): string {
  if (Math.abs(lift) < 0.5) return "";
  const way = lift > 0 ? "raised" : "lowered";
  return ` For the detector the scan was ${way} by ${Math.abs(lift).toFixed(1)} m, so that its road lies where it knows it.`;
}

/** Forgets an image that is shown no more. */
function release({ picture }: OpenedScan): void {
  const url = picture?.url;
  if (url?.startsWith("blob:")) URL.revokeObjectURL(url);
}

function foundPanel(
  { name, points, objects }: Found,
  image: PackedImage | null,
  view: ReturnType<typeof openView>,
): HTMLElement {
  const count = points.length / 4;
  const frame = {
    id: name,
    points: {
      positions: Float32Array.from({ length: 3 * count }, (_, i) => points[4 * Math.floor(i / 3) + (i % 3)]),
      intensities: Float32Array.from({ length: count }, (_, i) => points[4 * i + 3]),
    },
    truth: null,
    detections: [objects],
    image,
  };
  return viewerPanel({ sources: ["found"], frames: [frame], view });
}

/** Offers what was found as a file. */
function saveButton({ name, objects }: Found): HTMLElement {
  const button = element("button", { type: "button" }, "Save boxes as JSON");
  button.addEventListener("click", () => {
    const text = JSON.stringify({ scan: name, objects }, undefined, 2);
    const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    element("a", { href, download: `${name}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser reads it after the click
  });
  return element("p", { class: "save" }, button);
}

/** Files that are dropped anywhere on the page. */
function acceptDrops(take: (files: File[]) => void): void {
  const { body } = document;
  const mark = (over: boolean) => body.classList.toggle("dropping", over);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  addEventListener("dragleave", ({ relatedTarget }) => mark(relatedTarget !== null));
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) take(files);
  });
}
