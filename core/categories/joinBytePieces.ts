import { describeText, type TokenPiece } from './tokenPieces.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The pieces of a story with runs of partial characters read together: a character belongs to the token of its first byte. */
export function joinBytePieces(pieces: readonly (TokenPiece | null)[]): readonly (TokenPiece | null)[] {
  if (!pieces.some((piece) => piece?.kind === 'bytes')) return pieces
  const joined = [...pieces]
  for (let i = 0; i < pieces.length; ) {
    const run: Uint8Array[] = []
    for (let piece = pieces[i]; piece?.kind === 'bytes'; piece = pieces[i + run.length]) run.push(piece.bytes)
    for (const [k, text] of splitRun(run).entries()) joined[i + k] = describeText(text, /^\s/.test(text))
    i += Math.max(1, run.length)
  }
  return joined
}

/** The text of each member of `run`: the characters whose first byte it holds. */
function splitRun(run: readonly Uint8Array[]): string[] {
  const bytes = Uint8Array.from(run.flatMap((part) => Array.from(part)))
  const isFirst = (byte: number): boolean => (byte & 0xc0) !== 0x80
  let at = 0
  return run.map((part) => {
    const partEnd = at + part.length
    let start = at
    while (start < partEnd && !isFirst(bytes[start] ?? 0)) start += 1
    let end = partEnd
    if (start < partEnd) while (end < bytes.length && !isFirst(bytes[end] ?? 0)) end += 1
    at = partEnd
    return decoder.decode(bytes.subarray(start, end))
  })
}
