export interface ChoiceProps<T extends string> {
  /** Of the group; radio buttons need it to be unique on the page. */
  readonly name: string
  readonly legend: string
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly value: T
  onChange(value: T): void
}

/** A few alternatives side by side: radio buttons, so arrow keys move between them. */
export function Choice<T extends string>({ name, legend, options, value, onChange }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{legend}</legend>
      {options.map((option) => (
        <label key={option.value} class={option.value === value ? "choice-option is-chosen" : "choice-option"}>
          <input
            type="radio"
            class="unseen"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  )
}
