// The process that measures one step: what it holds in memory is that step's.
import { measureStep } from "./measure-step.js";
import type { StepJob } from "./step-job.js";

process.on("message", async (job: StepJob) => {
  try {
    const figures = await measureStep(job);
    process.send!({ figures }, () => process.disconnect());
  } catch (error) {
    process.send!({ error: (error as Error).stack }, () => process.disconnect());
  }
});
