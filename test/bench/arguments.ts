/** The value after `--name` on our own command line. */
export function argument(name: string): string | undefined {
  const position = process.argv.indexOf(`--${name}`)
  return position < 0 ? undefined : process.argv[position + 1]
}

export const flag = (name: string): boolean => process.argv.includes(`--${name}`)
