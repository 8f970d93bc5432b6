import { type FoldedText, foldText } from './foldText.ts'
import { joinBytePieces } from './joinBytePieces.ts'
import { categoryIndex } from './tokenCategories.ts'
import type { TokenPiece } from './tokenPieces.ts'

/** A word of a text as a tagger splits it, offsets in UTF-16 units, with its category (index of TOKEN_CATEGORIES). */
export interface TaggedWord {
  readonly start: number
  readonly end: number
  readonly category: number
}

/** In place of a category where a token could not be found in the text. */
export const UNALIGNED = -1

const SPECIAL = categoryIndex('special')
const PUNCT = categoryIndex('PUNCT')

/** Characters that must agree where the place in the text was lost. */
const SURE_CHARACTERS = 12
/** How far ahead a lost place is looked for. */
const SEARCH_CHARACTERS = 512

/**
 * The category of each token of a story: that of the word of `text` most of its characters are of (the first of equals), and
 * punctuation for signs that stand inside a word ("e-mail"). `words` are ascending. Normalizers may have changed letters,
 * unknown tokens swallow words and the end may be cut; a token found nowhere is UNALIGNED.
 */
export function alignPieces(
  text: string,
  words: readonly TaggedWord[],
  storyPieces: readonly (TokenPiece | null)[],
): Int8Array {
  const pieces = joinBytePieces(storyPieces)
  const source = foldText(text)
  const wordOf = locateWords(source, words)
  const categories = new Int8Array(pieces.length).fill(UNALIGNED)
  let at = 0
  let lost = false
  for (const [i, piece] of pieces.entries()) {
    if (piece === null || piece === undefined || piece.kind === 'bytes') continue
    if (piece.kind !== 'text') {
      categories[i] = SPECIAL
      if (piece.kind === 'special' && source.folded.startsWith(piece.folded, at)) at += piece.folded.length
      if (piece.kind === 'unknown') {
        at = piece.wholeWord ? nextStart(source, at) : at + 1
        lost = true
      }
    } else if (piece.folded === '') {
      categories[i] = categories[i - 1] ?? UNALIGNED
    } else {
      const found = !lost && source.folded.startsWith(piece.folded, at) ? at : findAgain(source, at, pieces, i)
      if (found === null) continue
      at = found + piece.folded.length
      lost = false
      categories[i] = categoryOf(text, words, wordOf.subarray(found, at), piece.punctuation)
    }
  }
  return categories
}

/** For each folded character its word, -1 between words. */
function locateWords({ offsets }: FoldedText, words: readonly TaggedWord[]): Int32Array {
  let next = 0
  return offsets.map((offset) => {
    while (next < words.length && (words[next]?.end ?? 0) <= offset) next += 1
    const word = words[next]
    return word !== undefined && word.start <= offset ? next : -1
  })
}

function nextStart({ starts }: FoldedText, at: number): number {
  const found = starts.indexOf(1, at + 1)
  return found < 0 ? starts.length : found
}

/** Where, from `at` on, the text goes on as the tokens from `i` on do, or right at `at` as token `i` alone; null where nowhere. */
function findAgain(
  { folded, starts }: FoldedText,
  at: number,
  pieces: readonly (TokenPiece | null)[],
  i: number,
): number | null {
  let ahead = ''
  for (let k = i; k < pieces.length && ahead.length < SURE_CHARACTERS; k++) {
    const piece = pieces[k]
    if (piece?.kind === 'space') continue
    if (piece?.kind !== 'text') break
    ahead += piece.folded
  }
  const first = pieces[i]
  if (first?.kind !== 'text') return null
  for (let found = folded.indexOf(ahead, at); found >= 0 && found <= at + SEARCH_CHARACTERS; ) {
    if (!first.starts || starts[found] === 1) return found
    found = folded.indexOf(ahead, found + 1)
  }
  return folded.startsWith(first.folded, at) ? at : null
}

function categoryOf(text: string, words: readonly TaggedWord[], wordOf: Int32Array, isPunctuation: boolean): number {
  const word = words[commonest(wordOf)]
  if (word === undefined) return UNALIGNED
  if (isPunctuation && /[\p{L}\p{N}]/u.test(text.slice(word.start, word.end))) return PUNCT
  return word.category
}

/** The word most of the characters are of, the first of equals; -1 where they are of none. Words are ascending. */
function commonest(wordOf: Int32Array): number {
  let best = -1
  let bestLength = 0
  let start = 0
  for (let k = 1; k <= wordOf.length; k++) {
    if (k < wordOf.length && wordOf[k] === wordOf[start]) continue
    const word = wordOf[start] ?? -1
    if (word >= 0 && k - start > bestLength) {
      best = word
      bestLength = k - start
    }
    start = k
  }
  return best
}
