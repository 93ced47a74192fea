/** The gateway's sign. */
export const Plate = () => (
  <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
    <rect class="brand-plate" width="32" height="32" rx="7" />
    <path class="brand-frame" d="M6 26V8h20v18M6 13h20" />
    <path class="brand-lanes" d="M12 18v3M16 17v4M20 18v3" />
  </svg>
)
