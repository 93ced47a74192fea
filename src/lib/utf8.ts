import { isUtf8 } from "node:buffer"

/** Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing cut off. */
export function validUtf8(bytes: Uint8Array): boolean {
  return isUtf8(bytes)
}
