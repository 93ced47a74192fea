/** A streamed answer in the format of a path, word by word; `pause` is awaited before each word. */
export async function* answerStream(path: string, words: readonly string[], pause: () => Promise<void>): AsyncGenerator<string> {
  const speak = path.endsWith("/messages") ? messages : path.endsWith("/responses") ? responses : chat
  for (const event of speak([])) yield frame(event)
  for (const word of words) {
    await pause()
    for (const event of speak([word]).slice(1, -1)) yield frame(event)
  }
  for (const event of speak([]).slice(-1)) yield frame(event)
}

const frame = (event: object): string => `data: ${JSON.stringify(event)}\n\n`

const chat = (words: readonly string[]): readonly object[] => [
  { choices: [{ index: 0, delta: { role: "assistant", content: "" } }] },
  ...words.map((content) => ({ choices: [{ index: 0, delta: { content } }] })),
  { choices: [], usage: { prompt_tokens: 9, completion_tokens: 3 } },
]

const messages = (words: readonly string[]): readonly object[] => [
  { type: "message_start", message: { usage: { input_tokens: 9, output_tokens: 1 } } },
  ...words.map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } },
]

const responses = (words: readonly string[]): readonly object[] => [
  { type: "response.created", response: {} },
  ...words.map((delta) => ({ type: "response.output_text.delta", delta })),
  { type: "response.completed", response: { usage: { input_tokens: 9, output_tokens: 3 } } },
]
