import * as tf from "@tensorflow/tfjs-core";
import { encodeCalibration, encodeScan } from "kitti-io";
import { simulateFrame } from "kitti-sim";
import { backendNotWanted, itUnless, quickBackendTests } from "test-support";
import { chromiumMissing, startChromium } from "test-support/chromium";
import { registerSimdBackend } from "tfjs-backend-simd";
import { expect } from "vitest";
import { ScanDetector } from "../src/detector.js";
import { computedBy, expectBoxes, LAPTOP, published, savedBoxes, visitPage } from "./visit-page.js";

const slow = quickBackendTests ? "a frame takes minutes on an adapter of software" : undefined;

itUnless(
  chromiumMissing ?? backendNotWanted("webgpu") ?? slow,
  "WebGPU in a browser, of software, finds what the same weights find in Node",
  async () => {
    const { points, calibration, image } = simulateFrame({ seed: 1, frame: 3, field: "camera" });
    registerSimdBackend();
    await tf.setBackend("simd");
    const example = { name: "a", bytes: encodeScan(points), calibration: encodeCalibration(calibration) };
    const { width, height } = image;
    const { objects } = await new ScanDetector(published()).find({ ...example, imageSize: { width, height } }, "ahead");
    const browser = await startChromium("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader");
    try {
      await visitPage(browser, { viewport: LAPTOP }, async ({ page, complaints }) => {
        await page.getByLabel("Computed by").selectOption("WebGPU");
        await page.getByRole("button", { name: "Try a simulated street" }).click();
        await page.locator(".viewer").waitFor({ timeout: 540_000 });
        expect(await computedBy(page)).toMatch(/^Computed by WebGPU \(.*SwiftShader.*\)\.$/i);
        expectBoxes(await savedBoxes(page), objects);
        expect(complaints).toEqual([]);
      });
    } finally {
      await browser.close();
    }
  },
  600_000,
);
