export { BACKENDS, type BackendName, type BackendReport, type UseBackendOptions, useBackend } from "./use-backend.js";
