import type { ComponentChildren } from "preact"
import { Mark, type Tone } from "./mark.tsx"

export interface MessageProps {
  readonly tone: Tone
  readonly title: string
  readonly children?: ComponentChildren
}

/** What stands where content is not: empty, failed, or in need of somebody's hand; always with the next step. */
export const Message = ({ tone, title, children }: MessageProps) => (
  <div class={`message message-${tone}`} role={tone === "bad" ? "alert" : undefined}>
    <Mark tone={tone} word={title} />
    {children !== undefined && <div class="message-body">{children}</div>}
  </div>
)

/** Grey lines in the shape of what is on its way. */
export const Pending = ({ lines, label }: { readonly lines: number; readonly label: string }) => (
  <div class="pending" role="status" aria-label={label}>
    {Array.from({ length: lines }, (_, index) => (
      <span key={index} class="pending-line" />
    ))}
  </div>
)
