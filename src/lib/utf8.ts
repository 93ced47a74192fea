import { isUtf8 } from "node:buffer"

const decoder = new TextDecoder()

/** The text of UTF-8 without its byte order mark; what is no UTF-8 becomes U+FFFD. */
export const utf8Text = (bytes: Uint8Array): string => decoder.decode(bytes)

/** Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing cut off. */
export function validUtf8(bytes: Uint8Array): boolean {
  return isUtf8(bytes)
}
