/** WebAssembly instructions as bytes; an expression is the instructions that leave its value on the stack. */
export type Code = readonly number[]

export const get = (local: number): Code => [0x20, local]
export const set = (local: number, value: Code): Code => [...value, 0x21, local]
export const run = (...steps: readonly Code[]): Code => steps.flat()
export const giveBack = (value: Code): Code => [...value, 0x0f]

const unary =
  (...opcode: number[]) =>
  (value: Code): Code => [...value, ...opcode]
const binary =
  (...opcode: number[]) =>
  (left: Code, right: Code): Code => [...left, ...right, ...opcode]

export const i32 = {
  const: (value: number): Code => [0x41, ...signedLeb(BigInt(value))],
  isZero: unary(0x45),
  greater: binary(0x4a),
  atLeast: binary(0x4f),
  add: binary(0x6a),
  sub: binary(0x6b),
  from64: unary(0xa7),
}

export const i64 = {
  const: (value: bigint): Code => [0x42, ...signedLeb(BigInt.asIntN(64, value))],
  load: (address: number): Code => [...i32.const(0), 0x29, 3, ...leb(address)],
  store: (address: number, value: Code): Code => [...i32.const(0), ...value, 0x37, 3, ...leb(address)],
  isZero: unary(0x50),
  differ: binary(0x52),
  trailingZeros: unary(0x7a),
  ones: unary(0x7b),
  sub: binary(0x7d),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shiftLeft: binary(0x86),
  shiftRightSigned: binary(0x87),
  shiftRight: binary(0x88),
  from32: unary(0xad),
  not: (value: Code): Code => i64.xor(value, i64.const(-1n)),
}

/** Vectors of 16 bytes. */
export const v128 = {
  load: (address: Code, offset: number): Code => [...address, 0xfd, 0x00, 0, ...leb(offset)],
  store: (address: Code, offset: number, value: Code): Code => [...address, ...value, 0xfd, 0x0b, 0, ...leb(offset)],
  fill: (byte: number): Code => [0xfd, 0x0c, ...new Array<number>(16).fill(byte)],
  equal: binary(0xfd, 0x23),
  and: binary(0xfd, 0x4e),
  /** The bits of the first that the second has not. */
  andNot: binary(0xfd, 0x4f),
  or: binary(0xfd, 0x50),
  any: unary(0xfd, 0x53),
  /** One bit for each byte, its highest. */
  bits: unary(0xfd, 0x64),
}

export const when = (condition: Code, then: Code, otherwise: Code = []): Code => [
  ...condition,
  0x04,
  0x40,
  ...then,
  ...(otherwise.length > 0 ? [0x05, ...otherwise] : []),
  0x0b,
]

/** Runs the body while the condition holds; neither may branch outside of itself. */
export const loopWhile = (condition: Code, body: Code): Code => [0x03, 0x40, ...when(condition, [...body, 0x0c, 1]), 0x0b]

const TYPES = { i32: 0x7f, i64: 0x7e, v128: 0x7b } as const

/** A module of one function of i32 parameters and an i32 result, exported as `run`, with one page (64 KiB) of `memory`. */
export function wasmModule(parameters: number, locals: readonly (keyof typeof TYPES)[], body: Code): WebAssembly.Module {
  const declared = locals.flatMap((type) => [1, TYPES[type]])
  const code = [...leb(locals.length), ...declared, ...body, 0x0b]
  const name = (text: string) => [text.length, ...Buffer.from(text)]
  const section = (id: number, content: Code) => [id, ...leb(content.length), ...content]
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters, ...new Array<number>(parameters).fill(TYPES.i32), 1, TYPES.i32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("run"), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ])
  return new WebAssembly.Module(bytes)
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]
}

function signedLeb(value: bigint): number[] {
  const low = Number(value & 0x7fn)
  const rest = value >> 7n
  const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)
  return done ? [low] : [low | 0x80, ...signedLeb(rest)]
}
