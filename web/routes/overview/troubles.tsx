import { Message } from "../../components/message.tsx"
import { status } from "../../state/status.ts"

/** What is wrong with the configuration as it is now, and what it means for the traffic. */
export function Troubles() {
  const known = status.current.value
  if (known.state !== "ready") return null
  const { source, file, problems, warnings } = known.value.config
  if (problems.length === 0 && warnings.length === 0) return null
  const name = file ?? "The configuration"
  const title =
    problems.length === 0
      ? "Worth a look"
      : source === "last-good"
        ? `${name} has mistakes; the last good configuration serves`
        : `${name} has mistakes`
  return (
    <section class="troubles" aria-label="Configuration">
      <Message tone={problems.length > 0 ? "bad" : "warning"} title={title}>
        <ul class="trouble-lines">
          {[...problems, ...warnings].map((line) => (
            <li key={line} class="mono">
              {line}
            </li>
          ))}
        </ul>
      </Message>
    </section>
  )
}
