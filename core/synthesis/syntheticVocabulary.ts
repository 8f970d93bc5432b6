import { AtlasError } from '../errors/AtlasError.ts'
import { RandomStream } from './RandomStream.ts'

/** The tokens of a synthetic run, by what they are for; ids follow the order of the fields. */
export interface SyntheticVocabulary {
  readonly special: readonly [unknown: string, endOfStory: string]
  readonly punctuation: readonly string[]
  /** a to z, alone and inside a word, so that whatever a visitor types has tokens. */
  readonly letters: readonly string[]
  /** Most frequent first. */
  readonly words: readonly string[]
  /** Written with their "##". */
  readonly suffixes: readonly string[]
}

const SPECIAL = ['[UNK]', '[EOS]'] as const
const PUNCTUATION = ['.', ',', '!', '?']
const ALPHABET = [...'abcdefghijklmnopqrstuvwxyz']
const LETTERS = [...ALPHABET, ...ALPHABET.map((letter) => `##${letter}`)]
/** What is neither special, punctuation nor letter; fewer words make no stories. */
const LEAST_WORDS = 40
/** One in so many of the rest is a suffix. */
const WORDS_PER_SUFFIX = 20

const ONSETS = [...'bdfgjklmnprstvwz', 'br', 'tr', 'st', 'pl', 'gr', 'sh']
const VOWELS = [...'aeiou', 'oo', 'ea']
const CODAS = ['', '', '', 'n', 'r', 's', 'l', 't', 'm']

/** A vocabulary of `size` made-up tokens; refuses a size without room for words (arguments/invalid). */
export function syntheticVocabulary(size: number, seed: number): SyntheticVocabulary {
  const rest = size - SPECIAL.length - PUNCTUATION.length - LETTERS.length
  if (rest < LEAST_WORDS) {
    throw new AtlasError(
      'arguments/invalid',
      `vocabulary of ${size} tokens, expected at least ${size - rest + LEAST_WORDS}`,
    )
  }
  const stream = new RandomStream(seed, 'vocabulary')
  const suffixCount = Math.floor(rest / WORDS_PER_SUFFIX)
  return {
    special: SPECIAL,
    punctuation: PUNCTUATION,
    letters: LETTERS,
    words: drawWords(rest - suffixCount, stream),
    suffixes: drawSuffixes(suffixCount, stream),
  }
}

/** All tokens in the order of their ids. */
export function tokensOf({ special, punctuation, letters, words, suffixes }: SyntheticVocabulary): readonly string[] {
  return [...special, ...punctuation, ...letters, ...words, ...suffixes]
}

/** Frequent words are short, as in any language: the number of syllables grows as the shorter ones are used up. */
function drawWords(count: number, stream: RandomStream): string[] {
  const words = new Set<string>()
  for (let attempt = 0; words.size < count; attempt++) {
    const syllables = 1 + Math.floor(Math.log10(1 + attempt / 40))
    words.add(Array.from({ length: syllables }, () => drawSyllable(stream)).join(''))
  }
  return [...words]
}

function drawSuffixes(count: number, stream: RandomStream): string[] {
  const suffixes = new Set<string>()
  for (let attempt = 0; suffixes.size < count; attempt++) {
    const syllables = 1 + Math.floor(attempt / 400)
    suffixes.add(`##${Array.from({ length: syllables }, () => drawSyllable(stream)).join('')}`)
  }
  return [...suffixes]
}

const drawSyllable = (stream: RandomStream): string =>
  [ONSETS, VOWELS, CODAS].map((parts) => parts[stream.integer(parts.length)] ?? '').join('')
