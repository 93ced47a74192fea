import { join } from "node:path"
import { type Certificate, makeCertificate } from "../support/certificate.ts"
import { type Gateway, gatewayCommand, startGateway } from "../support/gateway.ts"
import { serverPrefix } from "./measure.ts"

/** What is measured: the gateway with or without its request log, or one of the floors. `tls`: the upstream behind it is TLS with HTTP/2. */
export type SubjectName = "logs off" | "default" | "floor parse" | "floor hand" | "logs off, tls" | "floor parse, tls"

export interface Bench extends AsyncDisposable {
  /** The running subject, started and pinned on first use. */
  subject(name: SubjectName): Promise<Gateway>
  /** A fresh one, which the caller stops. */
  fresh(name: SubjectName): Promise<Gateway>
  /** The mock itself, to know what a call costs without a proxy. */
  mock(): Promise<Gateway>
}

export interface BenchOptions {
  /** Measure a floor in the gateway's place: shows how far the ratios are off 1 on this machine. */
  readonly standIn: boolean
}

const here = import.meta.dir
const script = (name: string) => [process.execPath, "run", join(here, name)]

/** What the gateway's own re-execution sets for itself. */
const floorEnv = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535", BUN_FEATURE_FLAG_EXPERIMENTAL_HTTP2_CLIENT: "1" }

export function openBench({ standIn }: BenchOptions): Bench {
  // settled now: a binary that goes out of date meanwhile is still the one that is measured
  const command = gatewayCommand()
  const running = new Map<string, Promise<Gateway>>()
  const certificate = makeCertificate()

  const once = (name: string, start: () => Promise<Gateway>): Promise<Gateway> => {
    const known = running.get(name)
    if (known) return known
    const started = start()
    running.set(name, started)
    return started
  }
  const mock = () => once("mock", () => startMock())
  const tlsMock = () => once("mock, tls", () => startMock(certificate))

  const floor = async (mode: string, secure: boolean) => {
    const upstream = await (secure ? tlsMock() : mock())
    const env = secure ? { ...floorEnv, BENCH_CA: certificate.cert } : floorEnv
    return startGateway({
      command: script("floor.ts"),
      args: ["--mode", mode, "--upstream", upstream.url],
      env,
      prefix: serverPrefix(),
    })
  }
  const gateway = async (logging: boolean, secure: boolean) => {
    if (standIn) return floor("parse", secure)
    const upstream = await (secure ? tlsMock() : mock())
    return startGateway({
      command,
      config: configFor(upstream.url, logging, secure ? certificate : undefined),
      prefix: serverPrefix(),
    })
  }

  const fresh = (name: SubjectName): Promise<Gateway> => {
    switch (name) {
      case "logs off":
        return gateway(false, false)
      case "default":
        return gateway(true, false)
      case "logs off, tls":
        return gateway(false, true)
      case "floor parse":
        return floor("parse", false)
      case "floor parse, tls":
        return floor("parse", true)
      case "floor hand":
        return floor("hand", false)
    }
  }

  return {
    subject: (name) => once(name, () => fresh(name)),
    fresh,
    mock,
    async [Symbol.asyncDispose]() {
      for (const started of running.values()) await started.then((process) => process.stop()).catch(() => undefined)
    },
  }
}

function startMock(certificate?: Certificate): Promise<Gateway> {
  const env = certificate ? { BENCH_KEY: certificate.key, BENCH_CERT: certificate.cert } : {}
  return startGateway({ command: script("mock.ts"), env, ...(certificate && { ca: certificate.cert }) })
}

function configFor(upstream: string, logging: boolean, certificate?: Certificate): object {
  const network = { base_url: upstream, allow_private_network: true, ...(certificate && { ca_cert_pem: certificate.cert }) }
  return {
    ...(logging ? {} : { client: { enable_logging: false } }),
    providers: {
      mockup: {
        keys: [{ name: "k", value: "sk-test", models: ["*"], weight: 1 }],
        network_config: network,
        custom_provider_config: { base_provider_type: "openai" },
      },
    },
  }
}
