import { computed, signal } from "@preact/signals"
import { useLayoutEffect, useRef } from "preact/hooks"
import { Choice } from "../../components/choice.tsx"
import { count, duration } from "../../components/figures.ts"
import { Mark } from "../../components/mark.tsx"
import { Message } from "../../components/message.tsx"
import { Panel } from "../../components/panel.tsx"
import { StepLink } from "../../components/step-link.tsx"
import { addressWith, showCall } from "../../state/address.ts"
import { type Attempt, ask, attempt, stop } from "../../state/attempt.ts"
import { formats } from "../../state/formats/index.ts"
import { firstModel, modelNames } from "../../state/models.ts"

const typedModel = signal<string | undefined>(undefined)
const prompt = signal("Say hello in three languages.")
const chosenFormat = signal(formats[0]?.wire ?? "")
const model = computed(() => typedModel.value ?? firstModel.value)

/** One question to one model, through the gateway's own front door. */
export function AttemptBox() {
  const form = useRef<HTMLFormElement>(null)
  const running = attempt.value?.state === "running"
  const send = (event: Event) => {
    event.preventDefault()
    const format = formats.find(({ wire }) => wire === chosenFormat.value)
    if (format !== undefined && model.value.trim() !== "") void ask(format, model.value.trim(), prompt.value)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit()
  }
  return (
    <Panel id="try" title="Try a model">
      <form class="attempt" ref={form} onSubmit={send}>
        <label class="field">
          <span class="field-label">Model</span>
          <input
            type="text"
            class="mono"
            list="try-models"
            required
            value={model.value}
            spellcheck={false}
            autocomplete="off"
            onInput={({ currentTarget }) => {
              typedModel.value = currentTarget.value
            }}
          />
          <datalist id="try-models">
            {modelNames.value.slice(0, 500).map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </label>
        <Choice
          name="try-format"
          legend="Format"
          options={formats.map(({ wire, label }) => ({ value: wire, label }))}
          value={chosenFormat.value}
          onChange={(value) => {
            chosenFormat.value = value
          }}
        />
        <label class="field">
          <span class="unseen">Prompt</span>
          <textarea
            rows={3}
            required
            value={prompt.value}
            onKeyDown={onKeyDown}
            onInput={({ currentTarget }) => {
              prompt.value = currentTarget.value
            }}
          />
        </label>
        <div class="attempt-actions">
          <button type="submit" class="button button-main" disabled={running}>
            Send
          </button>
          <button type="button" class="button" disabled={!running} onClick={stop}>
            Stop
          </button>
          <span class="quiet hint">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd> sends
          </span>
        </div>
      </form>
      {attempt.value !== undefined && <Answer attempt={attempt.value} />}
    </Panel>
  )
}

function Answer({ attempt: made }: { readonly attempt: Attempt }) {
  const { state, reasoning, text, error } = made
  return (
    <div class="answer" aria-busy={state === "running"}>
      {reasoning !== "" && (
        <details class="reasoning">
          <summary>Reasoning</summary>
          <p class="said">{reasoning}</p>
        </details>
      )}
      {text !== "" && <Words text={text} following={state === "running"} />}
      {error !== undefined && (
        <Message tone="bad" title={failureTitle(made)}>
          <p class="wrap">{error}</p>
        </Message>
      )}
      <AnswerFigures made={made} />
    </div>
  )
}

/** An answer that had begun has a good status and an end of its own. */
function failureTitle({ status, text, reasoning }: Attempt): string {
  if (status !== undefined && status >= 400) return `Failed with ${status}`
  return text === "" && reasoning === "" ? "Failed" : "The answer broke off"
}

/** What has been said so far. Follows the last word unless the reader has scrolled away from it. */
function Words({ text, following }: { readonly text: string; readonly following: boolean }) {
  const box = useRef<HTMLElement>(null)
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    if (following && atEnd.current) box.current?.scrollTo(0, box.current.scrollHeight)
  }, [text, following])
  return (
    <section
      class="answer-text"
      aria-label="Answer"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
      tabIndex={0}
      ref={box}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        atEnd.current = scrollTop + clientHeight > scrollHeight - 24
      }}
    >
      <p class="said">{text}</p>
    </section>
  )
}

function AnswerFigures({ made }: { readonly made: Attempt }) {
  const { state, target, callId, firstTokenMs, totalMs, figures } = made
  return (
    <div class="facts">
      <span role="status">
        {state === "running" && <Mark tone="busy" word="running" />}
        {state === "complete" && <Mark tone="good" word="complete" />}
        {state === "stopped" && <Mark tone="warning" word="stopped by you" />}
      </span>
      {target !== undefined && <span class="mono">{target}</span>}
      {firstTokenMs !== undefined && <span>first token {duration(firstTokenMs)}</span>}
      {totalMs !== undefined && <span>total {duration(totalMs)}</span>}
      {figures.output !== undefined && <span>{count(figures.output)} tokens out</span>}
      {callId !== undefined && (
        <StepLink href={addressWith({ call: callId })} go={() => showCall(callId)}>
          Story of this call
        </StepLink>
      )}
    </div>
  )
}
