export { type OnnxDetector, type OnnxNotes, OPSET, onnxDetector } from "./onnx-detector.js";
export type { OnnxPort } from "./onnx-port.js";
