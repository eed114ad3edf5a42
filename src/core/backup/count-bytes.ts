import { Transform } from 'node:stream'

/** Lets bytes through and tells of each chunk's length. */
export function countBytes(onChunk: (bytes: number) => void): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, next) => {
      onChunk(chunk.length)
      next(undefined, chunk)
    },
  })
}
