import { useLayoutEffect, useRef } from "preact/hooks"
import { Choice } from "../../components/choice.tsx"
import { Glyph } from "../../components/glyph.tsx"
import { filterProvider, filterStatus, filterText, go } from "../../state/address.ts"
import { addShortcuts } from "../../state/shortcuts.ts"
import { providerIds } from "../../state/status.ts"

/** The filters of the call list; the address holds them. */
export function Filters() {
  const search = useRef<HTMLInputElement>(null)
  useLayoutEffect(
    () =>
      addShortcuts({
        keys: ["/"],
        does: "Search the calls",
        run() {
          search.current?.focus()
          search.current?.select()
          return true
        },
      }),
    [],
  )
  const provider = filterProvider.value
  const choices =
    provider === undefined || providerIds.value.includes(provider) ? providerIds.value : [...providerIds.value, provider]
  return (
    <search class="filters">
      <div class="search">
        <label>
          <span class="unseen">Search the log</span>
          <Glyph name="search" />
          <input
            ref={search}
            type="search"
            placeholder="Model, key, id, session, error…"
            value={filterText.value}
            aria-keyshortcuts="/"
            onInput={({ currentTarget }) => go({ q: currentTarget.value })}
            onKeyDown={(event) => {
              if (event.key === "Escape" || event.key === "Enter") {
                event.preventDefault()
                event.currentTarget.blur()
                document.querySelector<HTMLElement>(".row[tabindex='0']")?.focus()
              }
            }}
          />
        </label>
        <kbd>/</kbd>
      </div>
      <Choice
        name="filter-status"
        legend="Outcome"
        options={[
          { value: "all", label: "All" },
          { value: "error", label: "Errors" },
        ]}
        value={filterStatus.value ?? "all"}
        onChange={(value) => go({ status: value === "error" ? value : undefined })}
      />
      <label class="field-inline">
        <span class="unseen">Provider</span>
        <select value={provider ?? ""} onChange={({ currentTarget }) => go({ provider: currentTarget.value })}>
          <option value="">All providers</option>
          {choices.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>
    </search>
  )
}
