import { AtlasError } from '../errors/AtlasError.ts'
import { createModuleActivity, type ModuleActivity } from '../statistics/Activity.ts'
import type { FiringSample } from '../statistics/FiringSample.ts'
import type { HarvestSettings } from '../statistics/HarvestSettings.ts'
import { createWholeNumberReader, createWholeNumberWriter, type WholeNumberReader } from './wholeNumbers.ts'

/** First numbers of the file: "SPDA", then the version of its layout. */
const MAGIC = 0x41445053
const VERSION = 2

/**
 * A module's activity as whole numbers (wholeNumbers.ts): magic, version, C, G, context, k, s, W; the arrays of
 * ModuleActivity in the order of their declaration; of each sample the sizes, then of the slots in use the keys, stories,
 * positions, bits of CI and of inner activation, and windows.
 */
export function encodeModuleActivity(activity: ModuleActivity): Uint8Array<ArrayBuffer> {
  const writer = createWholeNumberWriter()
  for (const number of [MAGIC, VERSION, ...sizesOf(activity)]) writer.add([number])
  for (const array of countsOf(activity)) writer.add(array)
  for (const sample of [activity.sampled, activity.strongest]) {
    writer.add(sample.sizes)
    for (const array of columnsOf(sample)) writer.add(inUse(array, sample))
  }
  return writer.bytes()
}

/** The activity of a file of `encodeModuleActivity`, of C subcomponents; `place` is for messages. */
export function decodeModuleActivity(
  bytes: Uint8Array,
  settings: HarvestSettings,
  C: number,
  place: string,
): ModuleActivity {
  const reader = createWholeNumberReader(bytes, place)
  if (reader.next() !== MAGIC) throw malformed(place, 'not the activity of a module')
  const version = reader.next()
  if (version !== VERSION) throw malformed(place, `layout version ${version}, expected ${VERSION}`)
  const activity = createModuleActivity(settings, C)
  const expected = sizesOf(activity)
  const found = expected.map(() => reader.next())
  if (found.join() !== expected.join()) throw malformed(place, `sizes ${found.join()}, expected ${expected.join()}`)
  for (const array of countsOf(activity)) reader.fill(array)
  for (const sample of [activity.sampled, activity.strongest]) fillSample(reader, sample, settings, place)
  reader.end()
  return activity
}

function sizesOf({ ciSums, binCounts, l0ByPosition, sampled, strongest }: ModuleActivity): number[] {
  const { capacity, windowLength } = sampled
  return [ciSums.length, binCounts.length, l0ByPosition.length, capacity, strongest.capacity, windowLength]
}

function countsOf(activity: ModuleActivity): (Uint32Array | Float64Array)[] {
  const { ciSums, binCounts, blockCounts, ciHistogram } = activity
  const { activationHistogram, sampledActivationHistogram, l0ByPosition } = activity
  return [ciSums, binCounts, blockCounts, ciHistogram, activationHistogram, sampledActivationHistogram, l0ByPosition]
}

/** A sample's arrays, floats as their bits. */
function columnsOf(sample: FiringSample): (Uint8Array | Uint32Array)[] {
  const { keys, stories, positions, causalImportances, innerActivations, windows } = sample
  const bits = (numbers: Float32Array) => new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length)
  return [keys, stories, positions, bits(causalImportances), bits(innerActivations), windows]
}

/** Numbers a slot has in one of the columns. */
function widthOf(array: Uint8Array | Uint32Array, { windowLength }: FiringSample): number {
  return array instanceof Uint8Array ? windowLength : 1
}

function inUse(array: Uint8Array | Uint32Array, sample: FiringSample): Uint8Array | Uint32Array {
  const width = widthOf(array, sample)
  const used = array.slice(0, slotsInUse(sample) * width)
  let length = 0
  for (let c = 0; c < sample.sizes.length; c++) {
    const first = c * sample.capacity * width
    const numbers = array.subarray(first, first + (sample.sizes[c] ?? 0) * width)
    used.set(numbers, length)
    length += numbers.length
  }
  return used
}

function slotsInUse({ sizes }: FiringSample): number {
  let sum = 0
  for (const size of sizes) sum += size
  return sum
}

function fillSample(reader: WholeNumberReader, sample: FiringSample, settings: HarvestSettings, place: string): void {
  const { sizes, bounds, keys, positions, capacity } = sample
  reader.fill(sizes)
  const tooLarge = sizes.find((size) => size > capacity)
  if (tooLarge !== undefined) throw malformed(place, `${tooLarge} examples of a subcomponent, at most ${capacity}`)
  const slots = slotsInUse(sample)
  for (const array of columnsOf(sample)) {
    const width = widthOf(array, sample)
    const used = reader.fill(array instanceof Uint8Array ? new Uint8Array(slots * width) : new Uint32Array(slots))
    for (let c = 0, start = 0; c < sizes.length; c++) {
      const length = (sizes[c] ?? 0) * width
      array.set(used.subarray(start, start + length), c * capacity * width)
      start += length
    }
  }
  const beyond = positions.find((position) => position >= settings.contextLength)
  if (beyond !== undefined) throw malformed(place, `example at position ${beyond} of ${settings.contextLength}`)
  for (let c = 0; c < sizes.length; c++) {
    if (sizes[c] === capacity && capacity > 0) bounds[c] = keys[(c + 1) * capacity - 1] ?? 0
  }
}

function malformed(place: string, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${place}: ${finding}`)
}
