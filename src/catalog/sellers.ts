/**
 * Our provider ids, and what the price list calls the same seller. One that is missing here, such as a custom or a local provider, has no
 * known prices, whatever its models are called.
 */
const sellers: Readonly<Record<string, string>> = {
  anthropic: "anthropic",
  azure: "azure",
  bedrock: "aws",
  bedrock_mantle: "aws",
  cerebras: "cerebras",
  cohere: "cohere",
  deepseek: "deepseek",
  fireworks: "fireworks",
  gemini: "google",
  github_copilot: "github-copilot",
  groq: "groq",
  mistral: "mistral",
  moonshotai: "moonshotai",
  novita: "novita",
  openai: "openai",
  openrouter: "openrouter",
  perplexity: "perplexity",
  together: "together",
  typesafe: "typesafe",
  vertex: "google",
  xai: "x-ai",
}

/** Providers that bill nobody. */
const free: ReadonlySet<string> = new Set(["mock"])

/** Vendors that sell what they make: a bare name that the list gives to one of them means this provider of ours. */
const makers: Readonly<Record<string, string>> = {
  anthropic: "anthropic",
  cohere: "cohere",
  deepseek: "deepseek",
  google: "gemini",
  mistral: "mistral",
  moonshotai: "moonshotai",
  openai: "openai",
  perplexity: "perplexity",
  "x-ai": "xai",
}

/** The price list's name of a provider of ours; undefined where nobody's prices are its own. */
export const sellerOf = (provider: string): string | undefined =>
  Object.hasOwn(sellers, provider) ? sellers[provider] : undefined
/** Whether what it does costs nothing, which is known: a price that is not known is another thing. */
export const isFree = (provider: string): boolean => free.has(provider)
/** Our id of a seller that makes what it sells; undefined for others. */
export const makerOf = (seller: string): string | undefined => (Object.hasOwn(makers, seller) ? makers[seller] : undefined)
/** The price list's names of all such sellers. */
export const makerSellers: readonly string[] = Object.keys(makers)
