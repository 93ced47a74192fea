import { X509Certificate } from "node:crypto"
import type { Path, Report } from "../problem.ts"

/** One or more certificates as PEM text; one that cannot be read is reported. Line breaks may be written as `\\n`, as variables often have them. */
export function compileCertificate(given: string | undefined, path: Path, report: Report): string | undefined {
  const pem = given?.includes("\n") ? given : given?.replaceAll("\\n", "\n")
  if (pem === undefined) return undefined
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (!pem.includes("-----BEGIN CERTIFICATE-----"))
    report.error(
      path,
      "must be a certificate as PEM text",
      "it begins with -----BEGIN CERTIFICATE-----; a path to a file is not read",
    )
  else if (blocks.length === 0 || !blocks.every(isCertificate))
    report.error(path, "holds a certificate that cannot be read", "its lines may have been lost, or its end")
  else return pem
  return undefined
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}
