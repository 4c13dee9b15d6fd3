// The process that measures the inference of one detector: nothing else shares its threads and its memory.
import type { InferenceJob } from "./inference-job.js";
import { measureInference } from "./measure-inference.js";

process.on("message", async (job: InferenceJob) => {
  try {
    const figures = await measureInference(job);
    process.send!({ figures }, () => process.disconnect());
  } catch (error) {
    process.send!({ error: (error as Error).stack }, () => process.disconnect());
  }
});
