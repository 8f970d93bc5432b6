import { foldString } from './foldText.ts'

/** What one token of a vocabulary says about the text it stands for. */
export type TokenPiece =
  | { readonly kind: 'special'; readonly folded: string }
  /** Stands for text outside the vocabulary: for one word, or for any number of characters. */
  | { readonly kind: 'unknown'; readonly wholeWord: boolean }
  | { readonly kind: 'space' }
  | {
      readonly kind: 'text'
      /** Empty where the token only adds to the character before it (an accent). */
      readonly folded: string
      /** Begins a word, white space or a sign before it. */
      readonly starts: boolean
      readonly punctuation: boolean
    }
  /** Part of a character, or of several. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

/** How a vocabulary writes where words begin: "##ing" continues one; "Ġword" (bytes) and "▁word" have a space before them. */
export type PieceNotation = 'wordPiece' | 'byteLevel' | 'metaspace' | 'plain'

/** The notation most of `tokenStrings` show. */
export function pieceNotationOf(tokenStrings: readonly (string | null)[]): PieceNotation {
  const share = (mark: string): number =>
    tokenStrings.filter((token) => token !== null && token.length > mark.length && token.startsWith(mark)).length
  const found = [
    { notation: 'wordPiece', count: share('##') },
    { notation: 'byteLevel', count: share('Ġ') },
    { notation: 'metaspace', count: share('▁') },
  ] as const
  const most = found.reduce((best, candidate) => (candidate.count > best.count ? candidate : best))
  return most.count === 0 ? 'plain' : most.notation
}

/** True where `token` goes on with a word that began before it ("##ing"; without the mark of a space and with a letter first). */
export function continuesWord(token: string, notation: PieceNotation): boolean {
  switch (notation) {
    case 'wordPiece':
      return token.length > 2 && token.startsWith('##')
    case 'byteLevel':
    case 'metaspace':
      return /^[\p{L}\p{N}]/u.test(token) && !token.startsWith('Ġ') && !token.startsWith('Ċ')
    case 'plain':
      return false
  }
}

/** Each token of a vocabulary, read in its notation; null for ids without a token. `specialIds` stand for no text. */
export function readTokenPieces(
  tokenStrings: readonly (string | null)[],
  specialIds: ReadonlySet<number>,
): readonly (TokenPiece | null)[] {
  const notation = pieceNotationOf(tokenStrings)
  return tokenStrings.map((token, id) => {
    if (token === null) return null
    return specialIds.has(id) ? readSpecial(token, notation) : readPiece(token, notation)
  })
}

function readSpecial(token: string, notation: PieceNotation): TokenPiece {
  if (/unk/i.test(token)) return { kind: 'unknown', wholeWord: notation === 'wordPiece' }
  return { kind: 'special', folded: foldString(token) }
}

function readPiece(token: string, notation: PieceNotation): TokenPiece {
  switch (notation) {
    case 'wordPiece': {
      const continues = continuesWord(token, notation)
      return describeText(continues ? token.slice(2) : token, !continues)
    }
    case 'byteLevel':
      return readBytes(byteLevelBytes(token))
    case 'metaspace': {
      const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1]
      if (byte !== undefined) return readBytes(Uint8Array.of(Number.parseInt(byte, 16)))
      return describeText(token.replaceAll('▁', ' '), token.startsWith('▁'))
    }
    case 'plain':
      return describeText(token, false)
  }
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readBytes(bytes: Uint8Array): TokenPiece {
  try {
    const text = strictDecoder.decode(bytes)
    return describeText(text, /^\s/.test(text))
  } catch (error) {
    if (error instanceof TypeError) return { kind: 'bytes', bytes }
    throw error
  }
}

/** The piece whose text is `text`, its notation taken off. */
export function describeText(text: string, starts: boolean): TokenPiece {
  if (text !== '' && text.trim() === '') return { kind: 'space' }
  return { kind: 'text', folded: foldString(text), starts, punctuation: /^\s*\p{P}+\s*$/u.test(text) }
}

/** Bytes that byte-level vocabularies write as the character of the same number; the other 68 follow from U+0100 on. */
const isWrittenAsItself = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174

const byteOfCharacter = ((): ReadonlyMap<string, number> => {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const others = bytes.filter((byte) => !isWrittenAsItself(byte))
  return new Map([
    ...bytes.filter(isWrittenAsItself).map((byte) => [String.fromCodePoint(byte), byte] as const),
    ...others.map((byte, i) => [String.fromCodePoint(256 + i), byte] as const),
  ])
})()

/** A character outside the notation (in a token added by hand) stands for itself. */
function byteLevelBytes(token: string): Uint8Array {
  const encoder = new TextEncoder()
  return Uint8Array.from(
    [...token].flatMap((character) => byteOfCharacter.get(character) ?? Array.from(encoder.encode(character))),
  )
}
