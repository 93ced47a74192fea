import { signal, useSignal } from "@preact/signals"
import { useLayoutEffect } from "preact/hooks"
import { Help } from "../components/help.tsx"
import { openCall } from "../state/address.ts"
import { addShortcuts } from "../state/shortcuts.ts"
import { CallList } from "./calls/list.tsx"
import { Story } from "./calls/story.tsx"
import { AttemptBox } from "./overview/attempt-box.tsx"
import { Connect } from "./overview/connect.tsx"
import { Masthead } from "./overview/masthead.tsx"
import { Providers } from "./overview/providers.tsx"
import { Troubles } from "./overview/troubles.tsx"

const narrow = matchMedia("(max-width: 959px)")
/** The open call then lies over everything else. */
const oneColumn = signal(narrow.matches)
narrow.addEventListener("change", () => {
  oneColumn.value = narrow.matches
})

/** The page one lands on: how the gateway does, how to reach it, and what goes through it. */
export function Home() {
  const help = useSignal(false)
  const showHelp = () => {
    help.value = true
  }
  useLayoutEffect(
    () =>
      addShortcuts({
        keys: ["?"],
        does: "Show this help",
        run() {
          showHelp()
          return true
        },
      }),
    [],
  )
  const open = openCall.value
  const covered = open !== undefined && oneColumn.value
  return (
    <>
      <div class="behind" inert={covered}>
        <a class="skip" href="#calls">
          Skip to the calls
        </a>
        <Masthead onHelp={showHelp} />
        <Troubles />
      </div>
      <main class={open === undefined ? "home" : "home has-story"}>
        <div class="behind" inert={covered}>
          <div class="side">
            <AttemptBox />
            <Connect />
            <Providers />
          </div>
          <CallList />
        </div>
        {open !== undefined && <Story id={open} alone={covered} />}
      </main>
      {help.value && (
        <Help
          onClose={() => {
            help.value = false
          }}
        />
      )}
    </>
  )
}
