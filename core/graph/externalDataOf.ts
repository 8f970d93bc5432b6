import { readModel } from '../onnx/model.ts'

/** The files a graph's weights lie in, relative to its own, e.g. "weights-00.bin"; each once, in order of first use. */
export function externalDataOf(graphBytes: Uint8Array): string[] {
  const { graph } = readModel(graphBytes, 'graph')
  const locations = graph.initializer.flatMap(({ externalData }) =>
    externalData.flatMap(({ key, value }) => (key === 'location' && value !== undefined ? [value] : [])),
  )
  return [...new Set(locations)]
}
