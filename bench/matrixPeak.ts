import { GraphBuilder } from '../core/onnx/GraphBuilder.ts'
import { matMul } from '../core/onnx/operators.ts'
import { createOpenSession } from '../pipeline/node/createOpenSession.ts'

const SIZE = 1024
const ROUNDS = 12

/** The most floating-point operations a second that ONNX Runtime does in a product of two 1024 × 1024 matrices. */
export async function measureMatrixPeak(threads: number): Promise<number> {
  const graph = new GraphBuilder('product')
  const [a, b] = [graph.input('a', 'float32', [SIZE, SIZE]), graph.input('b', 'float32', [SIZE, SIZE])]
  graph.output('c', matMul(graph, a, b), [SIZE, SIZE])
  const session = await createOpenSession(threads)(graph.write(), [])
  const data = Float32Array.from({ length: SIZE * SIZE }, (_, i) => Math.sin(i))
  const tensor = { type: 'float32', data, dims: [SIZE, SIZE] } as const
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now()
    await session.run({ a: tensor, b: tensor })
    best = Math.min(best, performance.now() - startedAt)
  }
  await session.close()
  return (2 * SIZE ** 3) / (best / 1000)
}
