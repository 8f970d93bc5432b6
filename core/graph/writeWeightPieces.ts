import { roundToFloat16 } from '../bytes/roundToFloat16.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import { BYTES_PER_NUMBER, type PlannedWeight, pieceName, type WeightPart, type WeightPlan } from './WeightPlan.ts'

/** Largest finite float16. */
const MAX_FLOAT16 = 65504

/** One file of external data. */
export interface WeightPiece {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The pieces of `plan` in order; one piece and one weight are in memory at a time. */
export async function* writeWeightPieces(plan: WeightPlan): AsyncGenerator<WeightPiece> {
  const parts = plan.weights.flatMap((weight) => weight.parts.map((part) => ({ weight, part })))
  let loaded: PlannedWeight | undefined
  let numbers: Float32Array | Int8Array = new Float32Array()
  for (const [piece, byteLength] of plan.pieceBytes.entries()) {
    const bytes = new Uint8Array(byteLength)
    for (const { weight, part } of parts.filter(({ part }) => part.piece === piece)) {
      if (loaded !== weight) numbers = await weight.load()
      loaded = weight
      writePart(bytes, weight, part, numbers)
    }
    yield { name: pieceName(piece), bytes }
  }
}

function writePart(
  bytes: Uint8Array<ArrayBuffer>,
  { name, shape, precision }: PlannedWeight,
  { startRow, endRow, byteOffset, byteLength }: WeightPart,
  numbers: Float32Array | Int8Array,
): void {
  const rowLength = byteLength / (endRow - startRow) / BYTES_PER_NUMBER[precision]
  invariant(numbers.length === rowLength * (shape[0] ?? 1), `${name} has ${numbers.length} numbers, planned ${shape}`)
  const rows = numbers.subarray(startRow * rowLength, endRow * rowLength)
  if (rows instanceof Int8Array) {
    invariant(precision === 'i8', `${name}: quotients for ${precision}`)
    new Int8Array(bytes.buffer, byteOffset, rows.length).set(rows)
  } else if (precision === 'f32') {
    new Float32Array(bytes.buffer, byteOffset, rows.length).set(rows)
  } else {
    invariant(precision === 'f16', `${name}: numbers for ${precision}, expected quotients`)
    new Uint16Array(bytes.buffer, byteOffset, rows.length).set(roundWithinRange(rows, name))
  }
}

function roundWithinRange(numbers: Float32Array, name: string): Uint16Array {
  const tooLarge = numbers.find((number) => Math.abs(number) > MAX_FLOAT16)
  if (tooLarge === undefined) return roundToFloat16(numbers)
  throw new AtlasError('format/unsupported', `${name}: ${tooLarge} is beyond float16, which ends at ${MAX_FLOAT16}`)
}
