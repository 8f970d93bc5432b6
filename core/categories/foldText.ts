/** A text's characters as every tokenizer's normalizer would have them: lower case, no accents, no white space. */
export interface FoldedText {
  readonly folded: string
  /** For each character of `folded`, the offset in the text (UTF-16 units) it comes from. */
  readonly offsets: Int32Array
  /** For each character of `folded`, 1 where a word may start: after white space, and before or after what is no letter. */
  readonly starts: Uint8Array
}

/** Compatibility decomposition, lower case, without marks, control characters and white space; one sigma. */
export function foldString(text: string): string {
  return text.toLowerCase().normalize('NFKD').toLowerCase().replace(DROPPED, '').replaceAll('ς', 'σ')
}

const DROPPED = /[\p{M}\p{C}\p{White_Space}\uFFFD]/gu
const LETTER = /[\p{L}\p{M}_]/u
/** Chinese characters, each a word to many tokenizers. */
const IDEOGRAPH = /\p{Ideographic}/u
const WHITE_SPACE = /[\p{White_Space}\p{Cc}]/u

/** Folds `text` character by character, keeping where each comes from. */
export function foldText(text: string): FoldedText {
  const offsets: number[] = []
  const starts: number[] = []
  let folded = ''
  let afterLetter = false
  for (let i = 0; i < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(i) ?? 0)
    const { fold, letter, space } = factsOf(character)
    for (let k = 0; k < fold.length; k++) {
      offsets.push(i)
      starts.push(k === 0 && !(letter && afterLetter) ? 1 : 0)
    }
    folded += fold
    if (fold !== '') afterLetter = letter
    else if (space) afterLetter = false
    i += character.length
  }
  return { folded, offsets: Int32Array.from(offsets), starts: Uint8Array.from(starts) }
}

interface CharacterFacts {
  readonly fold: string
  readonly letter: boolean
  readonly space: boolean
}

const known = new Map<string, CharacterFacts>()
/** Of all characters of Unicode a corpus uses few. */
const MOST_KNOWN = 65_536

function factsOf(character: string): CharacterFacts {
  const found = known.get(character)
  if (found !== undefined) return found
  const facts = {
    fold: foldString(character),
    letter: LETTER.test(character) && !IDEOGRAPH.test(character),
    space: WHITE_SPACE.test(character),
  }
  if (known.size < MOST_KNOWN) known.set(character, facts)
  return facts
}
