import { Plate } from "../../components/plate.tsx"
import { StepLink } from "../../components/step-link.tsx"
import { addressWith, closeCall } from "../../state/address.ts"

export const Brand = ({ version }: { readonly version?: string }) => (
  <h1 class="brand">
    <StepLink href={addressWith({ call: undefined })} go={closeCall}>
      <Plate />
      Gantry
    </StepLink>
    {version !== undefined && <span class="brand-version">{version}</span>}
  </h1>
)
