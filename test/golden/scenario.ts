import { collect } from "../../src/core/collect.ts"
import { GatewayFault } from "../../src/core/error.ts"
import type { Notice } from "../../src/core/notice.ts"
import type { Response } from "../../src/core/response.ts"
import type { Wire } from "../../src/core/wire.ts"
import type { Json } from "../../src/lib/json.ts"
import { type Trial, trial } from "../conformance/exchange.ts"
import { type Fixture, jsonOf } from "../conformance/fixtures.ts"
import { decodeFrames, encodeSteps, framesOf, overTheLine } from "../conformance/streams.ts"

/** One part of a call through a pair of wires: what came out of it, and what was told on the way. */
export interface Passage {
  readonly part: "request" | "answer" | "stream"
  readonly result: Json | { readonly refused: string } | { readonly failed: string; readonly after: Json }
  readonly notices: readonly Notice[]
}

export interface Pair {
  readonly client: Wire
  readonly upstream: Wire
}

/** What composed fixtures say of one scenario: the client's request, the upstream's answers. */
export interface Scenario {
  readonly name: string
  readonly request?: Fixture
  readonly answer?: Fixture
  readonly stream?: Fixture
}

/** Scenarios of a pair: those that either side has fixtures for. */
export function scenariosOf({ client, upstream }: Pair, fixtures: (wire: string) => readonly Fixture[]): readonly Scenario[] {
  const asked = fixtures(client.id).filter((fixture) => fixture.kind === "request")
  const given = fixtures(upstream.id).filter((fixture) => fixture.kind !== "request")
  const names = [...new Set([...asked, ...given].map((fixture) => fixture.name))].sort()
  return names.map((name) => ({
    name,
    ...one(
      "request",
      asked.find((fixture) => fixture.name === name),
    ),
    ...one(
      "answer",
      given.find((fixture) => fixture.name === name && fixture.kind === "response"),
    ),
    ...one(
      "stream",
      given.find((fixture) => fixture.name === name && fixture.kind === "stream"),
    ),
  }))
}

const one = (key: string, fixture: Fixture | undefined) => (fixture ? { [key]: fixture } : {})

/** Takes a scenario through a pair: the request there, the answers back, each with an exchange of its own that the request has filled. */
export function travel(pair: Pair, scenario: Scenario): readonly Passage[] {
  const passages: Passage[] = []
  if (scenario.request) passages.push(ask(pair, scenario.request).passage)
  if (scenario.answer) passages.push(answer(pair, scenario, scenario.answer))
  if (scenario.stream) passages.push(stream(pair, scenario, scenario.stream))
  return passages
}

/** What the vendors' own routes have besides the words and calls that every server of their formats takes. */
const features = ["web-search", "code-execution", "mcp"]

function ask({ client, upstream }: Pair, fixture: Fixture): { exchange: Trial; passage: Passage } {
  const request = client.request.decode(jsonOf(fixture), () => {})
  const exchange = trial(client, upstream, { request, features })
  const result = orRefusal(() => upstream.request.encode(request, exchange))
  return { exchange, passage: { part: "request", result, notices: exchange.list() } }
}

function orRefusal(act: () => Json): Passage["result"] {
  try {
    return act()
  } catch (error) {
    if (error instanceof GatewayFault) return { refused: error.message }
    throw error
  }
}

/** The exchange as the request left it, without what the request told. */
function exchangeFor(pair: Pair, scenario: Scenario): Trial {
  const empty = trial(pair.client, pair.upstream)
  if (!scenario.request) return empty
  const { exchange } = ask(pair, scenario.request)
  return {
    ...empty,
    request: exchange.request,
    target: exchange.target,
    names: exchange.names,
    ids: exchange.ids,
    emulated: exchange.emulated,
  }
}

function answer(pair: Pair, scenario: Scenario, fixture: Fixture): Passage {
  const exchange = exchangeFor(pair, scenario)
  const hub = pair.upstream.response.decode(jsonOf(fixture), exchange)
  return { part: "answer", result: pair.client.response.encode(hub, exchange), notices: exchange.list() }
}

/** What a client has put together when the stream is over, as the whole answer it amounts to. */
function stream(pair: Pair, scenario: Scenario, fixture: Fixture): Passage {
  const exchange = exchangeFor(pair, scenario)
  const steps = decodeFrames(pair.upstream, exchange, framesOf([fixture.bytes]), "cut")
  const frames = overTheLine(encodeSteps(pair.client, exchange, steps))
  const seen = decodeFrames(pair.client, trial(pair.client, pair.client), frames)
  const error = seen.flatMap((step) => step.events).find((event) => event.type === "error")
  const folded = shown(pair, collect(seen), exchange)
  const result = error?.type === "error" ? { failed: error.error.kind, after: folded } : folded
  return { part: "stream", result, notices: exchange.list() }
}

const shown = ({ client, upstream }: Pair, response: Response, { request }: Trial): Json =>
  client.response.encode(response, trial(client, upstream, { request }))
