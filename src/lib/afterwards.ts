/** Work on items once the event loop is through with what it is about, such as sending an answer: all that have gathered by then, in order. `work` does not throw. */
export function afterwards<Item>(work: (item: Item) => void): (item: Item) => void {
  let waiting: Item[] = []
  const run = () => {
    const items = waiting
    waiting = []
    for (const item of items) work(item)
  }
  return (item) => {
    if (waiting.push(item) === 1) setImmediate(run)
  }
}
