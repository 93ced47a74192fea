import { type Code, get, giveBack, i32, i64, loopWhile, run, set, v128, wasmModule, when } from "./wasm.ts"

/**
 * The ends of JSON strings and brackets, 64 bytes at a time in WebAssembly vectors. Measured per MB: 0.08 to 0.25 ms whatever the text is like;
 * byte loops with native searches take 0.07 ms for plain prose, but 0.3 to 0.7 for text with escapes and 1.4 to 1.8 for tool schemas;
 * `JSON.parse` takes 0.2 to 3.3. Blocks are copied in, so the memory is one page for ever.
 */
const BLOCK = 16_384
/** A value rarely needs more than this, and copying costs as much as scanning. */
const FIRST_BLOCK = 1024
const STATE = BLOCK + 64
const SPACE = 0x20

// Parameters and locals
const SIZE = 0
const DEPTH = 1
const AT = 2
const STRING = 3
const ESCAPE = 4
const VECTORS = [5, 6, 7, 8]
const QUOTES = 9
const SLASHES = 10
const OPENS = 11
const CLOSES = 12
const REST = 13
const LOCALS = ["i32", "i64", "i64", "v128", "v128", "v128", "v128", "i64", "i64", "i64", "i64", "i64"] as const

/** One bit for each of the 64 bytes, lowest first: whether it is this byte. */
function bitsOf(byte: number): Code {
  const [a = [], b = [], c = [], d = []] = VECTORS.map((vector, index) => {
    const bits = i64.from32(v128.bits(v128.equal(get(vector), v128.fill(byte))))
    return index === 0 ? bits : i64.shiftLeft(bits, i64.const(BigInt(16 * index)))
  })
  return i64.or(i64.or(a, b), i64.or(c, d))
}

/** Turns quotes into spans: each bit becomes the xor of itself and all lower ones. */
const spread: Code = run(
  set(REST, get(QUOTES)),
  ...[1n, 2n, 4n, 8n, 16n, 32n].map((shift) => set(REST, i64.xor(get(REST), i64.shiftLeft(get(REST), i64.const(shift))))),
)

const ODD_BITS = i64.const(0xaaaaaaaaaaaaaaaan)

/** Takes away the escaped quotes. A run of backslashes is told even or odd by the carries of a subtraction, as simdjson does it. */
const dropEscaped: Code = run(
  set(REST, i64.and(get(SLASHES), i64.not(get(ESCAPE)))),
  set(REST, i64.xor(i64.sub(i64.or(i64.shiftLeft(get(REST), i64.const(1n)), ODD_BITS), get(REST)), ODD_BITS)),
  set(QUOTES, i64.and(get(QUOTES), i64.not(i64.xor(get(REST), i64.or(get(SLASHES), get(ESCAPE)))))),
  set(ESCAPE, i64.shiftRight(i64.and(get(REST), get(SLASHES)), i64.const(63n))),
)

const lowest = (mask: number): Code => i64.and(get(mask), i64.sub(i64.const(0n), get(mask)))
const offsetOf = (mask: number): Code => i32.add(get(AT), i32.from64(i64.trailingZeros(get(mask))))

/** Counts brackets one by one, where the depth may come to 0. */
const countEach: Code = run(
  set(REST, i64.or(get(OPENS), get(CLOSES))),
  loopWhile(
    i64.differ(get(REST), i64.const(0n)),
    run(
      when(
        i64.isZero(i64.and(get(OPENS), lowest(REST))),
        run(set(DEPTH, i32.sub(get(DEPTH), i32.const(1))), when(i32.isZero(get(DEPTH)), giveBack(offsetOf(REST)))),
        set(DEPTH, i32.add(get(DEPTH), i32.const(1))),
      ),
      set(REST, i64.and(get(REST), i64.sub(get(REST), i64.const(1n)))),
    ),
  ),
)

/** What `run` gives back when it met a backslash outside of a string. */
const STRAY = -2

/** REST holds the bytes outside of strings; those from a stray backslash on are not counted. `[` and `{`, and `]` and `}`, differ in bit 0x20 only. */
const countBrackets: Code = run(
  set(SLASHES, i64.and(get(SLASHES), get(REST))),
  when(i64.differ(get(SLASHES), i64.const(0n)), set(REST, i64.and(get(REST), i64.sub(lowest(SLASHES), i64.const(1n))))),
  ...VECTORS.map((vector) => set(vector, v128.or(get(vector), v128.fill(0x20)))),
  set(OPENS, i64.and(get(REST), bitsOf(0x7b))),
  set(CLOSES, i64.and(get(REST), bitsOf(0x7d))),
  when(
    i32.greater(get(DEPTH), i32.from64(i64.ones(get(CLOSES)))),
    set(DEPTH, i32.add(get(DEPTH), i32.from64(i64.sub(i64.ones(get(OPENS)), i64.ones(get(CLOSES)))))),
    countEach,
  ),
  when(i64.differ(get(SLASHES), i64.const(0n)), giveBack(i32.const(STRAY))),
)

const marks = VECTORS.map((vector) => v128.or(v128.equal(get(vector), v128.fill(0x22)), v128.equal(get(vector), v128.fill(0x5c))))

/** Inside of a string, with nothing that could end it. */
const isPlain: Code = i64.isZero(
  i64.or(i64.or(get(ESCAPE), i64.not(get(STRING))), i64.from32(v128.any(marks.reduce((left, right) => v128.or(left, right))))),
)

const scanMarked: Code = run(
  set(QUOTES, bitsOf(0x22)),
  set(SLASHES, bitsOf(0x5c)),
  when(i64.differ(i64.or(get(SLASHES), get(ESCAPE)), i64.const(0n)), dropEscaped),
  set(REST, get(STRING)),
  when(
    i64.differ(get(QUOTES), i64.const(0n)),
    run(
      when(i32.isZero(get(DEPTH)), giveBack(offsetOf(QUOTES))),
      spread,
      set(REST, i64.xor(get(REST), get(STRING))),
      set(STRING, i64.shiftRightSigned(get(REST), i64.const(63n))),
    ),
  ),
  set(REST, i64.not(get(REST))),
  when(i64.differ(get(REST), i64.const(0n)), countBrackets),
)

const scanBlock: Code = run(
  ...VECTORS.map((vector, index) => set(vector, v128.load(get(AT), 16 * index))),
  when(i32.isZero(isPlain), scanMarked),
  set(AT, i32.add(get(AT), i32.const(64))),
)

const scan: Code = run(
  set(STRING, i64.load(STATE)),
  set(ESCAPE, i64.load(STATE + 8)),
  loopWhile(i32.isZero(i32.atLeast(get(AT), get(SIZE))), scanBlock),
  i64.store(STATE, get(STRING)),
  i64.store(STATE + 8, get(ESCAPE)),
  i64.store(STATE + 16, i64.from32(get(DEPTH))),
  i32.const(-1),
)

interface Kernel {
  readonly memory: WebAssembly.Memory
  /** The offset of what ends it, STRAY, or -1 with the state kept for the next block. */
  run(size: number, depth: number): number
}

interface Machine {
  readonly kernel: Kernel
  readonly block: Uint8Array
  readonly state: BigInt64Array
}
let machine: Machine | undefined

/** Assembled with the first body, not while the program starts. */
function assembled(): Machine {
  const kernel = new WebAssembly.Instance(wasmModule(2, LOCALS, scan)).exports as unknown as Kernel
  const { buffer } = kernel.memory
  machine = { kernel, block: new Uint8Array(buffer, 0, STATE), state: new BigInt64Array(buffer, STATE, 3) }
  return machine
}

/** The offset after the closing quote of the string that `from` is inside of, not just behind a backslash; -1 if it does not end. */
export function stringEnd(body: Uint8Array, from: number): number {
  return find(body, from, 0, true)
}

/**
 * The offset after the bracket that closes the `depth` open ones, where `from` may be inside of a string, as above; -1 if they are not
 * closed or a backslash stands outside of a string, where JSON has none.
 */
export function bracketEnd(body: Uint8Array, from: number, depth: number, inString = false): number {
  return find(body, from, depth, inString)
}

/** Depth 0 asks for the end of the string. */
function find(body: Uint8Array, from: number, depth: number, inString: boolean): number {
  const { kernel, block, state } = machine ?? assembled()
  state[0] = inString ? -1n : 0n
  state[1] = 0n
  let levels = depth
  let size = FIRST_BLOCK
  for (let at = from; at < body.length; at += size, size = BLOCK) {
    if (at > from) levels = Number(state[2])
    const part = body.subarray(at, at + size)
    block.set(part)
    if (part.length < size) block.fill(SPACE, part.length, part.length + 64)
    const end = kernel.run(part.length, levels)
    if (end >= 0) return at + end + 1
    if (end === STRAY) return -1
  }
  return -1
}
