import "report-page/page.css";
import "./playground.css";
import { element } from "report-page/browser";
import { exampleScan } from "./example-scan.js";
import { playground } from "./playground.js";

document.body.append(
  element(
    "main",
    {},
    element(
      "header",
      {},
      element("h1", {}, "LiDAR playground"),
      element(
        "p",
        { class: "lead" },
        "Finds cars, pedestrians and cyclists in a LiDAR scan, in this browser alone: no scan leaves this machine. " +
          "The detector has learnt from simulated streets and has never seen a real one.",
      ),
    ),
    playground(exampleScan),
  ),
);
