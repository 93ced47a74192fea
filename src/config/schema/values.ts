import { z } from "zod"

// Checks made into code are for documents by the thousand; a configuration is read once, and making the code takes several times as long.
z.config({ jitless: true })

/** Sections and settings that a file may hold although this build does nothing with them. */
export interface Unbuilt {
  readonly built: false
  /** Whether this content would have an effect if it were built; without it, anything but an empty or false value. */
  readonly matters?: (value: unknown) => boolean
}

/** Which schemas are of that kind. */
export const unbuiltParts = z.registry<Unbuilt>()

/** Accepts anything, and is named in the start-up warning when present. */
export function unbuilt(description: string, matters?: Unbuilt["matters"]) {
  return z
    .unknown()
    .optional()
    .describe(`${description} Accepted; this version does nothing with it yet.`)
    .register(unbuiltParts, { built: false, ...(matters === undefined ? {} : { matters }) })
}

/** A setting that is checked like any other, but has no effect in this build. */
export function ineffective<S extends z.ZodType>(schema: S, description: string) {
  const part = schema.optional().describe(`${description} Accepted; this version does nothing with it yet.`)
  unbuiltParts.add(part, { built: false })
  return part
}

/** Accepts anything without a word: what the setting was for does not arise here. */
export function needless(description: string) {
  return z.unknown().optional().describe(`${description} Accepted and not needed.`)
}

/** A text, or where to find it. */
export const reference = z
  .union([
    z.string(),
    z.strictObject({
      value: z.string().optional(),
      ref: z.string().optional(),
      type: z.enum(["plain_text", "env", "vault"]).optional(),
      env_var: z.string().optional(),
      from_env: z.boolean().optional(),
    }),
  ])
  .meta({ id: "reference" })

export type Reference = z.infer<typeof reference>

/** A number of seconds within bounds, which belong to it. */
export const seconds = (least: number, most: number) => z.number().min(least).max(most)

/** Numbers with their units, the largest unit an hour: `1h30m`. */
export const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/

/** A number of milliseconds, or a duration such as `500ms` or `1.5s`. */
export const milliseconds = z.union([
  z.number().min(0).max(3_600_000),
  z.string().regex(DURATION, { error: "must be a duration such as 500ms, 2s or 1m" }),
])
