import { describe, expect, test } from "bun:test"
import { SOURCE_LIMIT } from "../../src/config/source-text.ts"
import { makeCertificate } from "../support/certificate.ts"
import { accept, ENV, parse, refuse } from "./facts.ts"

/** Marks the place where a problem is expected with `»`; the mark itself is taken out. */
function marked(text: string): { text: string; line: number; column: number } {
  const before = text.slice(0, text.indexOf("»"))
  return { text: text.replace("»", ""), line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") }
}

const key = (members: string) => `{\n  "providers": {\n    "openai": {\n      "keys": [{ ${members} }]\n    }\n  }\n}`
const custom = (members: string) =>
  `{"providers": { "x": { "network_config": { "base_url": "http://x" }, "custom_provider_config": { "base_provider_type": "openai", "is_key_less": true, ${members} }}}}`
const network = (members: string) => `{\n  "providers": { "openai": {\n    "network_config": { ${members} } } }\n}`

const CASES: readonly (readonly [name: string, text: string, path: string, message: RegExp, hint?: RegExp])[] = [
  ["an unknown setting at the top", `{\n  »"provders": {}\n}`, "provders", /not a setting of this file/, /"providers"/],
  [
    "an unknown setting deep inside",
    key(`"name": "a", "value": "x", »"wieght": 1`),
    "providers.openai.keys[0].wieght",
    /not a setting/,
    /"weight"/,
  ],
  ["camel case", network(`»"maxRetries": 1`), "providers.openai.network_config.maxRetries", /not a setting/, /"max_retries"/],
  [
    "a setting that belongs elsewhere",
    `{"providers": {"openai": {\n »"max_retries": 2 }}}`,
    "providers.openai.max_retries",
    /not a setting/,
    /belongs in providers\.openai\.network_config/,
  ],
  [
    "a text for a number",
    network(`"max_retries": »"3"`),
    "providers.openai.network_config.max_retries",
    /must be a number|whole number/,
    /quotes/,
  ],
  [
    "a fraction for a whole number",
    network(`"max_retries": »1.5`),
    "providers.openai.network_config.max_retries",
    /whole number/,
  ],
  [
    "a key with a character that cannot be seen",
    key(`"name": "a", "value": »"sk-0123\u200b4567"`),
    "providers.openai.keys[0].value",
    /no key has/,
    /cannot be seen/,
  ],
  ["a number out of range", network(`"max_retries": »-1`), "providers.openai.network_config.max_retries", /at least 0/],
  ["a text for a list", `{\n"client": { "allowed_origins": »"*" }}`, "client.allowed_origins", /a list/, /brackets/],
  [
    "a text for a switch",
    `{\n"client": { "enable_logging": »"true" }}`,
    "client.enable_logging",
    /true or false/,
    /without quotes/,
  ],
  [
    "a choice that is not there",
    network(`"http2": »"offf"`),
    "providers.openai.network_config.http2",
    /one of auto, on, off/,
    /"off"/,
  ],
  ["a version that is not there", `{\n"version": »3 }`, "version", /one of 1, 2/],
  [
    "a duration that cannot be read",
    network(`"retry_backoff_initial": »"5 sec"`),
    "providers.openai.network_config.retry_backoff_initial",
    /duration/,
  ],
  ["a negative weight", key(`"name": "a", "value": "x", "weight": »-1`), "providers.openai.keys[0].weight", /negative/],
  ["an unset variable", key(`"name": "a", "value": »"env.NOT_THERE"`), "providers.openai.keys[0].value", /NOT_THERE is not set/],
  [
    "an unset variable in the long form",
    key(`"name": "a", "value": »{ "env_var": "env.NOT_THERE", "from_env": true }`),
    "providers.openai.keys[0].value",
    /NOT_THERE is not set/,
  ],
  [
    "an unset variable in a header",
    network(`"extra_headers": { "x-a": »"env.NOT_THERE" }`),
    "providers.openai.network_config.extra_headers.x-a",
    /NOT_THERE/,
  ],
  ["a vault", key(`"name": "a", "value": »"vault.kv/openai#key"`), "providers.openai.keys[0].value", /vault/],
  [
    "a key without a value",
    `{"providers": {"openai": {"keys": [\n »{ "name": "a" } ]}}}`,
    "providers.openai.keys[0]",
    /no value/,
    /env\.OPENAI_API_KEY/,
  ],
  [
    "two keys of one name",
    key(`"name": "a", "value": "x" }, {\n "name": »"a", "value": "y"`),
    "providers.openai.keys[1].name",
    /keys\[0\] has the same/,
  ],
  [
    "two keys of one id",
    key(`"id": "a", "name": "n", "value": "x" }, {\n "id": »"a", "name": "m", "value": "y"`),
    "providers.openai.keys[1].id",
    /same id/,
  ],
  [
    "one name under two ids",
    key(`"id": "a", "name": "n", "value": "x" }, {\n "id": "b", "name": »"n", "value": "y"`),
    "providers.openai.keys[1].name",
    /same name/,
  ],
  [
    "a star among names",
    key(`"name": "a", "value": "x", "models": [»"*", "gpt-4o"]`),
    "providers.openai.keys[0].models[0]",
    /only entry/,
  ],
  [
    "a broken pattern",
    key(`"name": "a", "value": "x", "models": [»"regex:("]`),
    "providers.openai.keys[0].models[0]",
    /regular expression/,
  ],
  [
    "an alias without a model",
    key(`"name": "a", "value": "x", "aliases": { "m": »{ "region": "eu" } }`),
    "providers.openai.keys[0].aliases.m.model_id",
    /required/,
  ],
  [
    "an address without a scheme",
    network(`"base_url": »"api.openai.com"`),
    "providers.openai.network_config.base_url",
    /http:\/\/ or https:\/\//,
    /whole address/,
  ],
  [
    "an address of another kind",
    network(`"base_url": »"ftp://api.openai.com"`),
    "providers.openai.network_config.base_url",
    /http:\/\/ or https:\/\//,
  ],
  [
    "an address with a password",
    network(`"base_url": »"https://me:pass@api.openai.com"`),
    "providers.openai.network_config.base_url",
    /name or password/,
  ],
  [
    "an address with a query",
    network(`"base_url": »"https://api.openai.com?x=1"`),
    "providers.openai.network_config.base_url",
    /query/,
  ],
  [
    "a header that cannot be",
    network(`"extra_headers": { »"a b": "x" }`),
    'providers.openai.network_config.extra_headers["a b"]',
    /name that a header/,
  ],
  [
    "a header with a line break",
    network(`"extra_headers": { "a": »"x\\ny: z" }`),
    "providers.openai.network_config.extra_headers.a",
    /cannot carry/,
  ],
  [
    "a certificate that is a path",
    network(`"ca_cert_pem": »"/etc/ca.pem"`),
    "providers.openai.network_config.ca_cert_pem",
    /PEM/,
  ],
  [
    "a SOCKS proxy with an address of another kind",
    `{"providers": {"openai": {\n "proxy_config": { "type": "socks5", "url": »"http://x:1080" }}}}`,
    "providers.openai.proxy_config.url",
    /socks5:/,
  ],
  [
    "a proxy without an address",
    `{"providers": {"openai": {\n "proxy_config": »{ "type": "http" }}}}`,
    "providers.openai.proxy_config",
    /url/,
  ],
  ["an unknown provider", `{"providers": {\n »"opnai": {} }}`, "providers.opnai", /no provider is called/, /"openai"/],
  [
    "an unknown provider like none",
    `{"providers": {\n »"zzzzzzzzzzz": {} }}`,
    "providers.zzzzzzzzzzz",
    /no provider is called/,
    /custom_provider_config/,
  ],
  ["a provider twice", `{"providers": { "openai": {},\n »"OpenAI": {} }}`, "providers.OpenAI", /twice/],
  ["a slash in a name", `{"providers": {\n »"a/b": {} }}`, 'providers["a/b"]', /must not/],
  [
    "a custom provider of no known kind",
    `{"providers": { "x": { "custom_provider_config": {\n "base_provider_type": »"antropic" }}}}`,
    "providers.x.custom_provider_config.base_provider_type",
    /not the name of a built-in/,
    /"anthropic"/,
  ],
  [
    "a custom provider without an address",
    `{"providers": {\n "x": »{ "custom_provider_config": { "base_provider_type": "openai", "is_key_less": true }}}}`,
    "providers.x",
    /address/,
    /base_url/,
  ],
  [
    "a custom provider with a built-in name",
    `{"providers": { "openai": {\n "custom_provider_config": »{ "base_provider_type": "openai" }}}}`,
    "providers.openai.custom_provider_config",
    /built-in/,
  ],
  [
    "a request type that is not there",
    `{"providers": { "x": { "network_config": { "base_url": "http://x" }, "custom_provider_config": { "base_provider_type": "openai", "is_key_less": true, "allowed_requests": {\n »"chat_completions": true }}}}}`,
    "providers.x.custom_provider_config.allowed_requests.chat_completions",
    /no request type/,
    /"chat_completion"/,
  ],
  ["a provider without an address", `{"providers": {\n "vllm": »{} }}`, "providers.vllm", /no usual address/],
  [
    "an address that is never called",
    network(`"base_url": »"http://169.254.169.254/v1"`),
    "providers.openai.network_config.base_url",
    /link-local/,
  ],
  [
    "an address of one request that is never called",
    custom(`"request_path_overrides": {\n "responses": »"http://[fe80::1]/v1" }`),
    "providers.x.custom_provider_config.request_path_overrides.responses",
    /link-local/,
  ],
  [
    "a password in an address of one request",
    custom(`"request_path_overrides": {\n "responses": »"https://u:p@x/v1" }`),
    "providers.x.custom_provider_config.request_path_overrides.responses",
    /name or password/,
  ],
  [
    "a password in a proxy's address",
    `{"providers": { "openai": { "proxy_config": { "type": "http",\n "url": »"http://u:p@proxy:3128" }}}}`,
    "providers.openai.proxy_config.url",
    /name or password/,
    /"username"/,
  ],
  [
    "a certificate that cannot be read",
    network(`"ca_cert_pem": »"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----"`),
    "providers.openai.network_config.ca_cert_pem",
    /cannot be read/,
  ],
  [
    "a key as a list of keys shows it",
    key(`"name": "a", "value": »"sk-p************************wxyz"`),
    "providers.openai.keys[0].value",
    /masked/,
    /env\.NAME/,
  ],
  ["half a login", `{"auth_config": »{ "admin_password": "x" }}`, "auth_config", /"admin_username"/],
  [
    "the other half",
    `{"governance": { "auth_config": »{ "admin_username": "x" }}}`,
    "governance.auth_config",
    /"admin_password"/,
  ],
  [
    "doors that are to be shut without a lock",
    `{"auth_config": { "is_enabled": »true }}`,
    "auth_config.is_enabled",
    /no credential/,
    /"token"/,
  ],
  [
    "a key where the name of its variable belongs",
    key(`"name": "a", "value": »"env.gsk_0123456789abcdefghij"`),
    "providers.openai.keys[0].value",
    /name of an environment variable/,
    /looks like a key/,
  ],
  ["a document of the wrong kind", `»[]`, "", /object/],
]

/** What works, but hardly as it is meant. */
const DOUBTS: readonly (readonly [name: string, text: string, path: string, hint: RegExp])[] = [
  [
    "a reference behind other words",
    network(`"extra_headers": { "authorization": "Bearer env.OPENAI_API_KEY" }`),
    "providers.openai.network_config.extra_headers.authorization",
    /stands alone/,
  ],
  [
    "a private address",
    network(`"base_url": "http://10.0.0.7"`),
    "providers.openai.network_config.base_url",
    /"allow_private_network"/,
  ],
  [
    "a private address of a key",
    `{"providers": { "ollama": { "keys": [{ "value": "", "ollama_key_config": { "url": "http://192.168.1.2:11434" } }] }}}`,
    "providers.ollama.keys[0]",
    /"allow_private_network"/,
  ],
  [
    "a proxy without a type",
    `{"providers": { "openai": { "proxy_config": { "url": "http://proxy:3128" } }}}`,
    "providers.openai.proxy_config",
    /"type"/,
  ],
  [
    "a lock on calls that there is not",
    `{"auth_config": { "admin_username": "a", "admin_password": "b", "disable_auth_on_inference": false }}`,
    "auth_config.disable_auth_on_inference",
    /"enforce_auth_on_inference"/,
  ],
  ["keys that are never chosen", key(`"name": "a", "value": "x", "weight": 0`), "providers.openai.keys", /weight/],
]

describe("each mistake is told with its place", () => {
  for (const [name, source, path, message, hint] of CASES) {
    test(name, () => {
      const { text, line, column } = marked(source)
      const found = refuse(text).filter((problem) => problem.path === path)
      expect(found).toHaveLength(1)
      expect(found[0]).toMatchObject({ severity: "error", file: "config.json", line, column })
      expect(found[0]?.message).toMatch(message)
      if (hint !== undefined) expect(found[0]?.hint).toMatch(hint)
    })
  }
})

describe("a doubt is told, and the file is taken", () => {
  for (const [name, text, path, hint] of DOUBTS) {
    test(name, () => {
      const found = accept(text).warnings.filter((problem) => problem.path === path)
      expect(found).toHaveLength(1)
      expect(found[0]?.hint).toMatch(hint)
    })
  }

  test("there is none where private addresses are allowed, a type is given, or another key has a weight", () => {
    const { warnings } = accept({
      providers: {
        ollama: { network_config: { base_url: "http://10.0.0.7:11434", allow_private_network: true } },
        openai: {
          proxy_config: { type: "none", url: "http://proxy:3128" },
          keys: [
            { name: "a", value: "x", weight: 0 },
            { name: "b", value: "y" },
          ],
        },
      },
    })
    expect(warnings).toEqual([])
  })
})

test("a certificate is taken with its line breaks written as words too", () => {
  const { cert } = makeCertificate()
  for (const pem of [cert, cert.replaceAll("\n", "\\n"), `${cert}\n${cert}`]) {
    const { config } = accept({ providers: { openai: { network_config: { ca_cert_pem: "env.CA" } } } }, { ...ENV, CA: pem })
    expect(config.providers[0]?.network.tls.caPem).toStartWith("-----BEGIN CERTIFICATE-----\n")
  }
})

describe("syntax", () => {
  const SYNTAX: readonly (readonly [string, string, RegExp])[] = [
    ["a missing comma", `{\n  "a": 1\n  »"b": 2\n}`, /","/],
    ["a missing colon", `{\n  "a" »1\n}`, /":"/],
    ["a missing brace", `{\n  "a": 1»`, /"}" is missing/],
    ["a name without quotes", `{\n  »a: 1 }`, /double quotes/],
    ["a text without an end", `{\n  "a": »"abc\n}`, /closing quote/],
    ["nothing", `»`, /empty|value is expected/],
  ]
  for (const [name, source, message] of SYNTAX) {
    test(name, () => {
      const { text, line, column } = marked(source)
      expect(refuse(text)[0]).toMatchObject({ line, column })
      expect(refuse(text)[0]?.message).toMatch(message)
    })
  }

  test("a document without a bottom, or beyond all size, is refused in peace", () => {
    expect(refuse("[".repeat(200_000))[0]?.message).toMatch(/nested/)
    expect(refuse(`{"a":${"[".repeat(500)}${"]".repeat(500)}}`)[0]?.message).toMatch(/nested/)
    expect(refuse(" ".repeat(SOURCE_LIMIT + 1))[0]?.message).toMatch(/longer/)
  })

  test("a member written twice is a warning", () => {
    const { warnings } = accept(`{\n "providers": { "mock": {} },\n "client": {},\n "client": {} }`)
    expect(warnings[0]).toMatchObject({ path: "client" })
  })
})

describe("all at once", () => {
  test("mistakes of the form and of the meaning come together, in file order", () => {
    const problems = refuse(`{
  "verison": 2,
  "providers": {
    "openai": { "keys": [{ "name": "a", "value": "env.NOPE", "weight": "1" }] },
    "antropic": {}
  }
}`)
    expect(problems.filter((problem) => problem.severity === "error").map((problem) => problem.line)).toEqual([2, 4, 4, 5])
  })

  test("a mistake does not bring others about", () => {
    const problems = refuse({
      providers: {
        x: { network_config: { base_url: 3 }, custom_provider_config: { base_provider_type: "openai", is_key_less: true } },
      },
    })
    expect(problems.map((problem) => problem.path)).toEqual(["providers.x.network_config.base_url"])
  })
})

describe("what is switched off", () => {
  test("misses no variable", () => {
    const { config, warnings } = accept({
      providers: {
        openai: {
          keys: [
            { name: "a", value: "env.OPENAI_API_KEY" },
            { name: "b", value: "env.NOPE", enabled: false },
          ],
        },
        anthropic: { enabled: false, keys: [{ name: "c", value: "env.NOPE_TOO" }] },
      },
    })
    expect(warnings).toEqual([])
    expect(config.providers.map((entry) => entry.enabled)).toEqual([true, false])
  })

  test("a provider that is known and not built is named and left out", () => {
    const { config, warnings } = accept({ providers: { mock: {}, deepgram: { keys: [] }, replicate: {} } })
    expect(config.providers.map((entry) => entry.id)).toEqual(["mock"])
    expect(warnings.map((problem) => problem.path)).toEqual(["providers.deepgram", "providers.replicate"])
  })

  test("another program's reference is pointed out", () => {
    const written = [
      "$OPENAI_API_KEY",
      "${" + "OPENAI_API_KEY}",
      "${" + "env:OPENAI_API_KEY}",
      "os.environ/OPENAI_API_KEY",
      "process.env.OPENAI_API_KEY",
      "ENV.OPENAI_API_KEY",
      "env:OPENAI_API_KEY",
      "OPENAI_API_KEY",
    ]
    for (const value of written) {
      const { warnings } = accept({ providers: { openai: { keys: [{ name: "a", value }] } } })
      expect(warnings[0]?.hint).toBe('write "env.OPENAI_API_KEY"')
    }
  })
})

test("problems never hold a secret", () => {
  const secret = "sk-live-do-not-print-me"
  const problems = parse(
    {
      providers: {
        openai: {
          keys: [
            { name: "a", value: secret, weight: -1 },
            { name: "a", value: secret },
          ],
          network_config: { base_url: `https://u:${secret}@x`, extra_headers: { a: `${secret}\n` } },
          [secret]: {},
        },
        groq: { keys: [{ value: "env.gsk_live_do_not_print_me" }, { [secret]: "x" }] },
        mock: { fallbacks: [secret] },
      },
    },
    { ...ENV },
  )
  expect(problems.ok).toBe(false)
  expect(JSON.stringify(problems)).not.toContain(secret)
  expect(JSON.stringify(problems)).not.toContain("gsk_live_do_not")
})
