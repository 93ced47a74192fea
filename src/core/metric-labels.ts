/** Labels that the metrics of calls have of themselves: a caller's word under one of these names never becomes one. */
export const ownMetricLabels: ReadonlySet<string> = new Set([
  "code",
  "effect",
  "error_type",
  "fail_reason",
  "fallback_index",
  "is_success",
  "key_id",
  "key_name",
  "method",
  "model",
  "provider",
  "requested_model",
  "selected_key_id",
  "selected_key_name",
  "side",
  "status_code",
])
