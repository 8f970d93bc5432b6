import type { ReadGraphWeight } from '../graph/createGraphWeightReader.ts'
import type { GraphTensor } from '../graph/InferenceSession.ts'
import { causalImportancePort, innerActivationPort } from '../graph/ports.ts'
import { floatOutput } from '../inference/floatOutput.ts'
import { readScalarCiFunction, type ScalarCiRun } from '../inference/readScalarCiFunction.ts'
import type { SparseCi } from '../inference/SparseCi.ts'
import { sparseOf } from '../inference/sparseOf.ts'

/** Reads the causal importances of one module from a session on `observe`. */
export interface CiReader {
  readonly modulePath: string
  /** Subcomponents the graph holds: columns of a SparseCi, and of the module's mask. */
  readonly columnCount: number
  /** The output of `observe` it reads. */
  readonly output: string
  /** Of a run over `rowCount` positions; the reader's own until its next call. */
  read(outputs: Readonly<Record<string, GraphTensor>>, rowCount: number): SparseCi
}

/** Evaluates the module's CI functions outside the graph where that can be, and decides activity at `threshold` exactly. */
export function createCiReader(
  run: ScalarCiRun,
  { path, columnCount }: { readonly path: string; readonly columnCount: number },
  readWeight: ReadGraphWeight,
  threshold: number,
): CiReader {
  const scalar = readScalarCiFunction(run, { path, c: columnCount }, readWeight, [threshold])
  const output = scalar === null ? causalImportancePort(path) : innerActivationPort(path)
  return {
    modulePath: path,
    columnCount,
    output,
    read: (outputs, rowCount) => {
      const numbers = floatOutput(outputs, output)
      return scalar === null ? sparseOf(numbers, rowCount, columnCount) : scalar.evaluateSparse(numbers, rowCount)
    },
  }
}
