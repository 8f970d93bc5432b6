import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import type { Precision } from './Precision.ts'

/** One tensor of the graphs' external data. */
export interface PlannedWeight {
  readonly name: string
  /** As stored, row-major. */
  readonly shape: readonly number[]
  readonly precision: Precision
  /** One part, or several where the tensor is larger than a piece: slices along axis 0, in order. */
  readonly parts: readonly WeightPart[]
  /** All numbers in the stored order: float32, or the quotients where the precision is i8. */
  load(): Promise<Float32Array | Int8Array>
}

/** Rows `startRow` ≤ row < `endRow` of a weight, and where their bytes lie. */
export interface WeightPart {
  readonly name: string
  readonly startRow: number
  readonly endRow: number
  readonly piece: number
  readonly byteOffset: number
  readonly byteLength: number
}

/** Static hosts refuse files of 50 MB and more. */
const MAX_PIECE_BYTES = 48_000_000

/** Offsets are multiples of this, so that a piece can be read in place as numbers of any width. */
const ALIGNMENT = 64

export const BYTES_PER_NUMBER = { f32: 4, f16: 2, i8: 1 } as const

/** File name of a piece, e.g. "weights-00.bin". */
export const pieceName = (piece: number): string => `weights-${String(piece).padStart(2, '0')}.bin`

/** Lays the weights of the graphs out in pieces, from their shapes alone; the numbers are read when pieces are written. */
export class WeightPlan {
  readonly #weights = new Map<string, PlannedWeight>()
  readonly #maxPieceBytes: number
  #pieceBytes = [0]
  #lastRead: { readonly tensor: WeightTensor; readonly numbers: Promise<Float32Array> } | null = null

  constructor(maxPieceBytes = MAX_PIECE_BYTES) {
    this.#maxPieceBytes = maxPieceBytes
  }

  get weights(): readonly PlannedWeight[] {
    return [...this.#weights.values()]
  }

  /** Bytes of each piece, in order. */
  get pieceBytes(): readonly number[] {
    return this.#pieceBytes
  }

  /** The weight of that name, laid out behind the others when it is first asked for. */
  add(weight: Omit<PlannedWeight, 'parts'>): PlannedWeight {
    const known = this.#weights.get(weight.name)
    if (known !== undefined) {
      invariant(`${known.shape}` === `${weight.shape}`, `${weight.name} planned as ${known.shape} and ${weight.shape}`)
      return known
    }
    const planned = { ...weight, parts: this.#layOut(weight) }
    this.#weights.set(weight.name, planned)
    return planned
  }

  /** The numbers of `tensor`, kept until another is asked for: several weights in a row may be made of the same one. */
  read(tensor: WeightTensor): Promise<Float32Array> {
    if (this.#lastRead?.tensor !== tensor) this.#lastRead = { tensor, numbers: tensor.read() }
    return this.#lastRead.numbers
  }

  /** Lets the weights added from here on begin a piece of their own, so that a graph without them need not load them. */
  startPiece(): void {
    if (this.#pieceBytes.at(-1) !== 0) this.#pieceBytes.push(0)
  }

  #layOut({ name, shape, precision }: Omit<PlannedWeight, 'parts'>): WeightPart[] {
    const [rowCount = 1, ...rowShape] = shape
    const rowBytes = rowShape.reduce((product, length) => product * length, BYTES_PER_NUMBER[precision])
    const rowsPerPart = Math.min(rowCount, Math.floor(this.#maxPieceBytes / rowBytes))
    if (rowsPerPart === 0) {
      throw new AtlasError('format/too-large', `${name}: a row has ${rowBytes} bytes, at most ${this.#maxPieceBytes}`)
    }
    const parts: WeightPart[] = []
    for (let startRow = 0; startRow < rowCount; startRow += rowsPerPart) {
      const endRow = Math.min(rowCount, startRow + rowsPerPart)
      const byteLength = (endRow - startRow) * rowBytes
      const partName = rowsPerPart === rowCount ? name : `${name}#${parts.length}`
      parts.push({ name: partName, startRow, endRow, byteLength, ...this.#place(byteLength) })
    }
    return parts
  }

  #place(byteLength: number): { piece: number; byteOffset: number } {
    const aligned = Math.ceil((this.#pieceBytes.at(-1) ?? 0) / ALIGNMENT) * ALIGNMENT
    if (aligned > 0 && aligned + byteLength > this.#maxPieceBytes) this.#pieceBytes.push(0)
    const piece = this.#pieceBytes.length - 1
    const byteOffset = this.#pieceBytes[piece] === 0 ? 0 : aligned
    this.#pieceBytes[piece] = byteOffset + byteLength
    return { piece, byteOffset }
  }
}
