import { invariant } from '../errors/invariant.ts'
import type { GraphTensor } from '../graph/InferenceSession.ts'

/** The float32 output `name` of a run. */
export function floatOutput(outputs: Readonly<Record<string, GraphTensor>>, name: string): Float32Array {
  const output = outputs[name]
  invariant(output?.type === 'float32', `the graph gave no float32 output ${name}`)
  return output.data
}
