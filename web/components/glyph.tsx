const paths = {
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
  tick: "m3 8.5 3.2 3.2L13 5",
  close: "m4 4 8 8M12 4l-8 8",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.3 10.3 14 14",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  up: "M8 13V3.5M4 7.5l4-4 4 4",
} as const

/** A small line drawing that goes with a word; it says nothing itself. */
export const Glyph = ({ name }: { readonly name: keyof typeof paths }) => (
  <svg
    class="glyph"
    viewBox="0 0 16 16"
    width="16"
    height="16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d={paths[name]} />
  </svg>
)
