/** One test as bun's JUnit report tells it. `title` is describe names and test name joined by " > ". */
export interface TestCase {
  readonly title: string
  readonly name: string
  readonly file: string
  readonly outcome: "passed" | "failed" | "skipped"
}

const markup = /<testsuite ([^>]*)>|<(\/testsuite)>|<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g
const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }

const unescapeXml = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    return entities[name ?? ""] ?? whole
  })

const attribute = (attributes: string, name: string): string =>
  unescapeXml(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? "")

/**
 * The tests in a report written by `bun test --reporter=junit`. The outermost `testsuite` is a file, those inside it are describe blocks
 * (`classname` names them too, but innermost first).
 */
export function parseJunit(xml: string): readonly TestCase[] {
  const cases: TestCase[] = []
  const suites: string[] = []
  for (const [, suite, closing, attributes, inner = ""] of xml.matchAll(markup)) {
    if (suite !== undefined && !suite.endsWith("/")) suites.push(attribute(suite, "name"))
    if (closing !== undefined) suites.pop()
    if (attributes === undefined) continue
    const name = attribute(attributes, "name")
    cases.push({
      name,
      title: [...suites.slice(1), name].join(" > "),
      file: attribute(attributes, "file"),
      outcome: outcomeOf(inner),
    })
  }
  return cases
}

function outcomeOf(inner: string): TestCase["outcome"] {
  if (/<(?:failure|error)\b/.test(inner)) return "failed"
  return /<skipped\b/.test(inner) ? "skipped" : "passed"
}
