import { Plate } from "../../components/plate.tsx"
import { addressWith, closeCall } from "../../state/address.ts"

export const Brand = ({ version }: { readonly version?: string }) => (
  <h1 class="brand">
    <a
      href={addressWith({ call: undefined })}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        closeCall()
      }}
    >
      <Plate />
      Gantry
    </a>
    {version !== undefined && <span class="brand-version">{version}</span>}
  </h1>
)
