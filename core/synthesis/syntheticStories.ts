import { RandomStream } from './RandomStream.ts'
import type { SyntheticVocabulary } from './syntheticVocabulary.ts'

/** Size of a corpus. */
export interface CorpusShape {
  readonly storyCount: number
  /** Tokens of a story with its end token, on average. */
  readonly meanTokens: number
  /** No story has more tokens, its end token included. */
  readonly maxTokens: number
}

/** Zipf and Mandelbrot: the word of rank r has a probability proportional to 1 / (r + 2.7). */
const RANK_OFFSET = 2.7
/** Standard deviation of the logarithm of a story's length. */
const LENGTH_SPREAD = 0.35
const LEAST_TOKENS = 6
/** Each word has so many words that like to follow it, and each story so many of its own. */
const FOLLOWER_COUNT = 8
const TOPIC_COUNT = 10
const FOLLOWER_SHARE = 0.35
const TOPIC_SHARE = 0.15
const SUFFIX_SHARE = 0.08
const COMMA_SHARE = 0.08
const SENTENCE_WORDS = { least: 4, most: 14 }
/** What a word takes at most: itself, a suffix, a comma. */
const WORD_TOKENS = 3
const SENTENCE_ENDS = ['.', '.', '.', '.', '.', '.', '.', '.', '!', '?']

/**
 * Stories of made-up words, one after the other: frequencies of a language, words that follow each other, words of a
 * story, sentences. A story depends on seed and number only, so a longer corpus begins with the shorter one.
 */
export function* syntheticStories(
  vocabulary: SyntheticVocabulary,
  { storyCount, meanTokens, maxTokens }: CorpusShape,
  seed: number,
): Generator<string> {
  const language = buildLanguage(vocabulary, seed)
  for (let story = 0; story < storyCount; story++) {
    const stream = new RandomStream(seed, `story ${story}`)
    const logLength = Math.log(meanTokens) - LENGTH_SPREAD ** 2 / 2 + LENGTH_SPREAD * stream.normal()
    const length = Math.round(Math.min(maxTokens, Math.max(LEAST_TOKENS, Math.exp(logLength))))
    yield tellStory(language, length - 1, stream)
  }
}

interface Language {
  readonly words: readonly string[]
  readonly known: ReadonlySet<string>
  /** Without their "##". */
  readonly suffixes: readonly string[]
  /** Sum of the probabilities of the words to this one, up to a factor. */
  readonly cumulative: Float64Array
  /** FOLLOWER_COUNT words a word. */
  readonly followers: Uint32Array
}

function buildLanguage({ words, suffixes }: SyntheticVocabulary, seed: number): Language {
  const cumulative = new Float64Array(words.length)
  let sum = 0
  for (let rank = 0; rank < words.length; rank++) {
    sum += 1 / (rank + 1 + RANK_OFFSET)
    cumulative[rank] = sum
  }
  const stream = new RandomStream(seed, 'followers')
  const followers = Uint32Array.from({ length: words.length * FOLLOWER_COUNT }, () => drawWord(cumulative, stream))
  const known = new Set(words)
  return { words, known, suffixes: suffixes.map((suffix) => suffix.slice(2)), cumulative, followers }
}

/** A text of at most `tokenCount` tokens, and few less. */
function tellStory(language: Language, tokenCount: number, stream: RandomStream): string {
  const topics = Array.from({ length: TOPIC_COUNT }, () => stream.integer(language.words.length))
  const next = (previous: number): number => {
    const choice = stream.uniform()
    if (choice < TOPIC_SHARE) return topics[stream.integer(TOPIC_COUNT)] ?? 0
    if (choice >= TOPIC_SHARE + FOLLOWER_SHARE) return drawWord(language.cumulative, stream)
    return language.followers[previous * FOLLOWER_COUNT + stream.integer(FOLLOWER_COUNT)] ?? 0
  }
  const sentences: Sentence[] = []
  let left = tokenCount
  let word = drawWord(language.cumulative, stream)
  while (left > WORD_TOKENS) {
    const sentence = tellSentence(language, word, left, next, stream)
    sentences.push(sentence)
    left -= sentence.tokenCount
    word = next(sentence.lastWord)
  }
  return sentences.map(({ text }) => text).join(' ')
}

interface Sentence {
  readonly text: string
  readonly tokenCount: number
  readonly lastWord: number
}

/** A sentence of at most `limit` tokens that begins with `firstWord`. */
function tellSentence(
  language: Language,
  firstWord: number,
  limit: number,
  next: (previous: number) => number,
  stream: RandomStream,
): Sentence {
  const mark = SENTENCE_ENDS[stream.integer(SENTENCE_ENDS.length)] ?? '.'
  let wordsLeft = SENTENCE_WORDS.least + stream.integer(SENTENCE_WORDS.most - SENTENCE_WORDS.least + 1)
  let text = ''
  let tokenCount = 1
  let word = firstWord
  for (;;) {
    const stem = language.words[word] ?? ''
    const suffix = stream.uniform() < SUFFIX_SHARE ? drawSuffix(language, stem, stream) : ''
    text += stem + suffix
    tokenCount += suffix === '' ? 1 : 2
    wordsLeft--
    if (wordsLeft === 0 || tokenCount + WORD_TOKENS > limit) return { text: text + mark, tokenCount, lastWord: word }
    const hasComma = stream.uniform() < COMMA_SHARE
    text += hasComma ? ', ' : ' '
    tokenCount += hasComma ? 1 : 0
    word = next(word)
  }
}

/** A suffix, or none where a tokenizer that takes the longest piece first would split the two elsewhere. */
function drawSuffix({ suffixes, known }: Language, stem: string, stream: RandomStream): string {
  const suffix = suffixes[stream.integer(suffixes.length)] ?? ''
  const isSplitElsewhere = [...suffix].some((_, i) => known.has(stem + suffix.slice(0, i + 1)))
  return isSplitElsewhere ? '' : suffix
}

/** A word by its frequency. */
function drawWord(cumulative: Float64Array, stream: RandomStream): number {
  const wanted = stream.uniform() * (cumulative.at(-1) ?? 0)
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cumulative[middle] ?? 0) > wanted) high = middle
    else low = middle + 1
  }
  return low
}
