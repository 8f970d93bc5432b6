import { AtlasError } from '../errors/AtlasError.ts'
import { type CorpusActivity, createCorpusActivity } from '../statistics/CorpusActivity.ts'
import type { HarvestSettings } from '../statistics/HarvestSettings.ts'
import { createWholeNumberReader, createWholeNumberWriter } from './wholeNumbers.ts'

/** First numbers of the file: "SPDT", then the version of its layout. */
const MAGIC = 0x54445053
const VERSION = 2

/** Counts of a corpus as whole numbers: magic, version, then the fields of CorpusActivity in the order of their declaration. */
export function encodeCorpusActivity(corpus: CorpusActivity): Uint8Array<ArrayBuffer> {
  const writer = createWholeNumberWriter()
  const { storyCount, positionCount, sampledPositionCount } = corpus
  for (const number of [MAGIC, VERSION, storyCount, positionCount, sampledPositionCount]) writer.add([number])
  for (const array of arraysOf(corpus)) writer.add(array)
  return writer.bytes()
}

/** The counts of a file of `encodeCorpusActivity`; `place` is for messages. */
export function decodeCorpusActivity(bytes: Uint8Array, settings: HarvestSettings, place: string): CorpusActivity {
  const reader = createWholeNumberReader(bytes, place)
  if (reader.next() !== MAGIC) throw malformed(place, 'not the counts of a corpus')
  const version = reader.next()
  if (version !== VERSION) throw malformed(place, `layout version ${version}, expected ${VERSION}`)
  const corpus = createCorpusActivity(settings)
  corpus.storyCount = reader.next()
  corpus.positionCount = reader.next()
  corpus.sampledPositionCount = reader.next()
  for (const array of arraysOf(corpus)) reader.fill(array)
  reader.end()
  const occurrences = corpus.occurrences.reduce((sum, count) => sum + count, 0)
  if (occurrences === corpus.positionCount) return corpus
  throw malformed(place, `${occurrences} occurrences at ${corpus.positionCount} positions`)
}

function arraysOf(corpus: CorpusActivity): (Uint32Array | Float64Array)[] {
  return [corpus.occurrences, corpus.storiesByPosition, corpus.blockPositions, corpus.categoryCounts]
}

function malformed(place: string, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${place}: ${finding}`)
}
