import { describe, expect, test } from "bun:test"
import { renderProblems } from "../../src/config/render-problems.ts"
import { ENV, parse } from "./facts.ts"

const secret = "sk-live-0123456789abcdefghij"

const rendered = (text: string): string => {
  const result = parse(text, ENV)
  return renderProblems(result.ok ? result.warnings : result.problems, { colour: false })
}

const inOpenai = (members: string) => `{\n  "providers": {\n    "openai": { ${members} }\n  }\n}`
const inMine = (members: string) => `{\n  "providers": {\n    "mine": { ${members} }\n  }\n}`
const withKey = (members: string) => inOpenai(`"keys": [{ ${members} }]`)
const seconds = (value: string) => inOpenai(`"network_config": { "default_request_timeout_in_seconds": ${value} }`)
const timeout = "providers.openai.network_config.default_request_timeout_in_seconds"
const anyKey = '{ "value": "env.OPENAI_API_KEY" }'

/** What a newcomer writes, and the block that answers it. */
const CASES: readonly (readonly [text: string, ...block: string[]])[] = [
  [
    `{\n  "provider": { "openai": {} }\n}`,
    'error  provider: "provider" is not a setting of this file',
    "   at  config.json:2:3",
    '  fix  did you mean "providers"?',
  ],
  [
    `{\n  "openai": { "keys": [] }\n}`,
    'error  openai: "openai" is not a setting of this file',
    "   at  config.json:2:3",
    '  fix  write "providers": { "openai": { … } }',
  ],
  [
    `{\n  "providers": { "mock": true }\n}`,
    "error  providers.mock: must be an object, but is true",
    "   at  config.json:2:26",
    "  fix  write {}",
  ],
  [
    inOpenai('"network_config": { "default_request_timeout": 30 }'),
    'error  providers.openai.network_config.default_request_timeout: "default_request_timeout" is not a setting of providers.openai.network_config',
    "   at  config.json:3:37",
    '  fix  did you mean "default_request_timeout_in_seconds"?',
  ],
  [
    inOpenai('"network_config": { "timeout": 30 }'),
    'error  providers.openai.network_config.timeout: "timeout" is not a setting of providers.openai.network_config',
    "   at  config.json:3:37",
    "  fix  did you mean one of default_request_timeout_in_seconds, connect_timeout_in_seconds, first_byte_timeout_in_seconds, stream_idle_timeout_in_seconds, total_timeout_in_seconds, keep_alive_timeout_in_seconds?",
  ],
  [
    inOpenai('"network_config": { "base_url": "http://127.0.0.1:1/v1/chat/completions" }'),
    "warning  providers.openai.network_config.base_url: is the address of one endpoint, and each call adds its own path",
    "   at  config.json:3:49",
    '  fix  leave out "/chat/completions"',
  ],
  [
    inOpenai('"fallbacks": ["deepseek/chat"]'),
    'error  providers.openai.fallbacks[0]: "deepseek" is not a provider of this file',
    "   at  config.json:3:31",
    '  fix  add it to "providers"; there is openai',
  ],
  [
    inOpenai('"fallbacks": ["gpt-x"]'),
    'error  providers.openai.fallbacks[0]: "gpt-x" is not a provider of this file',
    "   at  config.json:3:31",
    '  fix  write "provider/model"',
  ],
  [
    `{\n  "admin": { "token": "env.NOT_SET" }, "providers": { "mock": {} }\n}`,
    "error  admin.token: the environment variable NOT_SET is not set",
    "   at  config.json:2:23",
    "  fix  set it before the start, or leave this setting out",
  ],
  [
    `{\n  "vector_store": { "enabled": true }, "providers": { "mock": {} }\n}`,
    "warning  vector_store: accepted, but without effect in this version",
    "   at  config.json:2:19",
  ],
  ["\n", 'error  the document is empty; write { "providers": { … } }', "   at  config.json:1:1"],
  [
    inMine('"type": "openai"'),
    'error  providers.mine.type: "type" is not a setting of providers.mine',
    "   at  config.json:3:15",
    '  fix  write "custom_provider_config": { "base_provider_type": "openai" }',
  ],
  [
    inOpenai('"type": "openai"'),
    'error  providers.openai.type: "type" is not a setting of providers.openai',
    "   at  config.json:3:17",
    "  fix  leave it out: the provider's name says it",
  ],
  ...["api_key", "apiKey", "key", "token"].map(
    (name) =>
      [
        inOpenai(`"${name}": "${secret}"`),
        `error  providers.openai.${name}: "${name}" is not a setting of providers.openai`,
        "   at  config.json:3:17",
        `  fix  write "keys": [${anyKey}]`,
      ] as const,
  ),
  [
    inOpenai('"api_key": "env.MINE"'),
    'error  providers.openai.api_key: "api_key" is not a setting of providers.openai',
    "   at  config.json:3:17",
    '  fix  write "keys": [{ "value": "env.MINE" }]',
  ],
  [
    withKey(`"key": "${secret}"`),
    'error  providers.openai.keys[0].key: "key" is not a setting of providers.openai.keys[0]',
    "   at  config.json:3:28",
    '  fix  did you mean "value"?',
  ],
  [
    `{\n  "log_level": "debug"\n}`,
    'error  log_level: "log_level" is not a setting of this file',
    "   at  config.json:2:3",
    "  fix  the level is not set in the file: start with --log-level, or set GANTRY_LOG_LEVEL",
  ],
  [
    `{\n  "admin": "${secret}"\n}`,
    "error  admin: must be an object, but is a text",
    "   at  config.json:2:12",
    '  fix  write { "token": "env.GANTRY_ADMIN_TOKEN" }',
  ],
  [
    `{\n  "admin": { "token": 123454321 }\n}`,
    "error  admin.token: must be a text or an object, but is a number",
    "   at  config.json:2:23",
  ],
  [
    inOpenai(`"keys": ["${secret}"]`),
    "error  providers.openai.keys[0]: must be an object, but is a text",
    "   at  config.json:3:26",
    `  fix  write ${anyKey}`,
  ],
  [
    inOpenai(`"keys": "${secret}"`),
    "error  providers.openai.keys: must be a list, but is a text",
    "   at  config.json:3:25",
    `  fix  write [${anyKey}]`,
  ],
  [
    inOpenai(`"keys": { "value": "${secret}" }`),
    "error  providers.openai.keys: must be a list, but is an object",
    "   at  config.json:3:25",
    "  fix  put it into square brackets",
  ],
  [
    `{\n  "providers": { "openai": "${secret}" }\n}`,
    "error  providers.openai: must be an object, but is a text",
    "   at  config.json:2:28",
    `  fix  write { "keys": [${anyKey}] }`,
  ],
  [
    `{\n  "providers": [{ "name": "openai" }]\n}`,
    "error  providers: must be an object, but is a list",
    "   at  config.json:2:16",
    '  fix  write { "<name>": { … } }: each provider under its name',
  ],
  [
    seconds('"30s"'),
    `error  ${timeout}: must be a number, but is a text`,
    "   at  config.json:3:75",
    "  fix  write 30: it counts seconds, without a unit",
  ],
  [
    seconds('"2m"'),
    `error  ${timeout}: must be a number, but is a text`,
    "   at  config.json:3:75",
    "  fix  write 120: it counts seconds, without a unit",
  ],
  [
    withKey('"value": ""'),
    "error  providers.openai.keys[0].value: is empty",
    "   at  config.json:3:37",
    '  fix  write "value": "env.OPENAI_API_KEY" to read it from the environment',
  ],
  [
    withKey('"value": "OPENAI_API_KEY"'),
    "warning  providers.openai.keys[0].value: looks like a reference to an environment variable, but is taken word for word",
    "   at  config.json:3:37",
    '  fix  write "env.OPENAI_API_KEY"',
  ],
  [
    `{\n  "admin": { "token": "TOP_SECRET_42" }, "providers": { "mock": {} }\n}`,
    "warning  admin.token: looks like a reference to an environment variable, but is taken word for word",
    "   at  config.json:2:23",
    '  fix  write "env." and the name of the variable',
  ],
  [
    `{\n  "admin": { "token": "$ecretPassword42" }, "providers": { "mock": {} }\n}`,
    "warning  admin.token: looks like a reference to an environment variable, but is taken word for word",
    "   at  config.json:2:23",
    '  fix  write "env." and the name of the variable',
  ],
  [
    `{\n  "admin": { "token": "" }, "providers": { "mock": {} }\n}`,
    "warning  admin.token: is empty, which counts as not set",
    "   at  config.json:2:23",
  ],
]

describe("what newcomers write is answered with what to write instead", () => {
  for (const [text, ...block] of CASES)
    test(text.replaceAll(/\s+/g, " "), () => {
      const count = block[0]?.startsWith("error") ? "1 error" : "1 warning"
      expect(rendered(text)).toBe(`${block.join("\n")}\n\n${count}\n`)
    })

  test("without quoting what may be a secret", () => {
    for (const [text] of CASES) expect(rendered(text)).not.toMatch(/0123456789|123454321/)
  })
})

test("an empty key of a provider of one's own is only a warning", () => {
  const members = '"network_config": { "base_url": "http://x" }, "custom_provider_config": { "base_provider_type": "openai" }'
  const text = rendered(inMine(`"keys": [{ "value": "" }], ${members}`))
  expect(text).toStartWith("warning  providers.mine.keys[0].value: is empty, so calls carry no credential\n")
})
