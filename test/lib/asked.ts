import { type Asked, answering } from "../../src/lib/answering.ts"

declare const self: Worker

export type Question = "echo" | "fail" | "die" | "throw later" | "never" | "until cancelled" | "count"
let count = 0

answering<Question, string | Uint8Array<ArrayBuffer>>(self, {
  async answer(question, { cancelled }: Asked) {
    count += 1
    switch (question) {
      case "echo":
        return new TextEncoder().encode("echo")
      case "count":
        return String(count)
      case "fail":
        throw new Error("no idea")
      case "die":
        process.exit(1)
        break
      case "throw later":
        setTimeout(() => {
          throw new Error("out of nowhere")
        }, 1)
        break
      case "until cancelled":
        while (!cancelled()) await new Promise((resume) => setTimeout(resume, 1))
        return "cancelled"
      case "never":
        break
      default:
        question satisfies never
    }
    await new Promise(() => {})
    return ""
  },
  transfer: (answer) => (typeof answer === "string" ? [] : [answer.buffer]),
})
