export {
  BACKENDS,
  type BackendName,
  type BackendReport,
  PRECISIONS,
  type Precision,
  type UseBackendOptions,
  useBackend,
} from "./use-backend.js";
