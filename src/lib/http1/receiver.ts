import type { Arrived } from "./answer.ts"

/** Takes a body as it comes. Nothing that it does throws. */
export interface Receiver {
  /** A promise asks to be given nothing more until it has resolved. */
  piece(piece: Uint8Array): Promise<unknown> | undefined
  end(): void
  broke(reason: unknown): void
}

export interface Source {
  /** The next piece. */
  read(): Promise<Arrived>
  /** Gives the rest by itself: a call a piece, where reading costs promises. */
  pipe?(receiver: Receiver): void
}

/** Gives the rest of a body to the receiver. Nobody else reads it any more. */
export function pipe(source: Source, receiver: Receiver): void {
  if (source.pipe) source.pipe(receiver)
  else void readInto(source, receiver)
}

async function readInto(source: Source, receiver: Receiver): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await source.read()
      if (done) break
      const busy = receiver.piece(value)
      if (busy) await busy
    }
  } catch (error) {
    receiver.broke(error)
    return
  }
  receiver.end()
}
